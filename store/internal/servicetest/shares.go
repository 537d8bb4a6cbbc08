package servicetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

// giversStopAndReturn checks that a share counts only while its giver could still give it. It
// stops while the giver is disabled or lacks the right, and when the giver is deleted.
func giversStopAndReturn(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal", "dan")
	ada, bob, cal, dan := p[0], p[1], p[2], p[3]
	r := w.note(ada, "n1")
	w.docs.set("d1", idOf(ada))
	status := func(p *auth.Principal, s auth.Status) {
		t.Helper()
		_, err := w.UpdateUser(w.ctx, w.op, p.User.ID, auth.UserPatch{Status: &s})
		w.must(err)
	}
	for _, r := range []auth.ResourceRef{r, {Kind: "doc", ID: "d1"}} {
		first := w.give(ada, r, bob)
		w.give(bob, r, cal)
		w.give(cal, r, dan)
		w.readers("a chain", r, p, "ada", "bob", "cal", "dan")
		status(bob, auth.StatusDisabled)
		w.readers("bob is disabled", r, []*auth.Principal{ada, cal, dan}, "ada")
		status(bob, auth.StatusActive)
		w.readers("bob is back", r, p, "ada", "bob", "cal", "dan")
		_, err := w.shares.Update(w.ctx, ada, r, first.ID, sharing.SharePatch{ExpiresIn: ptr(time.Minute)})
		w.must(err)
		w.clock.Advance(time.Minute)
		w.readers("bob's share has ended", r, p, "ada")
		w.give(ada, r, cal) // now dan's share rests on this one
		w.readers("cal has it from ada", r, p, "ada", "cal", "dan")
		w.must(w.shares.Revoke(w.ctx, ada, r, sharing.Revocation{All: true}))
	}
	w.give(ada, r, bob)
	w.give(bob, r, cal)
	w.must(w.DeleteUser(w.ctx, w.op, bob.User.ID))
	w.readers("bob is gone", r, []*auth.Principal{ada, cal, dan}, "ada")

	// A user and a service give what they hold by a role.
	w.signUp("kim", "keeper")
	kim := w.principal("kim")
	w.give(kim, r, cal)
	v, err := w.Services.Create(w.ctx, w.op, auth.ServiceInput{Name: "bot"})
	w.must(err)
	w.must(w.Services.AddRole(w.ctx, w.op, "bot", "keeper"))
	_, secret, err := w.APITokens.Create(
		w.ctx, w.op, auth.Holder{Service: v.ID}, auth.APITokenInput{Name: "x", Scopes: []string{"items", "shares"}},
	)
	w.must(err)
	bot, err := w.Authenticate(w.ctx, secret.Reveal())
	w.must(err)
	if s := w.give(bot, r, dan); s.Giver.Service != v.ID || s.Giver.User != "" {
		t.Errorf("the share is %+v", s)
	}
	rest := []*auth.Principal{ada, cal, dan}
	w.readers("given by role", r, rest, "ada", "cal", "dan")
	w.must(w.RemoveRole(w.ctx, w.op, kim.User.ID, "keeper"))
	w.readers("kim has lost the role", r, rest, "ada", "dan")
	w.must(w.AddRole(w.ctx, w.op, kim.User.ID, "keeper"))
	w.readers("kim has the role again", r, rest, "ada", "cal", "dan")
	off := auth.StatusDisabled
	_, err = w.Services.Update(w.ctx, w.op, "bot", auth.ServicePatch{Status: &off})
	w.must(err)
	w.readers("bot is disabled", r, rest, "ada", "cal")
	w.must(w.RemoveRole(w.ctx, w.op, kim.User.ID, "keeper"))
	w.readers("no giver is left", r, rest, "ada")
}

