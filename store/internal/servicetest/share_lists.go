package servicetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// pages reads a list by pages of two and checks that it has just these ids.
func pages[T any](
	w *shareWorld, what string, want []string, id func(T) string, read func(auth.PageQuery) (auth.Page[T], error),
) {
	w.t.Helper()
	got, q := []string{}, auth.PageQuery{Limit: 2}
	for {
		p, err := read(q)
		w.must(err)
		if p.Items == nil || len(p.Items) > 2 || p.Next != "" && len(p.Items) != 2 {
			w.t.Fatalf("%s: a page of %d, then %q", what, len(p.Items), p.Next)
		}
		for _, x := range p.Items {
			got = append(got, id(x))
		}
		if q.Cursor = p.Next; q.Cursor == "" {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("%s: %v, want %v", what, got, want)
	}
	for _, bad := range []auth.PageQuery{{Cursor: "a b"}, {Cursor: "\x00"}, {Cursor: string(make([]byte, 300))}} {
		if _, err := read(bad); !errors.Is(err, auth.ErrBadCursor) {
			w.t.Errorf("%s: cursor %.10q: %v", what, bad.Cursor, err)
		}
	}
	for _, n := range []int{-1, 201} {
		if _, err := read(auth.PageQuery{Limit: n}); !errors.Is(err, auth.ErrInvalidInput) {
			w.t.Errorf("%s: limit %d: %v", what, n, err)
		}
	}
}

// listsShowTheCallersPart: the owner sees all shares and codes of a resource, who may share on
// their own; everybody what they received and gave.
func listsShowTheCallersPart(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal", "dan")
	ada, bob, cal, dan := p[0], p[1], p[2], p[3]
	r := w.note(ada, "n1")
	give := func(from, to *auth.Principal) string {
		w.clock.Advance(time.Second) // lists go by id, and ids by time
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

	// Others' are not theirs to see or to drop.
	for _, err := range []error{
		second(
			w.shares.Received(w.ctx, bob, sharing.Receiver{User: idOf(cal)}, auth.PageQuery{}),
		), second(w.shares.GivenShares(w.ctx, cal, idOf(bob), auth.PageQuery{})),
		second(
			w.shares.GivenShareCodes(w.ctx, cal, idOf(bob), auth.PageQuery{}),
		), w.shares.Drop(w.ctx, bob, sharing.Receiver{User: idOf(cal)}, s[3]),
		w.shares.Drop(
			w.ctx, bob, sharing.Receiver{User: idOf(bob)}, s[3],
		), w.shares.Drop(w.ctx, bob, sharing.Receiver{User: idOf(bob)}, "x"),
	} {
		w.want(err, auth.ErrNotFound)
	}
	w.must(w.shares.Drop(w.ctx, cal, sharing.Receiver{User: idOf(cal)}, s[3]))
	w.must(w.shares.Housekeep(w.ctx))
	_, err = w.st.Sharing().Share(w.ctx, ended.ID)
	w.want(err, auth.ErrNotFound)
	_, err = w.st.Sharing().Share(w.ctx, s[2])
	w.must(err)

	// What counts of it is told with what was received.
	w.must(w.shares.Revoke(w.ctx, ada, r, sharing.Revocation{User: idOf(bob)}))
	list, err := w.shares.Received(w.ctx, cal, sharing.Receiver{User: idOf(cal)}, auth.PageQuery{})
	w.must(err)
	for _, x := range list.Items {
		if len(x.Counts) != 0 {
			t.Errorf("counts: %+v", x)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// groupsReceive: what a group received its members use as long as they are in it; who manages
// the group drops it.
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
		t.Errorf("%+v", list)
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
	w.readers("another group of the name", r, p, "ada")
}
