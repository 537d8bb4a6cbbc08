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

// HasMailer reports whether Config.Mailer is set, so that mail can be sent.
func (s *Service) HasMailer() bool { return s.cfg.Mailer != nil }

// Post puts a letter into the outbox as part of tx. It is sent after the commit, and never if
// tx rolls back. If letter.Site is empty, Post sets it to the site name in the settings. Post
// does nothing if there is no mailer or letter.To is empty.
func (s *Service) Post(ctx context.Context, tx Tx, letter mail.Letter) error {
	if !s.HasMailer() || letter.To == "" {
		return nil
	}
	if letter.Site == "" {
		settings, err := s.settings(ctx, tx.st)
		if err != nil {
			return err
		}
		letter.Site = settings.SiteName
	}
	if err := s.Outbox.Post(ctx, tx.st.Outbox(), letter); err != nil {
		return err
	}
	tx.AfterCommit(func(context.Context) { s.Outbox.Wake() })
	return nil
}

// notice posts a letter without a code or link.
func (s *Service) notice(ctx context.Context, tx Tx, kind mail.Kind, to string, settings policy.Settings) error {
	return s.Post(ctx, tx, mail.Letter{Kind: kind, To: to, Site: settings.SiteName})
}

// Links are the pages that mailed links open. Each is a URL or a path below Config.BaseURL. The
// one-time token is in the fragment, as in "#token=hp_flo_…&for=reset_password", because
// browsers do not send fragments to servers. A page must not use the token before the person
// has clicked. An empty field means "/auth/link", the page that httpadapter serves under its
// usual prefix.
type Links struct {
	SignIn      string
	Verify      string
	Reset       string
	Invite      string
	AcceptShare string
	Device      string // gets "#user_code=XXXX-XXXX"
}

// DefaultLink is the path, below Config.BaseURL, that stands in for empty fields of Links.
const DefaultLink = "/auth/link"

// all returns pointers to the links, by name.
func (l *Links) all() map[string]*string {
	return map[string]*string{
		"sign in": &l.SignIn, "verify": &l.Verify, "reset": &l.Reset, "invite": &l.Invite,
		"accept share": &l.AcceptShare, "device": &l.Device,
	}
}

// Or returns a copy of l in which page replaces every empty link.
func (l Links) Or(page string) Links {
	for _, link := range l.all() {
		def(link, page)
	}
	return l
}

// withBase returns a copy of l in which every link is a complete URL.
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

// of returns the page for a purpose. A change of address has none: its code is typed on the
// page that asked for it.
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

// tokenLink returns the URL of a page with a token in the fragment.
func tokenLink(page, secret, purpose string) string {
	return page + "#token=" + secret + "&for=" + purpose
}