// revocationsEndJustThat checks that a revocation ends one share, or all shares of a user, a
// group, a code or a resource, and no others. Somebody who only received the resource can
// revoke only what they gave.
func revocationsEndJustThat(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal", "dan", "eve")
	ada, bob, cal, dan, eve := p[0], p[1], p[2], p[3], p[4]
	r, other := w.note(ada, "n1"), w.note(ada, "n2")
	g := w.group("team")
	w.must(w.Groups.AddMember(w.ctx, w.op, "team", eve.User.ID))
	eve = w.principal("eve")
	w.give(ada, other, bob)
	revoke := func(who *auth.Principal, which sharing.Revocation, want error, left ...string) {
		t.Helper()
		err := w.shares.Revoke(w.ctx, who, r, which)
		if !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%+v: got error %v, want %v", which, err, want)
		}
		w.readers(fmt.Sprintf("%+v", which), r, p, append(left, "ada")...)
	}
	c, secret := w.code(ada, r, sharing.ShareCodeInput{})
	first, second := w.give(ada, r, bob), w.give(ada, r, bob)
	w.must(w.accept(cal, secret))
	_, err := w.shares.Create(w.ctx, ada, r, sharing.ShareInput{Group: g.ID})
	w.must(err)
	// Eve received it as a member of her group.
	_, err = w.shares.Create(w.ctx, eve, r, sharing.ShareInput{User: idOf(dan)})
	w.must(err)
	revoke(ada, sharing.Revocation{ID: first.ID}, nil, "bob", "cal", "dan", "eve")
	revoke(ada, sharing.Revocation{ID: first.ID}, auth.ErrNotFound, "bob", "cal", "dan", "eve")
	revoke(ada, sharing.Revocation{ID: "x"}, auth.ErrNotFound, "bob", "cal", "dan", "eve")
	revoke(cal, sharing.Revocation{ID: second.ID}, auth.ErrNotFound, "bob", "cal", "dan", "eve")
	revoke(cal, sharing.Revocation{All: true}, nil, "bob", "cal", "dan", "eve")
	for _, which := range []sharing.Revocation{
		{}, {User: "bob"}, {Group: "team"}, {Code: "x"}, {User: idOf(bob), Code: "x"},
	} {
		revoke(ada, which, auth.ErrInvalidInput, "bob", "cal", "dan", "eve")
	}
	revoke(ada, sharing.Revocation{User: idOf(bob), Code: c.ID}, nil, "bob", "cal", "dan", "eve")
	revoke(ada, sharing.Revocation{User: idOf(bob)}, nil, "cal", "dan", "eve")
	revoke(ada, sharing.Revocation{Code: c.ID}, nil, "dan", "eve")
	revoke(eve, sharing.Revocation{User: idOf(dan)}, nil, "eve")
	revoke(ada, sharing.Revocation{Group: g.ID}, nil)
	w.give(ada, r, bob)
	w.give(bob, r, cal)
	// Dan does not see the note.
	revoke(dan, sharing.Revocation{All: true}, auth.ErrNotFound, "bob", "cal")
	revoke(bob, sharing.Revocation{All: true}, nil, "bob")
	revoke(ada, sharing.Revocation{All: true}, nil)
	w.readers("another note", other, p, "ada", "bob")
}

