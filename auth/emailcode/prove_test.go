package emailcode_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/token"
)

func TestRightCodeGivesItsTryBack(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	w.opens(typed(i), i.Flow.ID, emailcode.SignIn)
	if w.budget.codes != 1 || w.budget.back != 1 {
		t.Errorf("took %d tries and gave back %d", w.budget.codes, w.budget.back)
	}
	wrong := typed(i)
	wrong.Code = "BBBB-BBBB"
	w.refuses(wrong, emailcode.SignIn)
	if w.budget.codes != 2 || w.budget.back != 1 {
		t.Errorf("a wrong code: took %d tries and gave back %d", w.budget.codes, w.budget.back)
	}
}

func TestFlowHasFewTries(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	wrong := typed(i)
	wrong.Code = "x"
	for range emailcode.MaxTries {
		p, err := w.Prove(t.Context(), w.budget, wrong, emailcode.SignIn)
		w.want(err, emailcode.ErrWrong)
		if p.Flow.ID != i.Flow.ID {
			t.Error("a wrong code does not say in which flow it was typed")
		}
	}
	w.refuses(typed(i), emailcode.SignIn)
	if w.budget.codes != emailcode.MaxTries {
		t.Errorf("took %d tries of the address", w.budget.codes)
	}
	w.opens(link(i), i.Flow.ID, emailcode.SignIn)
}

// A request that is cut off between counting and comparing gives no free guess.
func TestTryIsCountedBeforeItIsCompared(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	w.budget.noCode = errRefused
	p, err := w.Prove(t.Context(), w.budget, typed(i), emailcode.SignIn)
	w.want(err, errRefused)
	if p.Flow.ID != "" {
		t.Error("a try that was refused says whose flow it was")
	}
	f, err := w.st.Flow(t.Context(), i.Flow.ID)
	w.must(err)
	if f.Tries != 1 || w.budget.back != 0 {
		t.Errorf("%d tries counted, %d given back", f.Tries, w.budget.back)
	}
}

func TestLinkTakesNoTry(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	for range emailcode.MaxTries + 1 {
		w.opens(link(i), i.Flow.ID, emailcode.SignIn)
	}
	if f, err := w.st.Flow(t.Context(), i.Flow.ID); err != nil || f.Tries != 0 || w.budget.codes != 0 {
		t.Errorf("%d tries of the flow, %d of the address, %v", f.Tries, w.budget.codes, err)
	}
	for _, text := range []string{token.New(token.Flow).Reveal(), i.Started.Secret.Reveal(), "x"} {
		w.refuses(emailcode.Evidence{Token: text}, emailcode.SignIn)
	}
}

func TestEvidenceCountsForItsPurposeOnly(t *testing.T) {
	t.Parallel()
	all := []emailcode.Purpose{
		emailcode.SignIn, emailcode.VerifyEmail, emailcode.ResetPassword, emailcode.ChangeEmail,
	}
	w := setup(t)
	for _, of := range all {
		var others []emailcode.Purpose
		for _, p := range all {
			if p != of {
				others = append(others, p)
			}
		}
		i := w.begin(request(of))
		w.refuses(typed(i), others...)
		w.refuses(typed(i))
		if of.HasLink() {
			w.refuses(link(i), others...)
		}
		p, err := w.Prove(t.Context(), w.budget, typed(i), all...)
		w.must(err)
		if p.Flow.Purpose != of {
			t.Errorf("a flow to %s opened to %s", of, p.Flow.Purpose)
		}
	}
}

