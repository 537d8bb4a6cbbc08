package storetest

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

var sharingScenarios = []scenario{
	{"EveryMethodIsCalled", everyMethodIsCalled},
	{"FurnishedStoreHasAll", furnishedHasAll},
	{"EmptyStoreSharesNothing", emptySharesNothing},
	{"IDsMustBeUUIDs", idsMustBeUUIDs},
	{"SharingTimesRoundTrip", sharingTimesRoundTrip},
	{"SharingSharesNoMemory", sharingSharesNoMemory},
	{"TextInSharing", textInSharing},
}

// everyMethodIsCalled checks that sharingCalls covers all methods.
func everyMethodIsCalled(w *world) {
	calls := w.sharingCalls(auth.Account{})
	for m := range reflect.TypeFor[sharing.Store]().Methods() {
		if calls[m.Name] == nil {
			w.t.Errorf("%s is not called", m.Name)
		}
	}
}

// furnishedHasAll checks that what snapshots compare really exists.
func furnishedHasAll(w *world) {
	w.furnished()
	s := w.held.shared
	want := sharingSnapshot{[]sharing.Resource{s.note}, []sharing.ShareCode{s.code}, []sharing.Share{s.share, s.direct},
		[]sharing.Exchange{s.exchange}}
	w.same("all", w.sharingSnapshot(), want)
	w.codeIs(s.code)
	w.shareIs(s.share)
	w.shareIs(s.direct)
}

func emptySharesNothing(w *world) {
	id := w.id()
	for name, err := range map[string]error{
		"ShareCodeByHash": errOf(w.sh.ShareCodeByHash(w.ctx, w.hash())),
		"no hash":         errOf(w.sh.ShareCodeByHash(w.ctx, [32]byte{})),
		"ShareCode":       errOf(w.sh.ShareCode(w.ctx, note("1"), id)),
		"Share":           errOf(w.sh.Share(w.ctx, id)),
		"ShareFromCode":   errOf(w.sh.ShareFromCode(w.ctx, id, auth.UserID(id))),
		"UpdateShare": errOf(
			w.sh.UpdateShare(w.ctx, id, func(*sharing.Share) error { w.t.Error("edits nothing"); return nil }),
		),
	} {
		if !errors.Is(err, auth.ErrNotFound) {
			w.t.Errorf("%s: got error %v, want ErrNotFound", name, err)
		}
	}
	w.same("all", w.sharingSnapshot(), sharingSnapshot{})
	w.same("exchanges", w.exchanges(id), []sharing.Exchange{})
	owners, err := w.sh.Owners(w.ctx, "note", []string{"1"})
	w.must(err)
	w.same("owners", owners, map[string]auth.UserID{})
	for name, call := range w.countingCalls(note("1"), id) {
		w.same(name, call(), 0)
	}
}

