package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

var shareScenarios = []scenario{
	{"AddShare", addShare},
	{"AddShareNeedsItsEnds", addShareNeedsEnds},
	{"OneShareOfCodeAndUser", oneShareOfCodeAndUser},
	{"UpdateShare", updateShare},
	{"DeleteShares", deleteShares},
	{"SharesOfTheDeleted", sharesOfTheDeleted},
}

func addShare(w *world) {
	a, b, g, v := w.user("alice"), w.user("bob"), w.group("g"), w.service("bot")
	full := w.share(note("1"), byUser(a), b)
	direct := w.groupShare(note("1"), byService(v), g)
	old := w.newShare(note("2"), byUser(a), b)
	old.ExpiresAt = start.Add(-time.Hour)
	w.addShare(old)
	self := w.share(note("3"), byUser(a), a) // a store does not judge this
	toGroup := w.newShare(note("3"), byService(v), auth.Account{})
	toGroup.Group = g.ID
	w.addShare(toGroup)
	for _, x := range []sharing.Share{full, direct, old, self, toGroup} { // expired or not
		w.shareIs(x)
	}
	none := w.newShare(note("2"), byUser(a), b)
	none.Scopes = nil
	w.addShare(none)
	none.Scopes = []string{}
	w.shareIs(none)
	w.noShare(w.newShare(note("1"), byUser(a), b))
	w.want(errOf(w.sh.ShareFromCode(w.ctx, full.Code, a.ID)), auth.ErrNotFound)
	w.want(errOf(w.sh.ShareFromCode(w.ctx, old.Code, auth.UserID(g.ID))), auth.ErrNotFound)
	w.want(errOf(w.sh.ShareFromCode(w.ctx, "", b.ID)), auth.ErrNotFound)

	other := w.newShare(note("9"), byUser(b), a)
	other.ID = full.ID
	if added, err := w.sh.AddShare(w.ctx, other); err == nil || added {
		w.t.Error("a share was stored over another")
	}
	w.shareIs(full)
}

func addShareNeedsEnds(w *world) {
	a, b, g, v := w.user("alice"), w.user("bob"), w.group("g"), w.service("bot")
	there := w.share(note("1"), byUser(a), b)
	w.must(w.both(func(in *world) error {
		no := func(x sharing.Share) {
			in.t.Helper()
			added, err := in.sh.AddShare(in.ctx, x)
			in.want(err, auth.ErrNotFound)
			in.same("added", added, false)
			in.noShare(x)
		}
		for _, giver := range []auth.Holder{
			{}, {User: auth.UserID(in.id())}, {Service: auth.ServiceID(in.id())}, {
				User: a.ID, Service: v.ID,
			}, {User: auth.UserID(v.ID)}, {Service: auth.ServiceID(a.ID)},
			{User: auth.UserID(g.ID)},
		} {
			no(in.newShare(note("1"), giver, b))
			again := in.newShare(note("1"), giver, b)
			again.Code = there.Code
			in.want(errOf(in.sh.AddShare(in.ctx, again)), auth.ErrNotFound) // whether it is there or not
		}
		for _, to := range []struct{ user, group string }{
			{}, {user: in.id()}, {group: in.id()}, {string(b.ID), string(g.ID)}, {user: string(g.ID)},
			{group: string(b.ID)}, {user: string(v.ID)},
		} {
			x := in.newShare(note("1"), byUser(a), b)
			x.User, x.Group = auth.UserID(to.user), auth.GroupID(to.group)
			no(x)
		}
		in.same("shares", in.shares(sharing.ShareQuery{}), []sharing.Share{there})
		in.share(note("1"), byUser(a), b)
		return nil
	}))
}

