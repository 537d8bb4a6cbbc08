package storetest

import (
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/token"
)

var flowScenarios = []scenario{
	{"FlowRoundTrip", flowRoundTrip},
	{"FlowRefersToWhatExists", flowRefers},
	{"TryFlowCountsWhatMayTry", tryFlow},
	{"RenewFlow", renewFlow},
	{"UseFlowOnce", useFlow},
	{"FlowsEndWithUserAndSession", flowsEnd},
	{"DeleteExpiredFlows", deleteExpiredFlows},
}

// newFlow returns a flow with every field set. The user and the session may be empty.
func (w *world) newFlow(user auth.UserID, x auth.SessionID) emailcode.Flow {
	return emailcode.Flow{
		ID: emailcode.FlowID(w.id()), Secret: w.hash(), Code: w.hash(), Link: w.hash(), Purpose: emailcode.VerifyEmail,
		Email: "Ada@Example.org", EmailKey: "ada@example.org", User: string(user), Session: string(x),
		SignUp: []byte(`{"name":"Ada"}`),
		Decoy:  true,
		Tries:  1, Sends: 2, SentAt: start.Add(time.Second), CreatedAt: start, ExpiresAt: start.Add(10 * time.Minute),
	}
}

func (w *world) addFlow(user auth.UserID, x auth.SessionID) emailcode.Flow {
	w.t.Helper()
	f := w.newFlow(user, x)
	w.must(w.st.Flows().AddFlow(w.ctx, f))
	return f
}

func (w *world) flowIs(f emailcode.Flow) {
	w.t.Helper()
	got, err := w.st.Flows().Flow(w.ctx, f.ID)
	w.must(err)
	w.same("flow", got, f)
	if f.Link.IsZero() {
		return
	}
	got, err = w.st.Flows().FlowByLink(w.ctx, f.Link)
	w.must(err)
	w.same("flow by link", got, f)
}

func (w *world) noFlow(f emailcode.Flow) {
	w.t.Helper()
	w.want(errOf(w.st.Flows().Flow(w.ctx, f.ID)), emailcode.ErrNotFound)
	w.want(errOf(w.st.Flows().FlowByLink(w.ctx, f.Link)), emailcode.ErrNotFound)
}

func flowRoundTrip(w *world) {
	a := w.user("alice")
	x := w.session(a)
	w.flowIs(w.addFlow(a.ID, x.ID))
	w.flowIs(w.addFlow("", ""))
	bare := w.newFlow("", "")
	bare.Link, bare.SignUp, bare.Email, bare.EmailKey, bare.Decoy = token.Hash{}, nil, "", "", false
	w.must(w.st.Flows().AddFlow(w.ctx, bare))
	w.flowIs(bare)
	second := w.newFlow("", "") // flows without a link do not conflict
	second.Link = token.Hash{}
	w.must(w.st.Flows().AddFlow(w.ctx, second))
	w.want(errOf(w.st.Flows().FlowByLink(w.ctx, token.Hash{})), emailcode.ErrNotFound)
	w.want(errOf(w.st.Flows().Flow(w.ctx, "no id")), emailcode.ErrNotFound)
	again := w.newFlow("", "")
	again.Link = w.addFlow("", "").Link
	if w.st.Flows().AddFlow(w.ctx, again) == nil {
		w.t.Error("two flows have one link")
	}
}

// A flow whose user or session does not exist gives ErrNotFound and leaves a transaction
// usable.
func flowRefers(w *world) {
	a := w.user("alice")
	w.usable(map[string]func(in *world){
		"user": func(in *world) {
			in.want(in.st.Flows().AddFlow(in.ctx, in.newFlow(auth.UserID(in.id()), "")), emailcode.ErrNotFound)
		},
		"session": func(in *world) {
			in.want(in.st.Flows().AddFlow(in.ctx, in.newFlow(a.ID, auth.SessionID(in.id()))), emailcode.ErrNotFound)
		},
		"invited": func(in *world) {
			in.want(in.st.AddInvitation(in.ctx, in.newInvitation(auth.UserID(in.id()), "")), auth.ErrNotFound)
		},
		"inviter": func(in *world) {
			in.want(in.st.AddInvitation(in.ctx, in.newInvitation("", auth.UserID(in.id()))), auth.ErrNotFound)
		},
	})
}

func tryFlow(w *world) {
	f := w.addFlow("", "")
	try := emailcode.Try{ID: f.ID, Secret: f.Secret, Now: f.ExpiresAt.Add(-time.Microsecond), Most: 3}
	for name, change := range map[string]func(*emailcode.Try){
		"secret":  func(t *emailcode.Try) { t.Secret = w.hash() },
		"nothing": func(t *emailcode.Try) { t.Secret = token.Hash{} },
		"id": func(t *emailcode.Try) {
			t.ID = emailcode.FlowID(w.id())
		}, "form": func(t *emailcode.Try) { t.ID = "x" },
		"late": func(t *emailcode.Try) { t.Now = f.ExpiresAt },
	} {
		other := try
		change(&other)
		if err := errOf(w.st.Flows().TryFlow(w.ctx, other)); err == nil {
			w.t.Errorf("tried with another %s", name)
		}
	}
	w.flowIs(f)
	for f.Tries < 3 {
		f.Tries++
		got, err := w.st.Flows().TryFlow(w.ctx, try)
		w.must(err)
		w.same("tried", got, f)
	}
	w.want(errOf(w.st.Flows().TryFlow(w.ctx, try)), emailcode.ErrNotFound)
	w.flowIs(f)
}