// sharesOnlyNarrow checks that a change of a share can only take scopes away, replace a scope
// by one that it implies, or bring the end nearer. Everything else is refused.
func sharesOnlyNarrow(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal")
	r := w.note(p[0], "n1")
	s := w.give(p[0], r, p[1], "items", "shares")
	change := func(who *auth.Principal, patch sharing.SharePatch, want error) {
		t.Helper()
		before, err := w.st.Sharing().Share(w.ctx, s.ID)
		w.must(err)
		_, err = w.shares.Update(w.ctx, who, r, s.ID, patch)
		if !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%+v: got error %v, want %v", patch, err, want)
		}
		after, err := w.st.Sharing().Share(w.ctx, s.ID)
		w.must(err)
		if want != nil && fmt.Sprint(before) != fmt.Sprint(after) {
			t.Errorf("after a refused change the share is %+v", after)
		}
	}
	list := func(names ...string) sharing.SharePatch { return sharing.SharePatch{Scopes: &names} }
	change(p[0], sharing.SharePatch{}, nil)
	change(p[0], list(), auth.ErrInvalidInput)
	change(p[0], list("nope"), auth.ErrInvalidInput)
	change(p[0], list("items!note=n2"), auth.ErrInvalidInput)
	change(p[2], list("items"), auth.ErrNotFound)
	change(p[0], list("items"), nil)
	change(p[0], list("items", "shares"), auth.ErrAboveCeiling)
	change(p[0], list("read:items"), nil) // items implies it
	change(p[0], list("items"), auth.ErrAboveCeiling)
	change(p[0], sharing.SharePatch{ExpiresIn: ptr(-time.Second)}, auth.ErrInvalidInput)
	change(p[0], sharing.SharePatch{ExpiresIn: ptr(time.Duration(0))}, auth.ErrInvalidInput)
	change(p[0], sharing.SharePatch{ExpiresIn: ptr(time.Hour)}, nil)
	change(p[0], sharing.SharePatch{ExpiresIn: ptr(time.Hour + time.Second)}, auth.ErrAboveCeiling)
	change(p[0], sharing.SharePatch{
		Scopes: &[]string{"read:items"}, ExpiresIn: ptr(2 * time.Hour),
	}, auth.ErrAboveCeiling)
	on := w.give(p[1], r, p[2])
	_, err := w.shares.Update(w.ctx, p[2], r, on.ID, sharing.SharePatch{ExpiresIn: ptr(time.Minute)})
	w.want(err, auth.ErrNotFound)
	_, err = w.shares.Update(w.ctx, p[1], r, on.ID, sharing.SharePatch{ExpiresIn: ptr(time.Minute)})
	w.must(err)
	w.clock.Advance(time.Minute)
	_, err = w.shares.Update(w.ctx, p[0], r, on.ID, sharing.SharePatch{ExpiresIn: ptr(time.Second)})
	w.want(err, auth.ErrNotFound)
	w.clock.Advance(time.Hour)
	w.readers("at the end", r, p, "ada")
}

