package servicetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/sharing"
)

// usesAreCounted checks that when 32 users accept a code at once, exactly as many succeed as
// the code has uses, and that the count is exact.
func usesAreCounted(t *testing.T, open Open) {
	w := setupShares(t, open)
	ada := w.persons("ada")[0]
	r := w.note(ada, "n1")
	var crowd []*auth.Principal
	for i := range 32 {
		crowd = append(crowd, w.persons(fmt.Sprintf("user%d", i))...)
	}
	services := []*sharing.Service{w.shares, w.shareReplica(w.replica())}
	for _, uses := range []int{1, 5} {
		c, secret := w.code(ada, r, sharing.ShareCodeInput{MaxUses: uses})
		errs := race(len(crowd), func(i int) error {
			_, err := services[i%2].Accept(w.ctx, crowd[i], secret, auth.Client{})
			return err
		})
		if count(errs, nil) != uses || count(errs, sharing.ErrShareCodeInvalid) != len(crowd)-uses {
			t.Fatalf("a code for %d uses was accepted %d times: %v", uses, count(errs, nil), errs)
		}
		list, err := w.st.Sharing().Shares(w.ctx, sharing.ShareQuery{Code: c.ID, Now: w.clock.Now()})
		w.must(err)
		if n := w.uses(ada, c); n != uses || len(list) != uses {
			t.Errorf("%d uses were counted and %d shares given, want %d", n, len(list), uses)
		}
		for i, err := range errs { // asking again gives the same answer
			if again := w.accept(crowd[i], secret); (again == nil) != (err == nil) {
				t.Errorf("%s got error %v first, and then %v", crowd[i].User.Username, err, again)
			}
		}
		if n := w.uses(ada, c); n != uses {
			t.Errorf("%d uses were counted after asking again", n)
		}
	}
}

// acceptingAgainCountsNothing checks that a user who accepts a code many times at once gets one
// share and counts as one use.
func acceptingAgainCountsNothing(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob")
	r := w.note(p[0], "n1")
	for _, uses := range []int{0, 1, 3} {
		c, secret := w.code(p[0], r, sharing.ShareCodeInput{MaxUses: uses, Next: "/notes/n1"})
		shares := make([]string, 16)
		errs := race(len(shares), func(i int) error {
			a, err := w.shares.Accept(w.ctx, p[1], secret, auth.Client{})
			shares[i] = a.Share.ID + a.Next
			return err
		})
		w.must(errors.Join(errs...))
		for _, id := range shares {
			if id != shares[0] || !strings.HasSuffix(id, "/notes/n1") {
				t.Errorf("a code for %d uses gave both %q and %q", uses, shares[0], id)
			}
		}
		if n := w.uses(p[0], c); n != 1 {
			t.Errorf("a code for %d uses: %d uses were counted, want 1", uses, n)
		}
	}
}

// takenSharesStayTaken checks that a user who has lost a share from a code can't get it back
// with that code, and that the code still works for others.
func takenSharesStayTaken(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal")
	ada, bob, cal := p[0], p[1], p[2]
	memo := auth.ResourceRef{Kind: "memo", ID: "m1"}
	_, _, err := w.shares.Put(w.ctx, ada, memo)
	w.must(err)
	for name, take := range map[string]func(id string) error{
		"revoked": func(id string) error { return w.shares.Revoke(w.ctx, ada, memo, sharing.Revocation{ID: id}) },
		"of person": func(string) error {
			return w.shares.Revoke(w.ctx, ada, memo, sharing.Revocation{User: idOf(bob)})
		},
		"given back": func(id string) error { return w.shares.Drop(w.ctx, bob, sharing.Receiver{User: idOf(bob)}, id) },
		"ended":      func(string) error { w.clock.Advance(time.Hour); return nil },
		"purged":     func(string) error { w.clock.Advance(time.Hour); return w.shares.Housekeep(w.ctx) },
	} {
		c, secret := w.code(ada, memo, sharing.ShareCodeInput{ExpiresIn: 300 * day})
		a, err := w.shares.Accept(w.ctx, bob, secret, auth.Client{})
		w.must(err)
		if want := w.clock.Now().Add(time.Hour); !a.Share.ExpiresAt.Equal(want) || a.Share.Code != c.ID ||
			a.Share.Giver.User != idOf(ada) {
			t.Fatalf("the share is %+v, want it to end at %s", a.Share, want)
		}
		w.readers(name, memo, p, "ada", "bob")
		w.must(take(a.Share.ID))
		w.readers(name, memo, p, "ada")
		for range 2 {
			if err := w.accept(bob, secret); !errors.Is(err, sharing.ErrShareCodeInvalid) {
				t.Errorf("%s: got error %v, want ErrShareCodeInvalid", name, err)
			}
			_, err = w.shares.Preview(w.ctx, bob, secret, auth.Client{})
			w.want(err, sharing.ErrShareCodeInvalid)
		}
		if n := w.uses(ada, c); n != 1 {
			t.Errorf("%s: %d uses were counted, want 1", name, n)
		}
		w.must(w.accept(cal, secret))
		w.must(w.shares.Revoke(w.ctx, ada, memo, sharing.Revocation{All: true}))
	}
}

