package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/token"
)

var eachScenarios = []scenario{
	{"EachMethodInTx", eachMethodInTx},
	{"EachMethodAfterDeadline", eachMethodAfterDeadline},
}

// furnished fills the store so that each call of everyCall finds what it asks for.
func (w *world) furnished() (auth.Account, auth.Session, auth.Login) {
	w.t.Helper()
	a := w.user("alice")
	x := w.session(a)
	a.LastLoginAt = start
	l := w.addLogin(w.login(a.ID, ""))
	w.must(w.st.KeyStore().AddKey(w.ctx, w.key("k")))
	w.must(w.st.AddSetUpToken(w.ctx, token.Hash{1}, start))
	w.init("v", "one", "one")
	w.must(w.st.CreateRole(w.ctx, w.held.role))
	w.must(w.st.CreateGroup(w.ctx, w.held.group))
	w.must(w.st.CreateService(w.ctx, w.held.service))
	w.must(errOf(w.st.AddGroupRole(w.ctx, w.held.group.ID, w.held.role.ID)))
	w.must(errOf(w.st.AddServiceRole(w.ctx, w.held.service.ID, w.held.role.ID)))
	w.held.token.Owner = auth.Holder{User: a.ID}
	w.must(w.st.AddAPIToken(w.ctx, w.held.token))
	w.furnishSharing(a)
	w.takes(start, 0, drained)
	w.furnishMail()
	return a, x, l
}

// drained is an empty bucket of a furnished store. Asking it and others for a try takes nothing
// from the others.
var drained = limit.Take{Key: "drained", Interval: time.Millisecond, Burst: 1}

// unchanged checks that nothing in a furnished store has changed.
func (w *world) unchanged(what string, a auth.Account, x auth.Session, l auth.Login, before snapshot) {
	w.t.Helper()
	w.same(what, w.snapshot(a.ID), before)
	w.actors(x, a.User)
	w.refreshUse(x.TokenHash, auth.RefreshUse{Actor: auth.Actor{Session: x, User: a.User}})
	w.loginIs(l)
	w.hasSetup(token.Hash{1}, true)
	w.value("v", "one")
	w.noValue("new")
	w.takes(start, drained.Interval, bucket("a", 1), bucket("b", 1), drained)
	reserved, err := w.st.UsernameReserved(w.ctx, "new", "", start.Add(-time.Microsecond))
	w.must(err)
	w.same(what+": reserved", reserved, false)
	w.mailUnchanged()
}

// Each method works inside a transaction, even on the only connection, and can be undone alone.
func eachMethodInTx(w *world) {
	a, x, l := w.furnished()
	before := w.snapshot(a.ID)
	w.must(w.both(func(in *world) error {
		for _, name := range in.namesOfCalls(a, x, l) {
			in.want(in.both(func(in *world) error {
				if err := in.everyCall(a, x, l)[name](); err != nil {
					in.t.Errorf("%s: %v", name, err)
				}
				return errRefused
			}), errRefused)
			in.unchanged("after undoing "+name, a, x, l, before)
		}
		return nil
	}))
	w.unchanged("after the commit", a, x, l, before)
}

// namesOfCalls returns the names of everyCall, in order.
func (w *world) namesOfCalls(a auth.Account, x auth.Session, l auth.Login) []string {
	var names []string
	for name := range w.everyCall(a, x, l) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// A deadline can be told apart from a caller that went away.
func eachMethodAfterDeadline(w *world) {
	a, x, l := w.furnished()
	before := w.snapshot(a.ID)
	ctx, cancel := context.WithDeadline(w.ctx, time.Unix(0, 0))
	defer cancel()
	late := w.within(w.db)
	late.ctx = ctx
	for _, name := range late.namesOfCalls(a, x, l) {
		if err := late.everyCall(a, x, l)[name](); !errors.Is(err, context.DeadlineExceeded) {
			w.t.Errorf("%s: got error %v, want that of the context", name, err)
		}
	}
	w.unchanged("after the deadline", a, x, l, before)
}