func renewFlow(w *world) {
	f := w.addFlow("", "")
	old := f
	r := emailcode.Renewal{ID: f.ID, Code: w.hash(), Link: w.hash(), Sends: f.Sends, SentAt: start.Add(time.Minute),
		ExpiresAt: start.Add(time.Hour)}
	w.must(ok(w.st.Flows().RenewFlow(w.ctx, r)))
	f.Code, f.Link, f.Sends, f.SentAt, f.ExpiresAt = r.Code, r.Link, f.Sends+1, r.SentAt, r.ExpiresAt
	w.flowIs(f)
	w.want(errOf(w.st.Flows().FlowByLink(w.ctx, old.Link)), emailcode.ErrNotFound)
	w.want(ok(w.st.Flows().RenewFlow(w.ctx, r)), errLost)
	r.ID, r.Link = emailcode.FlowID(w.id()), w.hash()
	w.want(ok(w.st.Flows().RenewFlow(w.ctx, r)), errLost)
	w.flowIs(f)
	r.ID, r.Link, r.Sends = f.ID, token.Hash{}, f.Sends
	w.must(ok(w.st.Flows().RenewFlow(w.ctx, r)))
	w.want(errOf(w.st.Flows().FlowByLink(w.ctx, f.Link)), emailcode.ErrNotFound)
}

func useFlow(w *world) {
	f := w.addFlow("", "")
	w.want(ok(w.st.Flows().UseFlow(w.ctx, f.ID, f.ExpiresAt)), errLost)
	w.flowIs(f)
	w.must(ok(w.st.Flows().UseFlow(w.ctx, f.ID, f.ExpiresAt.Add(-time.Microsecond))))
	w.noFlow(f)
	w.want(ok(w.st.Flows().UseFlow(w.ctx, f.ID, start)), errLost)
	w.want(ok(w.st.Flows().UseFlow(w.ctx, "x", start)), errLost)
}

func flowsEnd(w *world) {
	a, b := w.user("alice"), w.user("bob")
	x, y := w.session(a), w.session(b)
	mine, other, theirs, free := w.addFlow(a.ID, ""), w.newFlow(a.ID, ""), w.addFlow(b.ID, y.ID), w.addFlow("", "")
	other.Purpose = emailcode.ResetPassword
	w.must(w.st.Flows().AddFlow(w.ctx, other))
	ofSession := w.newFlow(a.ID, x.ID)
	ofSession.Purpose = emailcode.ChangeEmail
	w.must(w.st.Flows().AddFlow(w.ctx, ofSession))
	n, err := w.st.Flows().EndFlows(w.ctx, string(a.ID), emailcode.VerifyEmail)
	w.must(err)
	w.same("ended", n, 1)
	w.noFlow(mine)
	w.flowIs(other)
	w.flowIs(free)
	n, err = w.st.Flows().EndFlows(w.ctx, "", emailcode.VerifyEmail)
	w.must(err)
	w.same("ended of nobody", n, 0)

	g := w.addGrant()
	w.owned(g, y)
	h := w.addGrant()
	w.owned(h, x)
	w.must(w.st.DeleteSession(w.ctx, a.ID, x.ID))
	w.noFlow(ofSession)
	w.noGrant(h)
	w.flowIs(other)
	w.flowIs(theirs)
	invited, inviting, neither := w.addInvitation(b.ID, ""), w.addInvitation("", b.ID), w.addInvitation("", a.ID)
	w.must(w.st.DeleteAccount(w.ctx, b.ID))
	w.noFlow(theirs)
	w.noGrant(g)
	w.noInvitation(invited)
	w.noInvitation(inviting)
	w.invitationsAre(neither)
	w.flowIs(other)
	w.flowIs(free)
}

func deleteExpiredFlows(w *world) {
	var all []emailcode.Flow
	for i := range 4 {
		f := w.newFlow("", "")
		f.ExpiresAt = start.Add(time.Duration(i) * time.Second)
		w.must(w.st.Flows().AddFlow(w.ctx, f))
		all = append(all, f)
	}
	w.expires(func(at time.Time, limit int) (int, error) { return w.st.Flows().DeleteExpiredFlows(w.ctx, at, limit) })
	w.noFlow(all[0])
	w.noFlow(all[1])
	w.noFlow(all[2])
	w.flowIs(all[3])
}

// expires takes four records that expire one second after another, from start on, and removes
// the first three.
func (w *world) expires(remove func(at time.Time, limit int) (int, error)) {
	w.t.Helper()
	for _, s := range []struct {
		at          time.Time
		limit, want int
	}{{
		start.Add(-time.Microsecond), 9, 0,
	}, {start.Add(2 * time.Second), 2, 2}, {start.Add(2 * time.Second), 2, 1}, {start.Add(2 * time.Second), 2, 0}} {
		n, err := remove(s.at, s.limit)
		w.must(err)
		w.same(fmt.Sprint("removed at ", s.at), n, s.want)
	}
}