// countingCalls are what removes or uses something by id, as numbers.
func (w *world) countingCalls(r auth.ResourceRef, id string) map[string]func() int {
	number := func(n int, err error) int { w.t.Helper(); w.must(err); return n }
	yes := func(ok bool, err error) int {
		w.t.Helper()
		w.must(err)
		if ok {
			return 1
		}
		return 0
	}
	return map[string]func() int{
		"UseShareCode":     func() int { return yes(w.sh.UseShareCode(w.ctx, id, start)) },
		"DeleteShareCodes": func() int { return number(w.sh.DeleteShareCodes(w.ctx, r, id)) },
		"DeleteShares": func() int {
			return number(w.sh.DeleteShares(w.ctx, sharing.ShareSelection{Resource: r, ID: id}))
		},
		"DeleteShares user": func() int {
			return number(w.sh.DeleteShares(w.ctx, sharing.ShareSelection{Resource: r, User: auth.UserID(id)}))
		},
		"DeleteShares group": func() int {
			return number(w.sh.DeleteShares(w.ctx, sharing.ShareSelection{Resource: r, Group: auth.GroupID(id)}))
		},
		"DeleteShares code": func() int {
			return number(w.sh.DeleteShares(w.ctx, sharing.ShareSelection{Resource: r, Code: id}))
		},
		"Shares user": func() int { return len(w.shares(sharing.ShareQuery{User: auth.UserID(id)})) },
		"Shares group": func() int {
			return len(w.shares(sharing.ShareQuery{Groups: []auth.GroupID{auth.GroupID(id)}}))
		},
		"Shares giver": func() int {
			return len(w.shares(sharing.ShareQuery{Giver: auth.Holder{User: auth.UserID(id)}}))
		},
		"Shares service": func() int {
			return len(w.shares(sharing.ShareQuery{Giver: auth.Holder{Service: auth.ServiceID(id)}}))
		},
		"Shares code": func() int { return len(w.shares(sharing.ShareQuery{Code: id})) },
		"Codes giver": func() int {
			return len(w.codes(sharing.ShareCodeQuery{Giver: auth.Holder{User: auth.UserID(id)}}))
		},
		"Codes service": func() int {
			return len(w.codes(sharing.ShareCodeQuery{Giver: auth.Holder{Service: auth.ServiceID(id)}}))
		},
		"Exchanges": func() int { return len(w.exchanges(id)) },
		"Resources owner": func() int {
			list, err := w.sh.Resources(
				w.ctx, sharing.ResourceQuery{Kind: r.Kind, Owners: []auth.UserID{auth.UserID(id)}, Limit: 9},
			)
			return number(len(list), err)
		},
	}
}

// A text that is not a UUID finds nothing, is never stored, and does not end the transaction.
func idsMustBeUUIDs(w *world) {
	a, _, _ := w.furnished()
	s, before := w.held.shared, w.sharingSnapshot()
	w.must(w.both(func(in *world) error {
		for _, id := range []string{"none", "1", "' OR 1=1 --", "%", strings.ToUpper(s.share.ID), "{" + s.share.ID +
			"}", strings.ReplaceAll(s.share.ID, "-", ""), "\U0001f600"} {
			for name, call := range in.countingCalls(note("1"), id) {
				in.same(name+" of "+id, call(), 0)
			}
			for name, err := range map[string]error{
				"ShareCode":     errOf(in.sh.ShareCode(in.ctx, note("1"), id)),
				"Share":         errOf(in.sh.Share(in.ctx, id)),
				"ShareFromCode": errOf(in.sh.ShareFromCode(in.ctx, id, s.share.User)),
				"from user":     errOf(in.sh.ShareFromCode(in.ctx, s.share.Code, auth.UserID(id))),
				"UpdateShare":   errOf(in.sh.UpdateShare(in.ctx, id, func(*sharing.Share) error { return nil })),
				"owner": errOf(
					in.sh.PutResource(in.ctx, sharing.Resource{ResourceRef: note("9"), Owner: auth.UserID(id)}),
				),
				"giver of code": in.sh.AddShareCode(in.ctx, in.newCode(note("1"), auth.Holder{User: auth.UserID(id)})),
				"giver": errOf(
					in.sh.AddShare(in.ctx, in.newShare(note("1"), auth.Holder{Service: auth.ServiceID(id)}, a)),
				),
				"receiver": errOf(in.sh.AddShare(
					in.ctx, sharing.Share{ID: in.id(), Resource: note("1"), Giver: byUser(a), Group: auth.GroupID(id)},
				)),
				"AddExchange": in.sh.AddExchange(
					in.ctx, sharing.Exchange{ID: in.id(), Code: id, User: a.ID, At: start},
				),
				"by": in.sh.AddExchange(
					in.ctx, sharing.Exchange{ID: in.id(), Code: s.code.ID, User: auth.UserID(id), At: start},
				),
			} {
				if !errors.Is(err, auth.ErrNotFound) {
					in.t.Errorf("%s of %s: got error %v, want ErrNotFound", name, id, err)
				}
			}
			in.same("shares after it", len(in.shares(sharing.ShareQuery{After: id})), 0)
			in.same("codes after it", len(in.codes(sharing.ShareCodeQuery{After: id})), 0)
			list, err := in.sh.Exchanges(in.ctx, s.code.ID, id, 9)
			in.must(err)
			in.same("exchanges before it", len(list), 0)
		}
		bad := in.newShare(note("1"), byUser(a), a)
		bad.Code = "none"
		for name, err := range map[string]error{
			"code": in.sh.AddShareCode(
				in.ctx, sharing.ShareCode{ID: "none", Hash: in.hash(), Resource: note("1"), Giver: byUser(a)},
			),
			"share": errOf(in.sh.AddShare(
				in.ctx, sharing.Share{ID: "none", Resource: note("1"), Giver: byUser(a), User: a.ID},
			)),
			"code of a share": errOf(in.sh.AddShare(in.ctx, bad)),
			"exchange": in.sh.AddExchange(
				in.ctx, sharing.Exchange{ID: "none", Code: s.code.ID, User: a.ID, At: start},
			),
			"share of exchange": in.sh.AddExchange(
				in.ctx, sharing.Exchange{ID: in.id(), Code: s.code.ID, User: a.ID, Share: "none", At: start},
			),
		} {
			if err == nil || errors.Is(err, auth.ErrNotFound) {
				in.t.Errorf("%s: got error %v, want one that is no promise", name, err)
			}
		}
		in.same("all", in.sharingSnapshot(), before)
		return nil
	}))
}

