package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// kinds are the kinds of all resources here.
var kinds = []string{"note", "doc"}

func note(id string) auth.ResourceRef { return auth.ResourceRef{Kind: "note", ID: id} }

// byUser and byService are givers.
func byUser(a auth.Account) auth.Holder           { return auth.Holder{User: a.ID} }
func byService(v auth.ServiceAccount) auth.Holder { return auth.Holder{Service: v.ID} }

// resource stores a resource.
func (w *world) resource(r auth.ResourceRef, owner auth.Account) sharing.Resource {
	w.t.Helper()
	out := sharing.Resource{ResourceRef: r, Owner: owner.ID, CreatedAt: start}
	w.put(out, true)
	return out
}

func (w *world) put(r sharing.Resource, want bool) {
	w.t.Helper()
	created, err := w.sh.PutResource(w.ctx, r)
	w.must(err)
	w.same("created", created, want)
}

// newCode is a code with all fields set.
func (w *world) newCode(r auth.ResourceRef, giver auth.Holder) sharing.ShareCode {
	return sharing.ShareCode{
		ID: w.id(), Hash: w.hash(), Resource: r, Giver: giver, Scopes: []string{"notes", "read:notes"},
		Label: "it's %s",
		Audience: sharing.Audience{
			Type: sharing.ForDomain, Value: "example.org",
		}, Next: "/notes/1?a=b", MaxUses: 5, Exchanges: 2,
		LastExchangedAt: start.Add(time.Microsecond), CreatedAt: start, ExpiresAt: start.Add(time.Hour),
	}
}

// code stores one.
func (w *world) code(r auth.ResourceRef, giver auth.Holder) sharing.ShareCode {
	w.t.Helper()
	return w.addCode(w.newCode(r, giver))
}

func (w *world) addCode(c sharing.ShareCode) sharing.ShareCode {
	w.t.Helper()
	w.must(w.sh.AddShareCode(w.ctx, c))
	return c
}

// newShare is a share with a user with all fields set but that of groups.
func (w *world) newShare(r auth.ResourceRef, giver auth.Holder, to auth.Account) sharing.Share {
	return sharing.Share{
		ID: w.id(), Resource: r, Giver: giver, User: to.ID, Scopes: []string{"notes", "read:notes"},
		Code:      w.id(),
		CreatedAt: start, ExpiresAt: start.Add(time.Hour),
	}
}

// share stores one.
func (w *world) share(r auth.ResourceRef, giver auth.Holder, to auth.Account) sharing.Share {
	w.t.Helper()
	return w.addShare(w.newShare(r, giver, to))
}

// groupShare stores one with a group, that was given directly and does not expire.
func (w *world) groupShare(r auth.ResourceRef, giver auth.Holder, to auth.Group) sharing.Share {
	w.t.Helper()
	return w.addShare(sharing.Share{
		ID: w.id(), Resource: r, Giver: giver, Group: to.ID, Scopes: []string{"read:notes"}, CreatedAt: start,
	})
}

func (w *world) addShare(x sharing.Share) sharing.Share {
	w.t.Helper()
	w.adds(x, true)
	return x
}

func (w *world) adds(x sharing.Share, want bool) {
	w.t.Helper()
	added, err := w.sh.AddShare(w.ctx, x)
	w.must(err)
	w.same("added", added, want)
}

// exchange stores a record of a user who accepted a code.
func (w *world) exchange(c sharing.ShareCode, by auth.Account, x sharing.Share) sharing.Exchange {
	w.t.Helper()
	e := sharing.Exchange{ID: w.id(), Code: c.ID, User: by.ID, Share: x.ID, At: start.Add(time.Second)}
	w.must(w.sh.AddExchange(w.ctx, e))
	return e
}

func (w *world) shares(q sharing.ShareQuery) []sharing.Share {
	w.t.Helper()
	list, err := w.sh.Shares(w.ctx, q)
	w.must(err)
	return list
}

func (w *world) codes(q sharing.ShareCodeQuery) []sharing.ShareCode {
	w.t.Helper()
	q.Limit = everything
	list, err := w.sh.ShareCodes(w.ctx, q)
	w.must(err)
	return list
}

func (w *world) exchanges(code string) []sharing.Exchange {
	w.t.Helper()
	list, err := w.sh.Exchanges(w.ctx, code, "", everything)
	w.must(err)
	return list
}

// everything is a limit that nothing reaches.
const everything = 10_000

// codeIs compares a code as each reader finds it; noCode checks that none does.
func (w *world) codeIs(want sharing.ShareCode) {
	w.t.Helper()
	got, err := w.sh.ShareCode(w.ctx, want.Resource, want.ID)
	w.must(err)
	w.same("code", got, want)
	got, err = w.sh.ShareCodeByHash(w.ctx, want.Hash)
	w.must(err)
	w.same("code by hash", got, want)
}

func (w *world) noCode(c sharing.ShareCode) {
	w.t.Helper()
	w.want(errOf(w.sh.ShareCode(w.ctx, c.Resource, c.ID)), auth.ErrNotFound)
	w.want(errOf(w.sh.ShareCodeByHash(w.ctx, c.Hash)), auth.ErrNotFound)
}

// shareIs compares a share as each method finds it. noShare checks that none finds it.
func (w *world) shareIs(want sharing.Share) {
	w.t.Helper()
	got, err := w.sh.Share(w.ctx, want.ID)
	w.must(err)
	w.same("share", got, want)
	if want.Code == "" || want.User == "" {
		w.want(errOf(w.sh.ShareFromCode(w.ctx, want.Code, want.User)), auth.ErrNotFound)
		return
	}
	got, err = w.sh.ShareFromCode(w.ctx, want.Code, want.User)
	w.must(err)
	w.same("share from code", got, want)
}