// deadCodes returns codes that bob, who has no address, can't accept, by the reason why.
func (w *shareWorld) deadCodes(ada, cal *auth.Principal, r auth.ResourceRef) map[string]string {
	w.t.Helper()
	dead := map[string]string{}
	_, dead["expired"] = w.code(ada, r, sharing.ShareCodeInput{ExpiresIn: time.Minute})
	w.clock.Advance(time.Minute)
	_, dead["used up"] = w.code(ada, r, sharing.ShareCodeInput{MaxUses: 1})
	w.must(w.accept(cal, dead["used up"]))
	c, secret := w.code(ada, r, sharing.ShareCodeInput{})
	dead["revoked"] = secret
	w.must(w.shares.RevokeShareCode(w.ctx, ada, r, c.ID, false))
	for _, a := range []sharing.Audience{
		{Type: sharing.ForUser, Value: string(idOf(cal))}, {Type: sharing.ForGroup, Value: string(idOf(cal))},
		{Type: sharing.ForEmail, Value: "bob@example.org"}, {Type: sharing.ForDomain, Value: "example.org"},
	} {
		_, dead["for "+string(a.Type)] = w.code(ada, r, sharing.ShareCodeInput{Audience: a})
	}
	_, secret = w.code(ada, auth.ResourceRef{Kind: r.Kind, ID: r.ID}, sharing.ShareCodeInput{})
	dead["mistyped"] = secret[:len(secret)-1] + "_"
	dead["of another class"] = strings.Replace(secret, "hp_shr_", "hp_inv_", 1)
	dead["empty"], dead["long"] = "", strings.Repeat("x", 1<<16)
	return dead
}

// deadCodesSayNothing checks that all codes that can't be accepted get the same answer,
// whatever is wrong with them, and change nothing.
func deadCodesSayNothing(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal")
	r := w.note(p[0], "n1")
	_, good := w.code(p[0], r, sharing.ShareCodeInput{})
	for why, secret := range w.deadCodes(p[0], p[2], r) {
		_, previewed := w.shares.Preview(w.ctx, p[1], secret, auth.Client{})
		revoked := w.shares.RevokeByShareCode(w.ctx, p[1], secret, auth.Client{})
		accepted, invalid := w.accept(p[1], secret), sharing.ErrShareCodeInvalid
		if accepted != invalid || previewed != invalid || revoked != invalid {
			t.Errorf("%s: accept %v, preview %v, revoke %v", why, accepted, previewed, revoked)
		}
	}
	w.readers("afterwards", r, p, "ada", "cal")
	w.want(w.accept(p[0], good), sharing.ErrOwnCode)
	w.want(w.accept(w.op, good), sharing.ErrNoHolder)
	w.want(w.shares.RevokeByShareCode(w.ctx, p[1], good, auth.Client{}), sharing.ErrShareCodeInvalid)
	w.must(w.accept(p[1], good))
	w.must(w.shares.RevokeByShareCode(w.ctx, p[0], good, auth.Client{}))
	w.want(w.accept(w.principal("cal"), good), sharing.ErrShareCodeInvalid)
	w.readers("with what it gave", r, p, "ada", "bob", "cal")
}