// nobodySharesMore checks that people can only share what they hold with the credential in use.
// The kind decides what may be shared, for how long, and whether receivers may share it on.
func nobodySharesMore(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal")
	ada, bob, cal := p[0], p[1], p[2]
	w.signUp("kim", "keeper")
	kim := w.principal("kim")
	n1, n2 := w.note(ada, "n1"), w.note(ada, "n2")
	memo := auth.ResourceRef{Kind: "memo", ID: "m1"}
	_, _, err := w.shares.Put(w.ctx, ada, memo)
	w.must(err)
	for _, r := range []auth.ResourceRef{n1, n2, memo} {
		w.give(ada, r, bob)
	}
	w.give(ada, n1, kim)
	w.give(ada, n2, kim)
	token := func(p *auth.Principal, list ...string) *auth.Principal {
		t.Helper()
		_, secret, err := w.APITokens.Create(
			w.ctx, w.op, auth.Holder{User: p.User.ID}, auth.APITokenInput{Name: "x", Scopes: list},
		)
		w.must(err)
		out, err := w.Authenticate(w.ctx, secret.Reveal())
		w.must(err)
		return out
	}
	in := func(names ...string) sharing.ShareInput { return sharing.ShareInput{User: idOf(cal), Scopes: names} }
	missing := auth.ResourceRef{Kind: "note", ID: "gone"}
	for i, c := range []struct {
		who  *auth.Principal
		r    auth.ResourceRef
		in   sharing.ShareInput
		want error
	}{
		{bob, n1, in("items"), auth.ErrAboveCeiling},
		{bob, n1, in("shares"), auth.ErrAboveCeiling},
		{bob, n1, in(), nil},
		{bob, memo, in(), auth.ErrNotFound}, // receivers may not share memos on
		{cal, n2, in(), auth.ErrNotFound},
		{ada, missing, in(), auth.ErrNotFound},
		{kim, missing, in(), auth.ErrNotFound},
		{ada, auth.ResourceRef{Kind: "user", ID: string(idOf(ada))}, in(), auth.ErrNotFound},
		{ada, auth.ResourceRef{Kind: "nope", ID: "n1"}, in(), auth.ErrNotFound},
		{ada, memo, in("shares"), auth.ErrInvalidInput},
		{ada, memo, sharing.ShareInput{User: idOf(cal), ExpiresIn: day + time.Second}, auth.ErrInvalidInput},
		{ada, memo, sharing.ShareInput{User: idOf(cal), ExpiresIn: day}, nil},
		{ada, n1, sharing.ShareInput{User: idOf(cal), ExpiresIn: -time.Second}, auth.ErrInvalidInput},
		{ada, n1, sharing.ShareInput{User: idOf(cal), ExpiresIn: time.Millisecond}, auth.ErrInvalidInput},
		{ada, n1, sharing.ShareInput{}, auth.ErrInvalidInput},
		{ada, n1, sharing.ShareInput{User: idOf(cal), Group: auth.GroupID(idOf(cal))}, auth.ErrInvalidInput},
		{ada, n1, sharing.ShareInput{User: "0190d5c0-7a3e-7c1e-8000-000000000001"}, auth.ErrInvalidInput},
		{ada, n1, sharing.ShareInput{User: "cal"}, auth.ErrInvalidInput},
		{ada, n1, sharing.ShareInput{Group: auth.GroupID(idOf(cal))}, auth.ErrInvalidInput},
		{w.op, n1, in(), sharing.ErrNoHolder},
		{w.principal("ada", "account!user"), n1, in(), auth.ErrInsufficientScope},
		{w.principal("ada", "shares!user"), n1, in(), auth.ErrAboveCeiling},
		{w.principal("kim", "shares!note=n1", "read:items"), n1, in(), nil},
		// kim received n2, but this session may not share it
		{w.principal("kim", "shares!note=n1", "read:items"), n2, in(), auth.ErrNotFound},
		{token(kim, "shares", "items"), n2, in("items"), nil},
		{token(kim, "shares", "read:items"), n2, in("items"), auth.ErrAboveCeiling},
		{token(kim, "items"), n2, in("items"), auth.ErrInsufficientScope},
		{token(kim), n2, in("read:items"), auth.ErrInsufficientScope},
	} {
		_, err := w.shares.Create(w.ctx, c.who, c.r, c.in)
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("case %d: got error %v, want %v", i, err, c.want)
		}
		_, _, coded := w.shares.CreateShareCode(w.ctx, c.who, c.r, sharing.ShareCodeInput{Scopes: c.in.Scopes})
		if !errors.Is(c.want, auth.ErrInvalidInput) && !errors.Is(coded, c.want) {
			t.Errorf("case %d, for a code: got error %v, want %v", i, coded, c.want)
		}
	}
	w.readers("the memo", memo, p, "ada", "bob", "cal")
	w.clock.Advance(time.Hour)
	w.readers("bob's share has ended after an hour, as for all memos", memo, p, "ada", "cal")
}

