package servicetest

import (
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/limit"
)

// deviceIsAllowedOnce checks that a device gets tokens after the session that looked up its
// code allowed it, and that only one of many polls at once gets them.
func deviceIsAllowedOnce(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	w.signUp("bob")
	ada, bob := w.principal("ada"), w.principal("bob")
	d, err := w.devices.Begin(w.ctx, device.Request{ClientName: "cli", Client: client("203.0.113.9")})
	w.must(err)
	poll := func() error { _, err := w.devices.Redeem(w.ctx, d.DeviceCode.Reveal(), "cli", home); return err }
	w.clock.Advance(d.Interval)
	w.want(poll(), device.ErrAuthorizationPending)
	w.want(poll(), device.ErrSlowDown)
	w.clock.Advance(d.Interval) // the interval is 10 seconds by now
	w.want(poll(), device.ErrSlowDown)
	w.clock.Advance(15 * time.Second)
	w.want(poll(), device.ErrAuthorizationPending)
	_, err = w.devices.Redeem(w.ctx, d.DeviceCode.Reveal(), "another", home)
	w.want(err, auth.ErrInvalidGrant)
	for _, code := range []string{d.UserCode, "x", "hp_dev_x"} {
		_, err = w.devices.Redeem(w.ctx, code, "", home)
		w.want(err, auth.ErrInvalidGrant)
	}

	g, err := w.devices.LookUp(w.ctx, ada, d.UserCode)
	w.must(err)
	if g.ClientName != "cli" || g.IP != "203.0.113.9" || g.Scopes != nil {
		t.Errorf("looked up %+v", g)
	}
	_, err = w.devices.LookUp(w.ctx, bob, d.UserCode)
	w.want(err, auth.ErrNotFound)
	w.want(w.devices.Decide(w.ctx, bob, d.UserCode, device.Deny), auth.ErrNotFound)
	// another session of hers
	w.want(w.devices.Decide(w.ctx, w.principal("ada"), d.UserCode, device.Allow), auth.ErrNotFound)
	w.want(w.devices.Decide(w.ctx, ada, d.UserCode, "maybe"), auth.ErrInvalidInput)
	w.want(w.devices.Decide(w.ctx, nil, d.UserCode, device.Allow), auth.ErrUnauthenticated)
	w.want(w.devices.Decide(w.ctx, w.op, d.UserCode, device.Allow), auth.ErrSessionRequired)
	w.must(w.devices.Decide(w.ctx, ada, d.UserCode, device.Allow))
	w.want(w.devices.Decide(w.ctx, ada, d.UserCode, device.Deny), auth.ErrNotFound)
	tokens := make(chan auth.TokenAnswer, 16)
	errs := race(16, func(int) error {
		got, err := w.devices.Redeem(w.ctx, d.DeviceCode.Reveal(), "", home)
		if err == nil {
			tokens <- got
		}
		return err
	})
	if count(errs, nil) != 1 || count(errs, auth.ErrInvalidGrant) != 15 {
		t.Fatalf("polls at once: %v", errs)
	}
	got := <-tokens
	who, err := w.Authenticate(w.ctx, got.Access)
	w.must(err)
	if who.User.ID != u.ID || who.Session.Method != auth.MethodDevice || who.Session.ClientName != "cli" ||
		who.Session.Scopes != nil {
		t.Errorf("the session of the device is %+v", who.Session)
	}
	_, err = w.refresh(got.Refresh.Reveal())
	w.must(err)
}

