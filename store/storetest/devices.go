package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
)

var deviceScenarios = []scenario{
	{"DeviceGrantRoundTrip", deviceGrantRoundTrip},
	{"DeviceGrantHasOneOwner", deviceGrantOwner},
	{"DeviceGrantIsDecidedOnce", deviceGrantDecided},
	{"PollsArePaced", pollsArePaced},
	{"UseDeviceGrantOnce", useDeviceGrant},
	{"DeleteExpiredDeviceGrants", deleteExpiredDeviceGrants},
}

const pace = 5 * time.Second

// newGrant is a grant that nobody has looked up.
func (w *world) newGrant() device.Grant {
	return device.Grant{
		ID: device.GrantID(w.id()), Device: w.hash(), UserCode: w.hash(), ClientName: "a client",
		Scopes: []string{"read:notes"},
		IP:     "192.0.2.1", CreatedAt: start, ExpiresAt: start.Add(10 * time.Minute),
	}
}

func (w *world) addGrant() device.Grant {
	w.t.Helper()
	g := w.newGrant()
	w.must(ok(w.dv.AddGrant(w.ctx, g, pace)))
	return g
}

func (w *world) poll(g device.Grant, at time.Time, soon bool) device.Grant {
	w.t.Helper()
	got, early, err := w.dv.PollGrant(w.ctx, device.Poll{Device: g.Device, Now: at, Step: pace})
	w.must(err)
	w.same("soon", early, soon)
	return got
}

func (w *world) noGrant(g device.Grant) {
	w.t.Helper()
	_, _, err := w.dv.PollGrant(w.ctx, device.Poll{Device: g.Device, Now: start, Step: pace})
	w.want(err, auth.ErrNotFound)
}

// owner is x as it looks g up.
func owner(g device.Grant, x auth.Session) device.Owner {
	return device.Owner{UserCode: g.UserCode, Session: x.ID, User: x.User, Now: start}
}

func (w *world) owned(g device.Grant, x auth.Session) device.Grant {
	w.t.Helper()
	got, err := w.dv.OwnGrant(w.ctx, owner(g, x))
	w.must(err)
	g.Session, g.User = x.ID, x.User
	w.same("owned", got, g)
	return g
}

func decision(g device.Grant, x auth.Session, d device.Decision, scopes []string) device.Verdict {
	return device.Verdict{UserCode: g.UserCode, Session: x.ID, Now: start, Decision: d, Scopes: scopes}
}

func deviceGrantRoundTrip(w *world) {
	g := w.addGrant()
	w.same("polled", w.poll(g, start.Add(time.Minute), false), g)
	for _, list := range [][]string{nil, {}} {
		bare := w.newGrant()
		bare.Scopes, bare.ClientName, bare.IP = list, "", ""
		w.must(ok(w.dv.AddGrant(w.ctx, bare, pace)))
		w.same("polled", w.poll(bare, start.Add(time.Minute), false), bare)
	}
	w.must(w.tx(func(in *world) error { // a collision of user codes leaves the transaction usable
		again := in.newGrant()
		again.UserCode = g.UserCode
		in.want(ok(in.dv.AddGrant(in.ctx, again, pace)), errLost)
		in.noGrant(again)
		in.addGrant()
		return nil
	}))
	again := w.newGrant()
	again.Device = g.Device
	if _, err := w.dv.AddGrant(w.ctx, again, pace); err == nil {
		w.t.Error("two grants have one device code")
	}
}

func deviceGrantOwner(w *world) {
	a, b := w.user("alice"), w.user("bob")
	x, y := w.session(a), w.session(b)
	g := w.addGrant()
	late := owner(g, x)
	late.Now = g.ExpiresAt
	w.want(errOf(w.dv.OwnGrant(w.ctx, late)), auth.ErrNotFound)
	other := owner(g, x)
	other.UserCode = w.hash()
	w.want(errOf(w.dv.OwnGrant(w.ctx, other)), auth.ErrNotFound)
	other = owner(g, x)
	other.Session = auth.SessionID(w.id())
	w.want(errOf(w.dv.OwnGrant(w.ctx, other)), auth.ErrNotFound)
	w.want(ok(w.dv.DecideGrant(w.ctx, decision(g, x, device.Allow, nil))), errLost) // nobody owns it
	w.owned(g, x)
	w.owned(g, x)
	w.want(errOf(w.dv.OwnGrant(w.ctx, owner(g, y))), auth.ErrNotFound)
	w.want(ok(w.dv.DecideGrant(w.ctx, decision(g, y, device.Deny, nil))), errLost)
	w.owned(g, x)
}

func deviceGrantDecided(w *world) {
	x := w.session(w.user("alice"))
	g := w.owned(w.addGrant(), x)
	late := decision(g, x, device.Allow, nil)
	late.Now = g.ExpiresAt
	w.want(ok(w.dv.DecideGrant(w.ctx, late)), errLost)
	w.must(ok(w.dv.DecideGrant(w.ctx, decision(g, x, device.Allow, []string{"users"}))))
	w.want(ok(w.dv.DecideGrant(w.ctx, decision(g, x, device.Deny, nil))), errLost)
	g.Decision, g.Scopes = device.Allow, []string{"users"}
	w.same("decided", w.poll(g, start.Add(time.Minute), false), g)
	free := w.owned(w.addGrant(), x)
	w.must(ok(w.dv.DecideGrant(w.ctx, decision(free, x, device.Deny, nil))))
	free.Decision, free.Scopes = device.Deny, nil
	w.same("denied", w.poll(free, start.Add(time.Minute), false), free)
}

// A poll before the end of the interval makes the interval longer for good.
func pollsArePaced(w *world) {
	g := w.addGrant()
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	w.poll(g, at(4), true)    // the interval grows from 5 to 10; the next poll is allowed at 14
	w.poll(g, at(13), true)   // 15; at 28
	w.poll(g, at(28), false)  // at 43
	w.poll(g, at(42), true)   // 20; at 62
	w.poll(g, at(62), false)  // at 82
	w.poll(g, at(900), false) // the caller decides about expiry
}

func useDeviceGrant(w *world) {
	x := w.session(w.user("alice"))
	g := w.owned(w.addGrant(), x)
	w.want(ok(w.dv.UseGrant(w.ctx, g.ID, start)), errLost)
	w.must(ok(w.dv.DecideGrant(w.ctx, decision(g, x, device.Allow, nil))))
	w.want(ok(w.dv.UseGrant(w.ctx, g.ID, g.ExpiresAt)), errLost)
	w.must(ok(w.dv.UseGrant(w.ctx, g.ID, start)))
	w.noGrant(g)
	w.want(ok(w.dv.UseGrant(w.ctx, g.ID, start)), errLost)
	denied := w.owned(w.addGrant(), x)
	w.must(ok(w.dv.DecideGrant(w.ctx, decision(denied, x, device.Deny, nil))))
	w.want(ok(w.dv.UseGrant(w.ctx, denied.ID, start)), errLost)
	w.want(ok(w.dv.UseGrant(w.ctx, "x", start)), errLost)
}

func deleteExpiredDeviceGrants(w *world) {
	var all []device.Grant
	for i := range 4 {
		g := w.newGrant()
		g.ExpiresAt = start.Add(time.Duration(i) * time.Second)
		w.must(ok(w.dv.AddGrant(w.ctx, g, pace)))
		all = append(all, g)
	}
	w.expires(func(at time.Time, limit int) (int, error) { return w.dv.DeleteExpiredGrants(w.ctx, at, limit) })
	w.noGrant(all[2])
	w.poll(all[3], start.Add(time.Hour), false)
}