// usedIDsBeginUnshared checks that a new resource with the id of a deleted one is shared with
// nobody.
func usedIDsBeginUnshared(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal")
	w.signUp("kim", "keeper")
	kim := w.principal("kim")
	r := w.note(p[0], "n1")
	share := w.give(kim, r, p[1], "items")
	_, secret := w.code(kim, r, sharing.ShareCodeInput{})
	w.docs.set("d1", idOf(p[0]))
	doc := auth.ResourceRef{Kind: "doc", ID: "d1"}
	w.give(kim, doc, p[1])
	w.must(w.DeleteUser(w.ctx, w.op, p[0].User.ID))
	w.docs.set("d1", "")
	rest := p[1:]
	w.readers("the note is gone", r, rest)
	w.readers("the document is gone", doc, rest)
	w.want(w.accept(p[2], secret), sharing.ErrShareCodeInvalid)
	w.note(p[2], "n1")
	w.readers("another note", r, rest, "cal")
	w.want(w.accept(p[1], secret), sharing.ErrShareCodeInvalid)
	_, err := w.st.Sharing().Share(w.ctx, share.ID)
	w.want(err, auth.ErrNotFound)

	// The owner deletes a note. The host forgets a document in a transaction of its own.
	w.give(p[2], r, p[1])
	w.want(w.shares.Delete(w.ctx, p[1], r), auth.ErrNotFound)
	w.must(w.shares.Delete(w.ctx, p[2], r))
	w.want(w.shares.Delete(w.ctx, p[2], r), auth.ErrNotFound)
	w.note(p[2], "n1")
	w.readers("deleted and made again", r, rest, "cal")
	w.docs.set("d1", idOf(p[2]))
	for _, end := range []error{errHost, nil} {
		err := w.st.Tx(w.ctx, func(st store.Store) error {
			if err := w.shares.WithStore(w.WithStore(st.Auth()), st.Sharing()).Forget(w.ctx, doc); err != nil {
				return err
			}
			return end
		})
		w.want(err, end)
		if end != nil {
			w.readers("not forgotten", doc, rest, "bob", "cal")
		}
	}
	w.readers("forgotten", doc, rest, "cal")
	w.want(w.shares.Forget(w.ctx, auth.ResourceRef{Kind: "nope", ID: "d1"}), auth.ErrNotFound)
}

// oneOwnerRegisters checks that only one of many users who register the same id at once becomes
// its owner.
func oneOwnerRegisters(t *testing.T, open Open) {
	w := setupShares(t, open)
	var p []*auth.Principal
	for i := range 16 {
		p = append(p, w.persons(fmt.Sprintf("user%d", i))...)
	}
	r := auth.ResourceRef{Kind: "note", ID: "n/1"}
	made := make([]bool, 16)
	errs := race(16, func(i int) (err error) {
		_, made[i], err = w.shares.Put(w.ctx, p[i], r)
		return err
	})
	winner := slices.Index(made, true)
	if count(errs, nil) != 1 || count(errs, sharing.ErrResourceTaken) != 15 || winner < 0 || errs[winner] != nil {
		t.Fatalf("registered: %v, errors: %v", made, errs)
	}
	res, created, err := w.shares.Put(w.ctx, p[winner], r)
	w.must(err)
	if created || res.Owner != idOf(p[winner]) {
		t.Errorf("registered again as %+v", res)
	}
	for _, id := range []string{"", "a b", "a!b", `a"b`, `a\b`, "a\x00", "é", string(make([]byte, 256))} {
		_, _, err := w.shares.Put(w.ctx, p[0], auth.ResourceRef{Kind: "note", ID: id})
		w.want(err, auth.ErrInvalidInput)
	}
	_, _, err = w.shares.Put(w.ctx, p[0], auth.ResourceRef{Kind: "doc", ID: "d1"})
	w.want(err, auth.ErrNotFound) // the host keeps documents itself
	_, _, err = w.shares.Put(w.ctx, w.op, r)
	w.want(err, sharing.ErrNoHolder)
	_, _, err = w.shares.Put(w.ctx, w.principal("user0", "account!user"), auth.ResourceRef{Kind: "note", ID: "a b"})
	w.want(err, auth.ErrInsufficientScope)
}

