package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// HasMailer tells whether mail can be sent.
func (s *Service) HasMailer() bool { return s.cfg.Mailer != nil }

// Post puts a letter into the outbox, in tx. It is sent after the commit, and never if tx rolls
// back. A letter without Site gets the name in the settings. Without a mailer, or without an
// address, there is nothing to do.
func (s *Service) Post(ctx context.Context, tx Tx, l mail.Letter) error {
	if !s.HasMailer() || l.To == "" {
		return nil
	}
	if l.Site == "" {
		now, err := s.settings(ctx, tx.st)
		if err != nil {
			return err
		}
		l.Site = now.SiteName
	}
	if err := s.Outbox.Post(ctx, tx.st.Outbox(), l); err != nil {
		return err
	}
	tx.AfterCommit(func(context.Context) { s.Outbox.Wake() })
	return nil
}

// notice posts a letter without a code to the address of an account.
func (s *Service) notice(ctx context.Context, tx Tx, kind mail.Kind, to string, now policy.Settings) error {
	return s.Post(ctx, tx, mail.Letter{Kind: kind, To: to, Site: now.SiteName})
}

// Links are the pages that mailed links open: a URL, or a path below Config.BaseURL. A page
// finds the one-time token in the fragment, as in "#token=hp_flo_…&for=reset_password", which
// no browser sends to a server; it must do nothing before the person has clicked. Empty means
// "/auth/link", the page that httpadapter serves under its usual prefix.
type Links struct {
	SignIn      string
	Verify      string
	Reset       string
	Invite      string
	AcceptShare string
	Device      string // gets "#user_code=XXXX-XXXX"
}

// DefaultLink is where links without a page of the host's own lead, below Config.BaseURL.
const DefaultLink = "/auth/link"

// all names the links, to be changed in place.
func (l *Links) all() map[string]*string {
	return map[string]*string{
		"sign in": &l.SignIn, "verify": &l.Verify, "reset": &l.Reset, "invite": &l.Invite,
		"accept share": &l.AcceptShare, "device": &l.Device,
	}
}

// Or returns l with page in place of every link that is empty.
func (l Links) Or(page string) Links {
	for _, link := range l.all() {
		def(link, page)
	}
	return l
}

// withBase makes every link a URL.
func (l Links) withBase(base string) (Links, error) {
	var errs []error
	l = l.Or(DefaultLink)
	for name, link := range l.all() {
		if strings.HasPrefix(*link, "/") {
			*link = base + *link
		}
		u, err := url.Parse(*link)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil ||
			u.Fragment != "" || !plainText(*link) {
			errs = append(errs, fmt.Errorf(
				"link %s: %q is neither a path nor an http or https URL without user and fragment", name, *link,
			))
		}
	}
	return l, errors.Join(errs...)
}

// of is the page for a purpose; none for a change of address, whose code is typed where it was
// asked for.
func (l Links) of(p Purpose) string {
	switch p {
	case PurposeSignIn:
		return l.SignIn
	case PurposeVerifyEmail:
		return l.Verify
	case PurposeResetPassword:
		return l.Reset
	}
	return ""
}

// tokenLink is the page with a token for it.
func tokenLink(page, secret, purpose string) string {
	return page + "#token=" + secret + "&for=" + purpose
}