func oneShareOfCodeAndUser(w *world) {
	a, b, c, g := w.user("alice"), w.user("bob"), w.user("carol"), w.group("g")
	first := w.newShare(note("1"), byUser(a), b)
	first.ExpiresAt = start.Add(-time.Hour) // expired or not
	w.addShare(first)
	w.must(w.both(func(in *world) error {
		for _, giver := range []auth.Account{a, c} {
			again := in.newShare(note("2"), byUser(giver), b)
			again.Code = first.Code
			in.adds(again, false)
			in.want(errOf(in.sh.Share(in.ctx, again.ID)), auth.ErrNotFound)
			in.shareIs(first)
		}
		other := in.newShare(note("1"), byUser(a), c)
		other.Code = first.Code
		in.addShare(other)
		in.shareIs(other)
		for range 2 { // without a code or a user, the rule does not apply
			direct := in.newShare(note("1"), byUser(a), b)
			direct.Code = ""
			in.shareIs(in.addShare(direct))
			toGroup := in.newShare(note("1"), byUser(a), auth.Account{})
			toGroup.Group, toGroup.Code = g.ID, first.Code
			in.shareIs(in.addShare(toGroup))
		}
		return nil
	}))
	w.must(errOf(w.sh.DeleteShares(w.ctx, sharing.ShareSelection{Resource: note("1"), ID: first.ID})))
	next := w.newShare(note("2"), byUser(c), b)
	next.Code = first.Code
	w.shareIs(w.addShare(next))
}

func updateShare(w *world) {
	a, b, g := w.user("alice"), w.user("bob"), w.group("g")
	x, other := w.share(note("1"), byUser(a), b), w.share(note("1"), byUser(a), b)
	update := func(scopes []string, expires time.Time) {
		w.t.Helper()
		got, err := w.sh.UpdateShare(w.ctx, x.ID, func(now *sharing.Share) error {
			w.same("handed to edit", *now, x)
			now.Scopes, now.ExpiresAt = scopes, expires
			now.ID, now.Resource, now.Giver, now.Code = w.id(), note("2"), byUser(b), w.id() // none of which is written
			now.User, now.Group, now.CreatedAt = "", g.ID, start.Add(time.Hour)
			return nil
		})
		w.must(err)
		x.Scopes, x.ExpiresAt = append([]string{}, scopes...), expires
		w.same("answer", got, x)
		w.shareIs(x)
	}
	update([]string{"read:notes"}, start.Add(time.Minute))
	update([]string{}, time.Time{})
	update(nil, start.Add(-time.Hour)) // also works on an expired share
	update([]string{"a", "b"}, start.Add(time.Microsecond))
	for _, mine := range []error{errRefused, auth.ErrNotFound, auth.ErrNotFound, auth.ErrStale} {
		got, err := w.sh.UpdateShare(
			w.ctx, x.ID, func(now *sharing.Share) error { now.Scopes, now.ExpiresAt = nil, time.Time{}; return mine },
		)
		if err != mine {
			w.t.Errorf("got error %v, want %v as it is", err, mine)
		}
		w.same("answer", got, sharing.Share{})
	}
	w.panics(func() { _, _ = w.sh.UpdateShare(w.ctx, x.ID, func(*sharing.Share) error { panic(errRefused) }) })
	w.shareIs(x)
	w.shareIs(other)
	w.must(w.both(func(in *world) error {
		_, err := in.sh.UpdateShare(
			in.ctx, in.id(), func(*sharing.Share) error { in.t.Error("edits nothing"); return nil },
		)
		in.want(err, auth.ErrNotFound)
		return in.both(func(in *world) error {
			return errOf(in.sh.UpdateShare(
				in.ctx, x.ID, func(now *sharing.Share) error { now.ExpiresAt = time.Time{}; return nil },
			))
		})
	}))
	x.ExpiresAt = time.Time{}
	w.shareIs(x)
}