func sharingTimesRoundTrip(w *world) {
	a := w.user("alice")
	for _, at := range []time.Time{
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(2000, 2, 29, 12, 0, 0, 1000, time.UTC),
		time.Date(2026, 3, 29, 1, 30, 0, 999999000, time.UTC), time.Date(2262, 4, 12, 0, 0, 0, 123456000, time.UTC),
	} {
		r := sharing.Resource{ResourceRef: note(at.String()), Owner: a.ID, CreatedAt: at}
		w.put(r, true)
		list, err := w.sh.Resources(w.ctx, sharing.ResourceQuery{Kind: "note", IDs: []string{r.ID}, Limit: 1})
		w.must(err)
		w.same("resource", list, []sharing.Resource{r})
		c := w.newCode(r.ResourceRef, byUser(a))
		c.MaxUses, c.CreatedAt, c.LastExchangedAt, c.ExpiresAt = 0, at, at.Add(time.Microsecond), at.Add(time.Hour)
		w.codeIs(w.addCode(c))
		w.uses(c, at.Add(2*time.Microsecond), true)
		c.Exchanges, c.LastExchangedAt = 3, at.Add(2*time.Microsecond)
		w.codeIs(c)
		x := w.newShare(r.ResourceRef, byUser(a), a)
		x.CreatedAt, x.ExpiresAt = at, at.Add(time.Microsecond)
		w.shareIs(w.addShare(x))
		e := sharing.Exchange{ID: w.id(), Code: c.ID, User: a.ID, At: at}
		w.must(w.sh.AddExchange(w.ctx, e))
		w.same("exchanges", w.exchanges(c.ID), []sharing.Exchange{e})
	}
}

// What a caller does to a value that it has stored or read changes nothing.
func sharingSharesNoMemory(w *world) {
	a := w.user("alice")
	c, x := w.newCode(note("1"), byUser(a)), w.newShare(note("1"), byUser(a), a)
	spoil := func(list []string) { list[0] = "spoilt" }
	check := func() {
		w.t.Helper()
		want := []string{"notes", "read:notes"}
		byHash, err := w.sh.ShareCodeByHash(w.ctx, c.Hash)
		w.must(err)
		code, err := w.sh.ShareCode(w.ctx, c.Resource, c.ID)
		w.must(err)
		share, err := w.sh.Share(w.ctx, x.ID)
		w.must(err)
		from, err := w.sh.ShareFromCode(w.ctx, x.Code, x.User)
		w.must(err)
		for _, list := range [][]string{
			byHash.Scopes, code.Scopes, w.codes(sharing.ShareCodeQuery{})[0].Scopes, share.Scopes, from.Scopes,
			w.shares(sharing.ShareQuery{})[0].Scopes,
		} {
			w.same("scopes", list, want)
			spoil(list)
		}
	}
	w.addCode(c)
	w.addShare(x)
	spoil(c.Scopes)
	spoil(x.Scopes)
	check() // each changes values that the next must not see
	check()
	var kept *sharing.Share
	list := []string{"notes", "read:notes"}
	got, err := w.sh.UpdateShare(w.ctx, x.ID, func(x *sharing.Share) error { kept = x; x.Scopes = list; return nil })
	w.must(err)
	spoil(kept.Scopes)
	spoil(list)
	w.same("answer", got.Scopes, []string{"notes", "read:notes"})
	spoil(got.Scopes)
	check()
	_, err = w.sh.UpdateShare(w.ctx, x.ID, func(x *sharing.Share) error { spoil(x.Scopes); return errRefused })
	w.want(err, errRefused)
	check()
	owners, err := w.sh.Owners(w.ctx, "note", nil)
	w.must(err)
	owners["spoilt"] = "spoilt"
	again, err := w.sh.Owners(w.ctx, "note", nil)
	w.must(err)
	w.same("owners", again, map[string]auth.UserID{})
}

