package emailcode_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/emailcode"
)

var errRefused = errors.New("refused")

func TestBeginAnswersTheSameForEverybody(t *testing.T) {
	t.Parallel()
	w := setup(t)
	known := w.begin(request(emailcode.SignIn))
	in := request(emailcode.SignIn)
	in.User, in.Decoy = "", true
	decoy := w.begin(in)
	w.budget.noMail = true
	full := w.begin(request(emailcode.SignIn))
	for _, i := range []emailcode.Issue{known, decoy, full} {
		s := i.Started
		if s.ID != i.Flow.ID || s.Secret.IsZero() || s.ExpiresIn != emailcode.Life ||
			s.ResendAfter != emailcode.ResendAfter {
			t.Errorf("started %+v", s)
		}
		if i.Link.IsZero() || i.Flow.Link.IsZero() || i.Flow.Code.IsZero() || len(i.Code) != emailcode.Length+1 {
			t.Errorf("issued %+v", i)
		}
	}
	if !known.MayMail || !decoy.MayMail || full.MayMail {
		t.Errorf("may mail: %v, %v, %v", known.MayMail, decoy.MayMail, full.MayMail)
	}
	if w.budget.requests != 3 || w.budget.mails != 3 {
		t.Errorf("counted %d requests and %d mails", w.budget.requests, w.budget.mails)
	}
}

func TestBudgetsEndABeginning(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.budget.noRequest = errRefused
	_, err := w.Begin(t.Context(), w.budget, request(emailcode.SignIn))
	w.want(err, errRefused)
	if w.budget.mails != 0 {
		t.Error("a refused request counted a mail")
	}
	w.budget.noRequest, w.budget.mailError = nil, errRefused
	_, err = w.Begin(t.Context(), w.budget, request(emailcode.SignIn))
	w.want(err, errRefused)
}

// Whoever reads the database learns neither code nor link nor secret.
func TestStoredFlowHasOnlyHashes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := request(emailcode.VerifyEmail)
	in.Session, in.SignUp = "x", []byte(`{"a":1}`)
	i := w.begin(in)
	f, err := w.st.Flow(t.Context(), i.Started.ID)
	w.must(err)
	if f.Secret != i.Started.Secret.Hash() || f.Link != i.Link.Hash() {
		t.Error("the hashes are not those of the secrets")
	}
	plain := emailcode.NewMarker(nil).Mark(emailcode.Typed(i.Code), "flow", string(f.Purpose), string(f.ID), f.EmailKey)
	if f.Code == plain {
		t.Error("the hash of the code has no key")
	}
	if f.Purpose != in.Purpose || f.Email != in.Email || f.EmailKey != in.EmailKey || f.User != in.User ||
		f.Session != in.Session || string(f.SignUp) != string(in.SignUp) || f.Sends != 1 || f.Tries != 0 ||
		!f.SentAt.Equal(w.now) || !f.CreatedAt.Equal(w.now) || !f.ExpiresAt.Equal(w.now.Add(emailcode.Life)) {
		t.Errorf("stored %+v", f)
	}
}

func TestChangeOfAddressHasNoLink(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.ChangeEmail))
	if !i.Link.IsZero() || !i.Flow.Link.IsZero() {
		t.Error("there is a link")
	}
	w.opens(typed(i), i.Flow.ID, emailcode.ChangeEmail)
}

func TestLinkFlowOpensByItsLinkOnly(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.BeginLink(request(emailcode.ResetPassword))
	w.must(w.Add(t.Context(), i))
	if i.Code != "" || !i.Started.Secret.IsZero() || w.budget.requests+w.budget.mails != 0 {
		t.Errorf("issued %+v", i)
	}
	w.now = w.now.Add(emailcode.LinkLife - time.Microsecond)
	w.opens(link(i), i.Flow.ID, emailcode.ResetPassword)
	w.now = w.now.Add(time.Microsecond)
	w.refuses(link(i), emailcode.ResetPassword)
}

func TestEndRemovesWhatAUserHasOfAPurpose(t *testing.T) {
	t.Parallel()
	w := setup(t)
	mine, other := w.begin(request(emailcode.ResetPassword)), w.begin(request(emailcode.SignIn))
	in := request(emailcode.ResetPassword)
	in.User = "bob"
	theirs := w.begin(in)
	w.must(w.End(t.Context(), "ada", emailcode.ResetPassword))
	w.refuses(link(mine), emailcode.ResetPassword)
	w.opens(link(other), other.Flow.ID, emailcode.SignIn)
	w.opens(link(theirs), theirs.Flow.ID, emailcode.ResetPassword)
}

func TestShownCodeIsReadHoweverItIsTyped(t *testing.T) {
	t.Parallel()
	w := setup(t)
	i := w.begin(request(emailcode.SignIn))
	in := typed(i)
	for _, form := range []string{
		i.Code, strings.ToLower(i.Code), strings.ReplaceAll(i.Code, "-", ""),
		strings.ReplaceAll(" "+i.Code+" ", "-", " - "),
	} {
		in.Code = form
		w.opens(in, i.Flow.ID, emailcode.SignIn)
	}
}