func TestCodeCountsInItsFlowOnly(t *testing.T) {
	t.Parallel()
	w := setup(t)
	a, b := w.begin(request(emailcode.SignIn)), w.begin(request(emailcode.SignIn))
	secretOfA, secretOfB := a.Started.Secret.Reveal(), b.Started.Secret.Reveal()
	for name, in := range map[string]emailcode.Evidence{
		"the other code":     {Flow: a.Flow.ID, Secret: secretOfA, Code: b.Code},
		"the other secret":   {Flow: a.Flow.ID, Secret: secretOfB, Code: a.Code},
		"the other flow":     {Flow: b.Flow.ID, Secret: secretOfA, Code: a.Code},
		"no secret":          {Flow: a.Flow.ID, Code: a.Code},
		"no flow":            {Secret: secretOfA, Code: a.Code},
		"an unknown flow":    {Flow: emailcode.FlowID(token.NewID(w.now)), Secret: secretOfA, Code: a.Code},
		"no code":            {Flow: a.Flow.ID, Secret: secretOfA},
		"nothing":            {},
		"the link as code":   {Flow: a.Flow.ID, Secret: secretOfA, Code: a.Link.Reveal()},
		"the hash of a code": {Flow: a.Flow.ID, Secret: secretOfA, Code: string(a.Flow.Code[:])},
	} {
		if _, err := w.Prove(t.Context(), w.budget, in, emailcode.SignIn); err != emailcode.ErrWrong {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.opens(typed(b), b.Flow.ID, emailcode.SignIn)
}

// Whoever can write to the database can't send a code elsewhere.
func TestCodeIsBoundToItsAddress(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	_, err := w.st.change(i.Flow.ID, func(f *emailcode.Flow) error {
		f.EmailKey = "eve@example.org"
		return nil
	})
	w.must(err)
	w.refuses(typed(i), emailcode.SignIn)
}

func TestEvidenceExpires(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	w.now = w.now.Add(emailcode.Life - time.Microsecond)
	p := w.opens(typed(i), i.Flow.ID, emailcode.SignIn)
	w.opens(link(i), i.Flow.ID, emailcode.SignIn)
	w.now = w.now.Add(time.Microsecond)
	w.refuses(typed(i), emailcode.SignIn)
	w.refuses(link(i), emailcode.SignIn)
	w.want(w.Use(t.Context(), p), emailcode.ErrWrong)
}

func TestNothingOpensADecoy(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := request(emailcode.SignIn)
	in.Decoy = true
	i := w.begin(in)
	w.refuses(typed(i), emailcode.SignIn)
	w.refuses(link(i), emailcode.SignIn)
	if w.budget.codes != 1 || w.budget.back != 0 {
		t.Errorf("took %d tries and gave back %d", w.budget.codes, w.budget.back)
	}
}

func TestFlowIsUsedOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	p := w.opens(typed(i), i.Flow.ID, emailcode.SignIn)
	const callers = 16
	errs := make([]error, callers)
	var all sync.WaitGroup
	for n := range callers {
		all.Go(func() { errs[n] = w.Use(t.Context(), p) })
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			w.want(err, emailcode.ErrWrong)
		}
	}
	if won != 1 {
		t.Errorf("%d callers used the flow", won)
	}
	w.refuses(typed(i), emailcode.SignIn)
	w.refuses(link(i), emailcode.SignIn)
}

// A database that can't answer does not make a right code wrong.
func TestErrorsOfTheStoreAreTold(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	p := w.opens(typed(i), i.Flow.ID, emailcode.SignIn)
	w.now = w.now.Add(emailcode.ResendAfter)
	next := w.resend(i.Started)
	w.st.broken = errors.New("no database")
	_, byCode := w.Prove(t.Context(), w.budget, typed(i), emailcode.SignIn)
	_, byLink := w.Prove(t.Context(), w.budget, link(next), emailcode.SignIn)
	_, resent := w.Resend(t.Context(), w.budget, i.Flow.ID, i.Started.Secret.Reveal())
	_, renewed := w.Renew(t.Context(), next)
	for name, err := range map[string]error{
		"code": byCode, "link": byLink, "resend": resent, "renew": renewed,
		"use": w.Use(t.Context(), p), "end": w.End(t.Context(), "ada", emailcode.SignIn),
	} {
		if !errors.Is(err, w.st.broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