// devicesGetNoMore checks that a device gets the scopes that it asked for, and never more than
// the session that allows it has. It gets nothing if it was denied, came too late, or if that
// session has ended.
func devicesGetNoMore(t *testing.T, open Open) {
	w := setup(t, open, func(c *auth.Config) { c.Limits.UserCodes = limit.Limit{Burst: 30, Interval: time.Minute} })
	w.signUp("ada")
	w.signUp("root", "admin")
	begin := func(scopes ...string) device.Started {
		d, err := w.devices.Begin(w.ctx, device.Request{ClientName: "cli", Scopes: scopes, Client: home})
		w.must(err)
		return d
	}
	redeem := func(d device.Started) (auth.TokenAnswer, error) {
		w.clock.Advance(d.Interval)
		return w.devices.Redeem(w.ctx, d.DeviceCode.Reveal(), "", home)
	}
	_, err := w.devices.Begin(w.ctx, device.Request{Scopes: []string{"no-such-scope"}})
	w.want(err, auth.ErrInvalidScope)
	_, err = w.devices.Begin(w.ctx, device.Request{ClientName: "x\ny"})
	w.want(err, auth.ErrInvalidInput)

	d := begin("list:users")
	w.want(w.devices.Decide(w.ctx, w.principal("ada"), d.UserCode, device.Allow), auth.ErrAboveCeiling)
	root := w.principal("root")
	d = begin("list:users")
	w.must(w.devices.Decide(w.ctx, root, d.UserCode, device.Allow))
	got, err := redeem(d)
	w.must(err)
	if len(got.Scopes) != 1 || got.Scopes[0] != "list:users" {
		t.Errorf("the device has the scopes %v", got.Scopes)
	}
	narrow := w.principal("root", "read:users")
	d = begin("list:users")
	w.want(w.devices.Decide(w.ctx, narrow, d.UserCode, device.Allow), auth.ErrAboveCeiling)
	w.must(w.devices.Decide(w.ctx, narrow, d.UserCode, device.Deny))
	_, err = redeem(d)
	w.want(err, device.ErrAccessDenied)
	d = begin()
	w.must(w.devices.Decide(w.ctx, narrow, d.UserCode, device.Allow))
	got, err = redeem(d)
	w.must(err)
	if len(got.Scopes) != 1 || got.Scopes[0] != "read:users" {
		t.Errorf("a session with fewer scopes gave %v", got.Scopes)
	}

	late := begin()
	w.must(w.devices.Decide(w.ctx, root, late.UserCode, device.Allow))
	w.clock.Advance(late.ExpiresIn)
	_, err = redeem(late)
	w.want(err, device.ErrExpired)
	_, err = w.devices.LookUp(w.ctx, root, late.UserCode)
	w.want(err, auth.ErrNotFound)
	ended := begin()
	w.must(w.devices.Decide(w.ctx, root, ended.UserCode, device.Allow))
	w.must(w.Sessions.EndAll(w.ctx, w.op, root.User.ID, true))
	_, err = redeem(ended)
	w.want(err, auth.ErrInvalidGrant)
	root = w.principal("root")
	w.signUp("keeper", "admin")
	off := begin()
	w.must(w.devices.Decide(w.ctx, root, off.UserCode, device.Allow))
	disabled := auth.StatusDisabled
	_, err = w.UpdateUser(w.ctx, w.op, root.User.ID, auth.UserPatch{Status: &disabled})
	w.must(err)
	_, err = redeem(off)
	w.want(err, auth.ErrInvalidGrant)

	// User codes are short, so tries are limited.
	ada := w.principal("ada")
	limited := 0
	for range 60 {
		if _, err := w.devices.LookUp(w.ctx, ada, "BBBB-BBBB"); err != nil &&
			count([]error{err}, auth.ErrTooManyAttempts) == 1 {
			limited++
		}
	}
	if limited < 29 {
		t.Errorf("%d of 60 look-ups were refused", limited)
	}
	w.clock.Advance(2 * time.Hour)
	w.must(w.devices.Housekeep(w.ctx))
	_, err = w.devices.Redeem(w.ctx, late.DeviceCode.Reveal(), "", home)
	w.want(err, auth.ErrInvalidGrant)
}

// devicesProveNothing checks that allowing a device is not a fresh proof of who somebody is.
// The new session is as old in that respect as the one that allowed it. Otherwise people could
// renew a proof by allowing a device of their own.
func devicesProveNothing(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	stale := w.tokens("ada")
	w.clock.Advance(10 * time.Minute)
	who, err := w.Authenticate(w.ctx, stale.Access)
	w.must(err)
	w.want(w.DeleteUser(w.ctx, who, u.ID), auth.ErrReauthRequired)
	d, err := w.devices.Begin(w.ctx, device.Request{Client: home})
	w.must(err)
	w.must(w.devices.Decide(w.ctx, who, d.UserCode, device.Allow))
	got, err := w.devices.Redeem(w.ctx, d.DeviceCode.Reveal(), "", home)
	w.must(err)
	tv, err := w.Authenticate(w.ctx, got.Access)
	w.must(err)
	w.want(w.DeleteUser(w.ctx, tv, u.ID), auth.ErrReauthRequired)
	_, err = w.Reauthenticate(w.ctx, tv, pass, home)
	w.must(err)
	tv, err = w.Authenticate(w.ctx, got.Access)
	w.must(err)
	w.must(w.DeleteUser(w.ctx, tv, u.ID))
}