// groupsReceive checks that members can use what their group received while they are in it, and
// that managers of the group can give it back.
func groupsReceive(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal")
	g := w.group("team")
	w.must(w.Groups.AddMember(w.ctx, w.op, "team", p[1].User.ID))
	w.putRole("head", "groups:shares!group="+string(g.ID))
	w.must(w.AddRole(w.ctx, w.op, p[2].User.ID, "head"))
	head := w.principal("cal")
	r := w.note(p[0], "n1")
	s, err := w.shares.Create(w.ctx, p[0], r, sharing.ShareInput{Group: g.ID})
	w.must(err)
	w.readers("a group", r, p, "ada", "bob")
	of := sharing.Receiver{Group: g.ID}
	list, err := w.shares.Received(w.ctx, head, of, auth.PageQuery{})
	w.must(err)
	if len(list.Items) != 1 || list.Items[0].ID != s.ID || fmt.Sprint(list.Items[0].Counts) != "[read:items]" {
		t.Errorf("the group received %+v", list)
	}
	_, err = w.shares.Received(w.ctx, p[1], of, auth.PageQuery{})
	w.want(err, auth.ErrInsufficientScope)
	_, err = w.shares.Received(w.ctx, head, sharing.Receiver{Group: auth.GroupID(idOf(p[0]))}, auth.PageQuery{})
	w.want(err, auth.ErrNotFound)
	w.want(w.shares.Drop(w.ctx, p[1], of, s.ID), auth.ErrInsufficientScope)
	w.must(w.Groups.RemoveMember(w.ctx, w.op, "team", p[1].User.ID))
	w.readers("bob left", r, p, "ada")
	w.must(w.Groups.AddMember(w.ctx, w.op, "team", p[1].User.ID))
	w.readers("bob is back", r, p, "ada", "bob")
	w.must(w.shares.Drop(w.ctx, head, of, s.ID))
	w.readers("dropped", r, p, "ada")
	_, err = w.shares.Create(w.ctx, p[0], r, sharing.ShareInput{Group: g.ID})
	w.must(err)
	w.must(w.Groups.Delete(w.ctx, w.op, "team"))
	w.group("team")
	w.must(w.Groups.AddMember(w.ctx, w.op, "team", p[1].User.ID))
	w.readers("another group with the same name", r, p, "ada")
}