func deleteShares(w *world) {
	a, b, c, g := w.user("alice"), w.user("bob"), w.user("carol"), w.group("g")
	n1, n2, doc := note("1"), note("2"), auth.ResourceRef{Kind: "doc", ID: "1"}
	ab, ac, ag := w.share(n1, byUser(a), b), w.share(n1, byUser(a), c), w.groupShare(n1, byUser(a), g)
	ab2, bc := w.share(n1, byUser(a), b), w.newShare(n1, byUser(b), c)
	bc.Code = ab.Code
	w.addShare(bc)
	elsewhere := []sharing.Share{w.share(n2, byUser(a), b), w.share(doc, byUser(a), b), w.groupShare(doc, byUser(a), g)}
	deleted := func(s sharing.ShareSelection, gone ...sharing.Share) {
		w.t.Helper()
		n, err := w.sh.DeleteShares(w.ctx, s)
		w.must(err)
		w.same("deleted", n, len(gone))
		for _, x := range gone {
			w.noShare(x)
		}
	}
	bob, carol, group := string(b.ID), string(c.ID), string(g.ID)
	for _, s := range []sharing.ShareSelection{
		{}, {ID: ab.ID}, {User: auth.UserID(bob)}, {Group: auth.GroupID(group)}, {Code: ab.Code}, {
			Resource: auth.ResourceRef{Kind: "note"},
		}, {Resource: auth.ResourceRef{ID: "1"}},
		{Resource: n2, ID: ab.ID}, {Resource: doc, ID: ab.ID}, {
			Resource: n1, ID: ab.ID, User: auth.UserID(carol),
		}, {Resource: n1, ID: w.id()},
		{Resource: n1, User: auth.UserID(group)}, {Resource: n1, Group: auth.GroupID(bob)}, {
			Resource: n1, User: auth.UserID(bob), Group: auth.GroupID(group),
		}, {Resource: n2, Code: ab.Code},
		{Resource: n1, Code: w.id()}, {Resource: n1, ID: ab.ID, Code: ac.Code},
	} {
		deleted(s)
	}
	w.same("shares", len(w.shares(sharing.ShareQuery{})), 8)
	deleted(sharing.ShareSelection{Resource: n1, ID: ac.ID, User: auth.UserID(carol), Code: ac.Code}, ac)
	deleted(sharing.ShareSelection{Resource: n1, ID: ac.ID})
	deleted(sharing.ShareSelection{Resource: n1, Code: ab.Code}, ab, bc)
	deleted(sharing.ShareSelection{Resource: n1, Group: auth.GroupID(group)}, ag)
	again, last := w.share(n1, byUser(a), b), w.share(n1, byUser(b), c)
	deleted(sharing.ShareSelection{Resource: n1, User: auth.UserID(bob)}, ab2, again)
	old := w.newShare(n1, byUser(a), b)
	old.ExpiresAt = start.Add(-time.Hour) // expired or not
	w.addShare(old)
	deleted(sharing.ShareSelection{Resource: n1}, last, old)
	w.same("left", w.shares(sharing.ShareQuery{}), elsewhere)
}

// Shares end with their giver and with their receiver, and with nobody else.
func sharesOfTheDeleted(w *world) {
	for name, end := range map[string]func(a auth.Account, g auth.Group, v auth.ServiceAccount) error{
		"user": func(a auth.Account, _ auth.Group, _ auth.ServiceAccount) error {
			return w.st.DeleteAccount(w.ctx, a.ID)
		},
		"group": func(_ auth.Account, g auth.Group, _ auth.ServiceAccount) error {
			return w.st.DeleteGroup(w.ctx, g.ID)
		},
		"service": func(_ auth.Account, _ auth.Group, v auth.ServiceAccount) error {
			return w.st.DeleteService(w.ctx, v.ID)
		},
	} {
		a, b, g, h, v, u := w.user("a"+name), w.user("b"+name), w.group("g"+name), w.group("h"+name), w.service("v"+
			name), w.service("u"+name)
		w.must(errOf(w.st.AddMember(w.ctx, g.ID, b.ID))) // a member is not a receiver
		r := note(name)
		all := map[string][]sharing.Share{
			"user": {w.share(r, byUser(a), b), w.groupShare(r, byUser(a), h), w.share(r, byUser(b), a),
				w.share(r, byService(u), a), w.share(r, byUser(a), a)},
			"group":   {w.groupShare(r, byUser(b), g), w.groupShare(r, byService(u), g)},
			"service": {w.share(r, byService(v), b), w.groupShare(r, byService(v), h)},
			"": {w.share(r, byUser(b), b), w.groupShare(r, byUser(b), h), w.share(r, byService(u), b),
				w.groupShare(r, byService(u), h)},
		}
		w.must(end(a, g, v))
		for what, list := range all {
			for _, x := range list {
				if what == name {
					w.noShare(x)
				} else {
					w.shareIs(x)
				}
			}
		}
	}
}
