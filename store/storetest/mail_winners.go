package storetest

import (
	"sync"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
)

var mailWinnerScenarios = []scenario{
	{"TriesOfAFlowAreCounted", triesAreCounted},
	{"OneUseOfAFlow", oneUseOfAFlow},
	{"OneRenewal", oneRenewal},
	{"OneUseOfAnInvitation", oneUseOfAnInvitation},
	{"OneOwnerOfADeviceGrant", oneOwner},
	{"OneUseOfADeviceGrant", oneUseOfADeviceGrant},
	{"EachMailClaimedOnce", eachMailClaimedOnce},
	{"FlowAgainstDeletion", flowAgainstDeletion},
}

func triesAreCounted(w *world) {
	f := w.newFlow("", "")
	f.Tries = 0
	w.must(w.st.Flows().AddFlow(w.ctx, f))
	errs := race(func(int) error {
		return errOf(w.st.Flows().TryFlow(w.ctx, emailcode.Try{ID: f.ID, Secret: f.Secret, Now: start, Most: 5}))
	})
	w.outcome(errs, 5, emailcode.ErrNotFound)
	f.Tries = 5
	w.flowIs(f)
}

func oneUseOfAFlow(w *world) {
	f := w.addFlow("", "")
	errs := race(func(i int) error {
		if i%2 == 0 {
			return ok(w.st.Flows().UseFlow(w.ctx, f.ID, start))
		}
		return w.tx(func(in *world) error { // as a service does, with what depends on it
			if err := ok(in.st.Flows().UseFlow(in.ctx, f.ID, start)); err != nil {
				return err
			}
			return in.st.AddLogin(in.ctx, in.failure())
		})
	})
	w.outcome(errs, 1, errLost)
	w.noFlow(f)
}

func oneRenewal(w *world) {
	f := w.addFlow("", "")
	renewals := make([]emailcode.Renewal, callers)
	for i := range renewals {
		renewals[i] = emailcode.Renewal{
			ID: f.ID, Code: w.hash(), Link: w.hash(), Sends: f.Sends, SentAt: start, ExpiresAt: f.ExpiresAt,
		}
	}
	errs := race(func(i int) error { return ok(w.st.Flows().RenewFlow(w.ctx, renewals[i])) })
	w.outcome(errs, 1, errLost)
	for i, r := range renewals {
		if errs[i] == nil {
			f.Code, f.Link, f.Sends, f.SentAt = r.Code, r.Link, r.Sends+1, r.SentAt
		}
	}
	w.flowIs(f)
}

func oneUseOfAnInvitation(w *world) {
	i := w.addInvitation("", "")
	w.outcome(race(func(int) error { return ok(w.st.UseInvitation(w.ctx, i.ID, start)) }), 1, errLost)
	w.noInvitation(i)
}

func oneOwner(w *world) {
	g := w.addGrant()
	sessions := make([]auth.Session, callers)
	for i := range sessions {
		sessions[i] = w.session(w.user(string(rune('a' + i))))
	}
	errs := race(func(i int) error { return errOf(w.dv.OwnGrant(w.ctx, owner(g, sessions[i]))) })
	w.outcome(errs, 1, auth.ErrNotFound)
	for i, x := range sessions {
		if errs[i] == nil {
			w.owned(g, x)
		}
	}
}

func oneUseOfADeviceGrant(w *world) {
	x := w.session(w.user("alice"))
	g := w.owned(w.addGrant(), x)
	w.outcome(race(func(i int) error {
		d := device.Allow
		return ok(w.dv.DecideGrant(w.ctx, decision(g, x, d, nil)))
	}), 1, errLost)
	w.outcome(race(func(int) error { return ok(w.dv.UseGrant(w.ctx, g.ID, start)) }), 1, errLost)
}

func eachMailClaimedOnce(w *world) {
	const mails = 40
	for range mails {
		w.addMail()
	}
	var mu sync.Mutex
	seen := map[mail.ID]int{}
	errs := race(func(int) error {
		for range 4 {
			list, err := w.st.Outbox().ClaimMail(w.ctx, start, start.Add(time.Minute), 3)
			if err != nil {
				return err
			}
			mu.Lock()
			for _, m := range list {
				seen[m.ID]++
			}
			mu.Unlock()
		}
		return nil
	})
	w.outcome(errs, callers, nil)
	for { // records that others had locked were skipped
		list, err := w.st.Outbox().ClaimMail(w.ctx, start, start.Add(time.Minute), 3)
		w.must(err)
		if len(list) == 0 {
			break
		}
		for _, m := range list {
			seen[m.ID]++
		}
	}
	w.same("mails", len(seen), mails)
	for id, n := range seen {
		w.same("claims of "+string(id), n, 1)
	}
}

// If the user is being deleted meanwhile, a flow is either stored and ends with the user, or is
// refused.
func flowAgainstDeletion(w *world) {
	for round := range 6 {
		a := w.user(string(rune('a' + round)))
		flows := make([]emailcode.Flow, callers)
		for i := range flows {
			flows[i] = w.newFlow(a.ID, "")
		}
		errs := race(func(i int) error {
			if i == 0 {
				return w.st.DeleteAccount(w.ctx, a.ID)
			}
			return w.st.Flows().AddFlow(w.ctx, flows[i])
		})
		w.must(errs[0])
		for i, err := range errs[1:] {
			if err != nil {
				w.want(err, emailcode.ErrNotFound)
			}
			w.noFlow(flows[i+1])
		}
	}
}