// listsShowTheCallersPart checks that the owner sees all shares and codes of a resource, that
// others see only those that they gave, and that everybody can list what they gave and
// received.
func listsShowTheCallersPart(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal", "dan")
	ada, bob, cal, dan := p[0], p[1], p[2], p[3]
	r := w.note(ada, "n1")
	give := func(from, to *auth.Principal) string {
		w.clock.Advance(time.Second) // lists are ordered by id, and ids by time
		return w.give(from, r, to).ID
	}
	code := func(from *auth.Principal) (string, string) {
		w.clock.Advance(time.Second)
		c, secret := w.code(from, r, sharing.ShareCodeInput{})
		return c.ID, secret
	}
	s := []string{give(ada, bob), give(ada, bob), give(bob, cal), give(ada, cal), give(bob, dan)}
	c1, _ := code(ada)
	c2, secret := code(bob)
	w.clock.Advance(time.Second)
	ended, err := w.shares.Create(w.ctx, ada, r, sharing.ShareInput{User: idOf(bob), ExpiresIn: time.Second})
	w.must(err)
	w.code(ada, r, sharing.ShareCodeInput{ExpiresIn: time.Minute})
	w.clock.Advance(time.Minute)
	var exchanges []string
	for _, who := range []*auth.Principal{cal, dan, w.persons("eve")[0]} {
		w.clock.Advance(time.Second)
		a, err := w.shares.Accept(w.ctx, who, secret, auth.Client{})
		w.must(err)
		s, exchanges = append(s, a.Share.ID), append([]string{a.Share.ID}, exchanges...)
	}
	share := func(x sharing.Share) string { return x.ID }
	codes := func(x sharing.ShareCode) string { return x.ID }
	received := func(x sharing.Received) string { return x.ID }
	shares := func(who *auth.Principal) func(auth.PageQuery) (auth.Page[sharing.Share], error) {
		return func(q auth.PageQuery) (auth.Page[sharing.Share], error) {
			return w.shares.Shares(w.ctx, who, r, q)
		}
	}
	pages(w, "ada's shares", s, share, shares(ada))
	pages(w, "bob's shares", []string{s[2], s[4], s[5], s[6], s[7]}, share, shares(bob))
	pages(w, "codes of all", []string{c1, c2}, codes, func(q auth.PageQuery) (auth.Page[sharing.ShareCode], error) {
		return w.shares.ShareCodes(w.ctx, ada, r, q)
	})
	pages(w, "codes of bob", []string{c2}, codes, func(q auth.PageQuery) (auth.Page[sharing.ShareCode], error) {
		return w.shares.ShareCodes(w.ctx, bob, r, q)
	})
	for _, who := range []*auth.Principal{ada, bob} {
		pages(w, "exchanges", exchanges, func(x sharing.Exchange) string { return x.Share },
			func(q auth.PageQuery) (auth.Page[sharing.Exchange], error) {
				return w.shares.Exchanges(w.ctx, who, r, c2, q)
			})
	}
	_, err = w.shares.Exchanges(w.ctx, bob, r, c1, auth.PageQuery{})
	w.want(err, auth.ErrNotFound)
	pages(w, "received", []string{s[2], s[3], s[5]}, received,
		func(q auth.PageQuery) (auth.Page[sharing.Received], error) {
			return w.shares.Received(w.ctx, cal, sharing.Receiver{User: idOf(cal)}, q)
		})
	pages(w, "given", []string{s[2], s[4], s[5], s[6], s[7]},
		share, func(q auth.PageQuery) (auth.Page[sharing.Share], error) {
			return w.shares.GivenShares(w.ctx, bob, idOf(bob), q)
		})
	pages(w, "given codes", []string{c2}, codes, func(q auth.PageQuery) (auth.Page[sharing.ShareCode], error) {
		return w.shares.GivenShareCodes(w.ctx, bob, idOf(bob), q)
	})
	for _, id := range []string{"b", "n10", "n2", "~/x=1"} {
		w.note(ada, id)
	}
	pages(w, "owned", []string{"b", "n1", "n10", "n2", "~/x=1"}, func(x sharing.Resource) string { return x.ID },
		func(q auth.PageQuery) (auth.Page[sharing.Resource], error) {
			return w.shares.Owned(w.ctx, ada, "note", q)
		})

	// Nobody can list or drop what others gave or received.
	for _, err := range []error{
		errOf(w.shares.Received(w.ctx, bob, sharing.Receiver{User: idOf(cal)}, auth.PageQuery{})),
		errOf(w.shares.GivenShares(w.ctx, cal, idOf(bob), auth.PageQuery{})),
		errOf(w.shares.GivenShareCodes(w.ctx, cal, idOf(bob), auth.PageQuery{})),
		w.shares.Drop(w.ctx, bob, sharing.Receiver{User: idOf(cal)}, s[3]),
		w.shares.Drop(w.ctx, bob, sharing.Receiver{User: idOf(bob)}, s[3]),
		w.shares.Drop(w.ctx, bob, sharing.Receiver{User: idOf(bob)}, "x"),
	} {
		w.want(err, auth.ErrNotFound)
	}
	w.must(w.shares.Drop(w.ctx, cal, sharing.Receiver{User: idOf(cal)}, s[3]))
	w.must(w.shares.Housekeep(w.ctx))
	_, err = w.st.Sharing().Share(w.ctx, ended.ID)
	w.want(err, auth.ErrNotFound)
	_, err = w.st.Sharing().Share(w.ctx, s[2])
	w.must(err)

	// A received share tells which of its scopes count.
	w.must(w.shares.Revoke(w.ctx, ada, r, sharing.Revocation{User: idOf(bob)}))
	list, err := w.shares.Received(w.ctx, cal, sharing.Receiver{User: idOf(cal)}, auth.PageQuery{})
	w.must(err)
	for _, x := range list.Items {
		if len(x.Counts) != 0 {
			t.Errorf("this share still counts: %+v", x)
		}
	}
}
