package authtest

import (
	"regexp"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
)

// Letter is a mail with what a person would use of it.
type Letter struct {
	auth.Mail
	Code  string // XXXX-XXXX; empty for none
	Token string // of the link; empty for none
}

var (
	codeText  = regexp.MustCompile(`\b[` + emailcode.Alphabet + `]{4}-[` + emailcode.Alphabet + `]{4}\b`)
	tokenText = regexp.MustCompile(`#token=(hp_(?:flo|inv)_[0-9A-Za-z]{49})`)
)

// ReadMail finds code and token in the text of a mail.
func ReadMail(m auth.Mail) Letter {
	l := Letter{Mail: m, Code: codeText.FindString(m.Text)}
	if found := tokenText.FindStringSubmatch(m.Text); found != nil {
		l.Token = found[1]
	}
	return l
}

// Mailed sends the mail that waits and returns the newest to an address. The test fails if
// there is none.
func (k *Kit) Mailed(address string) Letter {
	k.t.Helper()
	return Mailed(k.t, k.Service, k.Mail, address)
}

// Mailed is Kit.Mailed for a service of the test's own whose mailer is box.
func Mailed(t testing.TB, s *auth.Service, box *mail.Memory, address string) Letter {
	t.Helper()
	if _, err := s.DeliverMail(t.Context()); err != nil {
		t.Fatal(err)
	}
	m, ok := box.Last(address)
	if !ok {
		t.Fatalf("no mail to %s", address)
	}
	return ReadMail(m)
}