// Each text serves as a name, a label and a scope, and finds nothing but itself.
func textInSharing(w *world) {
	a := w.user("alice")
	var refs []auth.ResourceRef
	want := map[string]auth.UserID{}
	w.must(w.both(func(in *world) error {
		refs, want = nil, map[string]auth.UserID{}
		for _, text := range shortTexts() {
			r := auth.ResourceRef{Kind: "note", ID: text}
			in.resource(r, a)
			in.put(sharing.Resource{ResourceRef: r, Owner: a.ID, CreatedAt: start}, false)
			in.resource(auth.ResourceRef{Kind: "kind " + text, ID: text}, a)
			c := in.newCode(r, byUser(a))
			c.Scopes, c.Label, c.Next = []string{text, "and", text}, text, text
			c.Audience = sharing.Audience{Type: sharing.AudienceType(text), Value: text}
			in.codeIs(in.addCode(c))
			in.same("codes", in.codes(sharing.ShareCodeQuery{Resource: r}), []sharing.ShareCode{c})
			x := in.newShare(r, byUser(a), a)
			x.Scopes = []string{text, "", text}
			in.shareIs(in.addShare(x))
			other := in.share(auth.ResourceRef{Kind: "kind " + text, ID: text}, byUser(a), a)
			in.same("shares of it", in.shares(sharing.ShareQuery{Resources: []auth.ResourceRef{r}}), []sharing.Share{x})
			in.same("shares of the kind", in.shares(sharing.ShareQuery{Kind: "kind " + text}), []sharing.Share{other})
			_, err := in.sh.UpdateShare(
				in.ctx, x.ID, func(x *sharing.Share) error { x.Scopes = []string{text}; return nil },
			)
			in.must(err)
			x.Scopes = []string{text}
			in.shareIs(x)
			in.must(in.st.AddAudit(in.ctx, auth.AuditRecord{
				ID: auth.AuditID(in.id()), At: start, Actor: text, Action: "a" + text, Target: "note=" + text,
			}))
			refs, want[text] = append(refs, r), a.ID
		}
		return nil
	}))
	ids := shortTexts()
	owners, err := w.sh.Owners(w.ctx, "note", ids)
	w.must(err)
	w.same("owners", owners, want)
	slices.Sort(ids)
	w.resourcesAre("by bytes", sharing.ResourceQuery{Kind: "note", All: true}, ids...)
	w.resourcesAre("by id", sharing.ResourceQuery{Kind: "note", IDs: ids}, ids...)
	w.same("shares", len(w.shares(sharing.ShareQuery{Resources: refs})), len(refs))
	for i, r := range refs {
		n, err := w.sh.DeleteShares(w.ctx, sharing.ShareSelection{Resource: r})
		w.must(err)
		w.same("shares deleted", n, 1)
		n, err = w.sh.DeleteShareCodes(w.ctx, r, "")
		w.must(err)
		w.same("codes deleted", n, 1)
		deleted, err := w.sh.DeleteResource(w.ctx, r)
		w.must(err)
		w.same("deleted", deleted, true)
		w.same("left", len(w.codes(sharing.ShareCodeQuery{})), len(refs)-i-1)
	}
}