// audiencesAdmit checks that only its audience can accept a code, and that an address counts
// only if it is proven.
func audiencesAdmit(t *testing.T, open Open) {
	w := setupShares(t, open)
	ada := w.persons("ada")[0]
	r := w.note(ada, "n1")
	g := w.group("team")
	for _, name := range []string{"bob", "cal", "dan", "eve"} {
		_, err := w.CreateUser(
			w.ctx, w.op, auth.UserInput{Username: name, Email: name + "@Example.org", Password: pass}, home,
		)
		w.must(err)
	}
	prove := func(name string) {
		a, err := w.st.Auth().AccountByLogin(w.ctx, name)
		w.must(err)
		_, err = w.st.Auth().UpdateAccount(
			w.ctx, a.ID, func(a *auth.Account) error { a.EmailVerified = true; return nil },
		)
		w.must(err)
	}
	prove("bob")
	prove("cal")
	w.must(w.Groups.AddMember(w.ctx, w.op, "team", w.principal("dan").User.ID))
	for _, c := range []struct {
		audience sharing.Audience
		want     string
	}{
		{sharing.Audience{}, "bob cal dan eve"},
		{sharing.Audience{Type: sharing.SignedIn}, "bob cal dan eve"},
		{sharing.Audience{Type: sharing.ForUser, Value: string(idOf(w.principal("eve")))}, "eve"},
		{sharing.Audience{Type: sharing.ForGroup, Value: string(g.ID)}, "dan"},
		{sharing.Audience{Type: sharing.ForEmail, Value: "BOB@example.ORG"}, "bob"},
		{sharing.Audience{Type: sharing.ForEmail, Value: "dan@example.org"}, ""},
		{sharing.Audience{Type: sharing.ForDomain, Value: "Example.org"}, "bob cal"},
		{sharing.Audience{Type: sharing.ForDomain, Value: "ample.org"}, ""},
		{sharing.Audience{Type: sharing.ForDomain, Value: "org"}, ""},
	} {
		_, secret := w.code(ada, r, sharing.ShareCodeInput{Audience: c.audience})
		var got []string
		for _, name := range []string{"bob", "cal", "dan", "eve"} {
			_, previewed := w.shares.Preview(w.ctx, w.principal(name), secret, auth.Client{})
			err := w.accept(w.principal(name), secret)
			if !errors.Is(previewed, err) {
				t.Errorf("%+v: %s gets the error %v from Preview and %v from Accept", c.audience, name, previewed, err)
			}
			if err == nil {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v admits %v, want %q", c.audience, got, c.want)
		}
	}
}

// badCodesLeaveNothing checks that a wrong field is named in the error, and that no code is
// made.
func badCodesLeaveNothing(t *testing.T, open Open) {
	w := setupShares(t, open)
	ada := w.persons("ada")[0]
	r := w.note(ada, "n1")
	audience := func(kind, value string) sharing.ShareCodeInput {
		return sharing.ShareCodeInput{Audience: sharing.Audience{Type: sharing.AudienceType(kind), Value: value}}
	}
	for _, c := range []struct {
		in    sharing.ShareCodeInput
		field string
	}{
		{sharing.ShareCodeInput{Scopes: []string{"nope"}}, "scopes"},
		{sharing.ShareCodeInput{Scopes: []string{"users"}}, "scopes"},
		{sharing.ShareCodeInput{Scopes: []string{"resources"}}, "scopes"},
		{sharing.ShareCodeInput{Scopes: []string{"items!"}}, "scopes"},
		{sharing.ShareCodeInput{Scopes: []string{"items!note"}}, "scopes"},
		{sharing.ShareCodeInput{Scopes: []string{"items!note=n2"}}, "scopes"},
		{sharing.ShareCodeInput{Scopes: []string{"items!user"}}, "scopes"},
		{sharing.ShareCodeInput{Scopes: []string{"items!doc=n1"}}, "scopes"},
		{sharing.ShareCodeInput{Scopes: []string{""}}, "scopes"},
		{sharing.ShareCodeInput{ExpiresIn: -time.Hour}, "expires_in"},
		{sharing.ShareCodeInput{ExpiresIn: 59 * time.Second}, "expires_in"},
		{sharing.ShareCodeInput{ExpiresIn: 365*day + time.Second}, "expires_in"},
		{sharing.ShareCodeInput{ExpiresIn: time.Hour + time.Millisecond}, "expires_in"},
		{sharing.ShareCodeInput{MaxUses: -1}, "max_uses"},
		{sharing.ShareCodeInput{MaxUses: 100_001}, "max_uses"},
		{sharing.ShareCodeInput{Label: strings.Repeat("é", 129)}, "label"},
		{sharing.ShareCodeInput{Label: "a\x00b"}, "label"},
		{sharing.ShareCodeInput{Label: "a\nb"}, "label"},
		{sharing.ShareCodeInput{Label: "\xff"}, "label"},
		{sharing.ShareCodeInput{Next: "https://evil.example"}, "next"},
		{audience("everybody", ""), "audience.type"},
		{audience("", "x"), "audience.type"},
		{audience("signed_in", "x"), "audience.value"},
		{audience("user", ""), "audience.value"},
		{audience("user", strings.ToUpper(string(idOf(ada)))), "audience.value"},
		{audience("user", "ada"), "audience.value"},
		{audience("group", strings.Repeat("-", 36)), "audience.value"},
		{audience("email", "ada"), "audience.value"},
		{audience("email", "a@b@example.org"), "audience.value"},
		{audience("email", "ada@-example.org"), "audience.value"},
		{audience("email", "a b@example.org"), "audience.value"},
		{audience("email", "ädä@example.org"), "audience.value"},
		{audience("email", strings.Repeat("a", 65)+"@example.org"), "audience.value"},
		{audience("domain", "@example.org"), "audience.value"},
		{audience("domain", "example..org"), "audience.value"},
		{audience("domain", ""), "audience.value"},
		{audience("domain", "*"), "audience.value"},
		{audience("domain", strings.Repeat("a.", 127)+"a"), "audience.value"},
	} {
		_, _, err := w.shares.CreateShareCode(w.ctx, ada, r, c.in)
		var fields *auth.FieldsError
		if !errors.As(err, &fields) || len(fields.Fields) != 1 || fields.Fields[0].Field != c.field {
			t.Errorf("%+v: got error %v, want one in field %s", c.in, err, c.field)
		}
	}
	list, err := w.shares.ShareCodes(w.ctx, ada, r, auth.PageQuery{})
	w.must(err)
	if len(list.Items) != 0 {
		t.Errorf("%d codes were made", len(list.Items))
	}
	c, _ := w.code(ada, r, sharing.ShareCodeInput{Scopes: []string{
		"shares", "items", "items!note=n1",
	}, ExpiresIn: 365 * day, MaxUses: 100_000,
		Label: strings.Repeat("é", 128), Audience: sharing.Audience{
			Type: sharing.ForEmail, Value: "o'neil!#$%&*+-/=?^_`{|}~@xn--bcher-kva.example",
		}})
	if fmt.Sprint(c.Scopes) != "[items shares]" || c.ExpiresAt.Sub(c.CreatedAt) != 365*day {
		t.Errorf("the code is %+v", c)
	}
	c, _ = w.code(ada, r, sharing.ShareCodeInput{})
	if fmt.Sprint(c.Scopes) != "[read:items]" || c.Audience.Type != sharing.SignedIn ||
		c.ExpiresAt.Sub(c.CreatedAt) != day {
		t.Errorf("the code is %+v", c)
	}
}

// revokedCodesTakeTheirShares checks that no share is left of a code that is revoked with its
// shares, even if it is being accepted at the same time.
func revokedCodesTakeTheirShares(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal", "dan")
	r := w.note(p[0], "n1")
	other, secret := w.code(p[0], r, sharing.ShareCodeInput{})
	w.must(w.accept(p[3], secret))
	for round := range 12 {
		c, secret := w.code(p[0], r, sharing.ShareCodeInput{})
		errs := race(3, func(i int) error {
			if i == 0 {
				return w.shares.RevokeShareCode(w.ctx, p[0], r, c.ID, true)
			}
			return w.accept(p[i], secret)
		})
		w.must(errs[0])
		if count(errs[1:], nil)+count(errs[1:], sharing.ErrShareCodeInvalid) != 2 {
			t.Fatalf("round %d: the errors are %v", round, errs)
		}
		w.want(w.shares.RevokeShareCode(w.ctx, p[0], r, c.ID, true), auth.ErrNotFound)
	}
	w.readers("after all", r, p, "ada", "dan")
	n2 := auth.ResourceRef{Kind: "note", ID: "n2"}
	w.want(w.shares.RevokeShareCode(w.ctx, p[0], n2, other.ID, true), auth.ErrNotFound)
	w.must(w.shares.RevokeShareCode(w.ctx, p[0], r, "", false))
	w.readers("codes without their shares", r, p, "ada", "dan")
	w.want(w.accept(p[1], secret), sharing.ErrShareCodeInvalid)
	for range 3 {
		_, secret = w.code(p[0], r, sharing.ShareCodeInput{})
		w.must(w.accept(p[1], secret))
	}
	w.must(w.shares.RevokeShareCode(w.ctx, p[0], r, "", true))
	w.readers("codes with their shares", r, p, "ada", "dan")
}

// codesOfTheFallen checks that a code gives only what its maker can still give, or is refused
// if that is nothing. The preview says the same.
func codesOfTheFallen(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal")
	r := w.note(p[0], "n1")
	s := w.give(p[0], r, p[1], "items")
	c, secret := w.code(p[1], r, sharing.ShareCodeInput{Scopes: []string{"items", "read:items"}})
	offer := func(want string) {
		t.Helper()
		o, err := w.shares.Preview(w.ctx, p[2], secret, auth.Client{})
		w.must(err)
		if got := fmt.Sprint(o.Scopes); got != want || o.Owner != idOf(p[0]) || o.Giver.User != idOf(p[1]) ||
			o.Resource != r || o.AlreadyHeld || !o.ExpiresAt.Equal(c.ExpiresAt) {
			t.Errorf("the preview is %+v, want the scopes %s", o, want)
		}
	}
	offer("[{items!note=n1 Edit items} {read:items!note=n1 Read items}]")
	_, err := w.shares.Update(w.ctx, p[0], r, s.ID, sharing.SharePatch{Scopes: &[]string{"read:items"}})
	w.must(err)
	offer("[{read:items!note=n1 Read items}]")
	w.must(w.shares.Revoke(w.ctx, p[0], r, sharing.Revocation{ID: s.ID}))
	_, err = w.shares.Preview(w.ctx, p[2], secret, auth.Client{})
	w.want(err, sharing.ErrShareCodeInvalid)
	w.want(w.accept(p[2], secret), sharing.ErrShareCodeInvalid)
	if n := w.uses(p[0], c); n != 0 {
		t.Errorf("%d uses were counted, want none", n)
	}
	w.give(p[0], r, p[1])
	w.must(w.accept(p[2], secret))
	o, err := w.shares.Preview(w.ctx, p[2], secret, auth.Client{})
	w.must(err)
	if !o.AlreadyHeld {
		t.Error("the preview does not say that cal has the share already")
	}
}

// shareCodesAreTried checks that Accept and Preview each take a try of the caller and of their
// network, also if they fail, and that even the right code is refused when no try is left.
func shareCodesAreTried(t *testing.T, open Open) {
	for name, budget := range map[string]func(*limit.Limits, limit.Limit){
		"caller":  func(l *limit.Limits, to limit.Limit) { l.ShareCode = to },
		"network": func(l *limit.Limits, to limit.Limit) { l.Network = to },
	} {
		w := setupShares(t, open)
		p := w.persons("ada", "bob", "cal")
		r := w.note(p[0], "n1")
		_, secret := w.code(p[0], r, sharing.ShareCodeInput{})
		_, wrong := w.code(p[0], w.note(p[0], "n2"), sharing.ShareCodeInput{
			Audience: sharing.Audience{Type: sharing.ForUser, Value: string(idOf(p[0]))},
		})
		budget(&w.cfg.Limits, limit.Limit{Burst: 3, Interval: time.Minute})
		shares := w.shareReplica(w.replica())
		try := func(p *auth.Principal, code string, from auth.Client) [2]error {
			_, accept := shares.Accept(w.ctx, p, code, from)
			_, preview := shares.Preview(w.ctx, p, code, from)
			return [2]error{accept, preview}
		}
		w.want(errOf(shares.Accept(w.ctx, p[1], "mistyped", home)), sharing.ErrShareCodeInvalid)
		for _, err := range try(p[1], wrong, home) {
			w.want(err, sharing.ErrShareCodeInvalid)
		}
		for _, err := range try(p[1], secret, home) {
			var over *auth.LimitError
			if !errors.As(err, &over) || over.RetryAfter <= 0 {
				t.Fatalf("%s: after three tries the error is %v, want a LimitError", name, err)
			}
		}
		other, elsewhere := p[2], client("198.51.100.7")
		if name == "network" {
			other = p[1]
			w.want(errOf(shares.Preview(w.ctx, p[2], secret, home)), auth.ErrTooManyAttempts)
		}
		for _, err := range try(other, secret, elsewhere) {
			w.must(err)
		}
		w.clock.Advance(time.Minute)
		w.must(errOf(shares.Accept(w.ctx, p[1], secret, home)))
		w.want(errOf(shares.Preview(w.ctx, p[1], secret, home)), auth.ErrTooManyAttempts)
	}
}