func (w *world) noShare(x sharing.Share) {
	w.t.Helper()
	w.want(errOf(w.sh.Share(w.ctx, x.ID)), auth.ErrNotFound)
	w.want(errOf(w.sh.ShareFromCode(w.ctx, x.Code, x.User)), auth.ErrNotFound)
}

// shared is what a furnished store holds for sharing.
type shared struct {
	note     sharing.Resource
	code     sharing.ShareCode
	share    sharing.Share // from the code
	direct   sharing.Share // with a group
	exchange sharing.Exchange
}

func (w *world) newShared() shared {
	s := shared{
		note: sharing.Resource{ResourceRef: note("1"), CreatedAt: start}, code: w.newCode(note("1"), auth.Holder{}),
		share: w.newShare(
			note("1"), auth.Holder{}, auth.Account{User: auth.User{ID: auth.UserID(w.id())}},
		), direct: sharing.Share{ID: w.id(), Resource: note("2"), CreatedAt: start},
	}
	s.share.Code = s.code.ID
	s.direct.Scopes = []string{"read:notes"}
	s.exchange = sharing.Exchange{ID: w.id(), Code: s.code.ID, Share: s.share.ID, At: start}
	return s
}

// furnishSharing stores it. Giver, owner and receiver are a, except for one share each with the
// service and the group in held.
func (w *world) furnishSharing(a auth.Account) {
	w.t.Helper()
	s := &w.held.shared
	s.note.Owner, s.code.Giver, s.share.User, s.exchange.User = a.ID, byUser(a), a.ID, a.ID
	s.share.Giver, s.direct.Giver, s.direct.Group = byService(w.held.service), byUser(a), w.held.group.ID
	w.put(s.note, true)
	w.addCode(s.code)
	w.adds(s.share, true)
	w.adds(s.direct, true)
	w.must(w.sh.AddExchange(w.ctx, s.exchange))
}

// sharingSnapshot is everything that is stored for sharing.
type sharingSnapshot struct {
	Resources []sharing.Resource
	Codes     []sharing.ShareCode
	Shares    []sharing.Share
	Exchanges []sharing.Exchange
}

func (w *world) sharingSnapshot() (s sharingSnapshot) {
	w.t.Helper()
	for _, kind := range kinds {
		list, err := w.sh.Resources(w.ctx, sharing.ResourceQuery{Kind: kind, All: true, Limit: everything})
		w.must(err)
		s.Resources = append(s.Resources, list...)
	}
	s.Codes, s.Shares = w.codes(sharing.ShareCodeQuery{}), w.shares(sharing.ShareQuery{})
	for _, c := range s.Codes {
		s.Exchanges = append(s.Exchanges, w.exchanges(c.ID)...)
	}
	return s
}

// sharingCalls calls each method of the store of package sharing once. Calls that change
// something use what furnished stores.
func (w *world) sharingCalls(a auth.Account) map[string]func() error {
	st, ctx, s, later := w.sh, w.ctx, w.held.shared, start.AddDate(1, 0, 0)
	return map[string]func() error{
		"PutResource": func() error {
			return errOf(st.PutResource(ctx, sharing.Resource{ResourceRef: note("new"), Owner: a.ID, CreatedAt: start}))
		},
		"Owners": func() error { return errOf(st.Owners(ctx, "note", []string{"1"})) },
		"Resources": func() error {
			return errOf(st.Resources(ctx, sharing.ResourceQuery{Kind: "note", All: true, Limit: 1}))
		},
		"DeleteResource":   func() error { return errOf(st.DeleteResource(ctx, s.note.ResourceRef)) },
		"AddShareCode":     func() error { return st.AddShareCode(ctx, w.newCode(note("1"), byUser(a))) },
		"ShareCodeByHash":  func() error { return errOf(st.ShareCodeByHash(ctx, s.code.Hash)) },
		"ShareCode":        func() error { return errOf(st.ShareCode(ctx, s.code.Resource, s.code.ID)) },
		"ShareCodes":       func() error { return errOf(st.ShareCodes(ctx, sharing.ShareCodeQuery{Limit: 1})) },
		"UseShareCode":     func() error { return errOf(st.UseShareCode(ctx, s.code.ID, start)) },
		"DeleteShareCodes": func() error { return errOf(st.DeleteShareCodes(ctx, s.code.Resource, "")) },
		"AddShare":         func() error { return errOf(st.AddShare(ctx, w.newShare(note("1"), byUser(a), a))) },
		"Share":            func() error { return errOf(st.Share(ctx, s.share.ID)) },
		"ShareFromCode":    func() error { return errOf(st.ShareFromCode(ctx, s.share.Code, s.share.User)) },
		"Shares":           func() error { return errOf(st.Shares(ctx, sharing.ShareQuery{})) },
		"UpdateShare": func() error {
			return errOf(st.UpdateShare(ctx, s.share.ID, func(x *sharing.Share) error { x.Scopes = nil; return nil }))
		},
		"DeleteShares": func() error {
			return errOf(st.DeleteShares(ctx, sharing.ShareSelection{Resource: note("1")}))
		},
		"AddExchange": func() error {
			return st.AddExchange(ctx, sharing.Exchange{ID: w.id(), Code: s.code.ID, User: a.ID, At: start})
		},
		"Exchanges":     func() error { return errOf(st.Exchanges(ctx, s.code.ID, "", 1)) },
		"HasExchanged":  func() error { return errOf(st.HasExchanged(ctx, s.code.ID, a.ID)) },
		"DeleteExpired": func() error { return errOf(st.DeleteExpired(ctx, later, 9)) },
		"In":            func() error { return w.shareTx(func(*world) error { return nil }) },
	}
}
