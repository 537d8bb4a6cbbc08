package emailcode_test

import (
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/token"
)

func TestResentCodeReplacesTheOneBefore(t *testing.T) {
	t.Parallel()
	w := setup(t)
	first := w.begin(request(emailcode.SignIn))
	w.now = w.now.Add(emailcode.ResendAfter)
	second := w.resend(first.Started)
	if !second.MayMail || !second.Started.Secret.IsZero() || second.Started.ExpiresIn != emailcode.Life ||
		second.Started.ResendAfter != emailcode.ResendAfter {
		t.Errorf("resent %+v", second)
	}
	w.refuses(typed(first), emailcode.SignIn)
	w.refuses(link(first), emailcode.SignIn)
	again := typed(first)
	again.Code = second.Code
	w.now = w.now.Add(emailcode.Life - time.Microsecond) // it has a life of its own
	w.opens(again, first.Flow.ID, emailcode.SignIn)
	w.opens(link(second), first.Flow.ID, emailcode.SignIn)
	w.now = w.now.Add(time.Microsecond)
	w.refuses(again, emailcode.SignIn)
}

func TestResendWaits(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	w.now = w.now.Add(emailcode.ResendAfter - time.Second)
	early := w.resend(i.Started)
	if early.MayMail || early.Started.ResendAfter != time.Second ||
		early.Started.ExpiresIn != emailcode.Life-emailcode.ResendAfter+time.Second {
		t.Errorf("resent early: %+v", early)
	}
	if w.budget.mails != 1 {
		t.Error("what is not mailed counted as a mail")
	}
	w.opens(typed(i), i.Flow.ID, emailcode.SignIn)
}

func TestFlowHasFewMails(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	for range emailcode.MaxSends - 1 {
		w.now = w.now.Add(emailcode.ResendAfter)
		if !w.resend(i.Started).MayMail {
			t.Fatal("not resent")
		}
	}
	w.now = w.now.Add(emailcode.ResendAfter)
	if out := w.resend(i.Started); out.MayMail || out.Started.ResendAfter != time.Second {
		t.Errorf("resent too often: %+v", out)
	}
}

func TestAnotherCodeGivesNoMoreTries(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	wrong := typed(i)
	wrong.Code = "x"
	for range emailcode.MaxTries - 1 {
		w.refuses(wrong, emailcode.SignIn)
	}
	w.now = w.now.Add(emailcode.ResendAfter)
	second := w.resend(i.Started)
	if !second.MayMail {
		t.Fatal("not resent while a try is left")
	}
	w.refuses(wrong, emailcode.SignIn)
	right := typed(i)
	right.Code = second.Code
	w.refuses(right, emailcode.SignIn)
	w.now = w.now.Add(emailcode.ResendAfter)
	if w.resend(i.Started).MayMail {
		t.Error("resent a code that nobody can type")
	}
	w.opens(link(second), i.Flow.ID, emailcode.SignIn) // which is no guess
}

func TestResendNeedsTheSecretOfALivingFlow(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i, other := w.begin(request(emailcode.SignIn)), w.begin(request(emailcode.SignIn))
	handedOver := request(emailcode.ResetPassword)
	handedOver.Email, handedOver.EmailKey = "", ""
	byLink := w.BeginLink(handedOver)
	secret := token.New(token.Flow)
	byLink.Flow.Secret = secret.Hash()
	w.must(w.Add(t.Context(), byLink))
	w.now = w.now.Add(emailcode.ResendAfter)
	for name, c := range map[string]struct {
		id     emailcode.FlowID
		secret string
	}{
		"another secret":  {i.Flow.ID, other.Started.Secret.Reveal()},
		"no secret":       {i.Flow.ID, ""},
		"the link":        {i.Flow.ID, i.Link.Reveal()},
		"no id":           {"x", i.Started.Secret.Reveal()},
		"an unknown flow": {emailcode.FlowID(token.NewID(w.now)), i.Started.Secret.Reveal()},
		"no address":      {byLink.Flow.ID, secret.Reveal()},
	} {
		if _, err := w.Resend(t.Context(), w.budget, c.id, c.secret); err != emailcode.ErrWrong {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.now = w.now.Add(emailcode.Life)
	_, err := w.Resend(t.Context(), w.budget, i.Flow.ID, i.Started.Secret.Reveal())
	w.want(err, emailcode.ErrWrong)
}

func TestBudgetsEndAResend(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	w.now = w.now.Add(emailcode.ResendAfter)
	w.budget.noMail = true
	if out := w.resend(i.Started); out.MayMail || out.Started.ResendAfter != emailcode.ResendAfter {
		t.Errorf("an address without budget: %+v", out)
	}
	w.opens(typed(i), i.Flow.ID, emailcode.SignIn)
	w.budget.mailError = errRefused
	_, err := w.Resend(t.Context(), w.budget, i.Flow.ID, i.Started.Secret.Reveal())
	w.want(err, errRefused)
	w.budget.noRequest = errRefused
	_, err = w.Resend(t.Context(), w.budget, i.Flow.ID, i.Started.Secret.Reveal())
	w.want(err, errRefused)
}

func TestOneOfSeveralRenewalsWins(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	w.now = w.now.Add(emailcode.ResendAfter)
	var both [2]emailcode.Issue
	for n := range both {
		var err error
		both[n], err = w.Resend(t.Context(), w.budget, i.Flow.ID, i.Started.Secret.Reveal())
		w.must(err)
	}
	for n, issue := range both {
		won, err := w.Renew(t.Context(), issue)
		w.must(err)
		if won != (n == 0) {
			t.Errorf("renewal %d won: %v", n, won)
		}
	}
	w.opens(link(both[0]), i.Flow.ID, emailcode.SignIn)
	w.refuses(link(both[1]), emailcode.SignIn)
}
