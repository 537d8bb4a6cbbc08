package servicetest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
)

// hostileAddresses must all be refused. Some begin like a good address and must not be cut down
// to it.
var hostileAddresses = []string{
	"", "ada", "@example.org", "ada@", "ada@@example.org", "Ada <ada@example.org>", "<ada@example.org>",
	"ada@example.org (Ada)", "(x)ada@example.org",
	"ada@example.org,eve@evil.example", "ada@example.org;eve@evil.example", "ada@example.org eve@evil.example",
	"ada@example.org\r\nBcc: eve@evil.example",
	"ada@example.org\n", "\tada@example.org", " ada@example.org", "ada@example.org ", "ada\x00@example.org",
	`"ada"@example.org`, `"a b"@example.org`,
	"ada@[192.0.2.1]", "ada@exa_mple.org", "ada@-example.org", "ada@example..org", "ada@example.org.",
	".ada@example.org", "ada.@example.org", "a..da@example.org",
	"m\u0131ke@example.org", "ada@ex\u0430mple.org", "ada@\u212Aelvin.example", "ad\u0430@example.org",
	"ada@example\u3002org", "ada\uff20example.org", "ada\u200b@example.org",
	"\u202eada@example.org", "ada%00@example.org\x00", strings.Repeat("a", 65) + "@example.org",
	"a@" + strings.Repeat("b.", 126) + "org", strings.Repeat("a", 60) + "@" + strings.Repeat("b.", 96) + "cc",
}

func TestSec_ID04_HostileAddressesAreRefused(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t)
	_, err := kit.CreateUser(t.Context(), kit.Operator("test"), auth.UserInput{
		Username: "ada", Email: "Ada@Example.org", Password: authtest.Password, Roles: []string{"admin"},
	}, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	ada := kit.Principal("ada")
	for _, addr := range hostileAddresses {
		for name, call := range map[string]func() error{
			"code": func() error {
				_, err := kit.BeginEmailCode(
					t.Context(), addr, emailcode.SignIn, auth.Client{},
				)
				return err
			},
			"change": func() error {
				_, err := kit.BeginEmailChange(t.Context(), ada, addr, auth.Client{})
				return err
			},
			"invite": func() error {
				_, err := kit.Invitations.Create(t.Context(), ada, auth.InvitationInput{Email: addr}, auth.Client{})
				return err
			},
			"sign-up": func() error {
				if addr == "" {
					return auth.ErrInvalidInput // the address is optional there
				}
				_, err := kit.SignUp(t.Context(), nil, auth.UserInput{
					Username: "eve", Email: addr, Password: authtest.Password,
				}, auth.Client{})
				return err
			},
		} {
			var fields *auth.FieldsError
			if err := call(); !errors.Is(err, auth.ErrInvalidInput) ||
				errors.As(err, &fields) && fields.Fields[0].Field != "email" {
				t.Errorf("%s with %q: got error %v", name, addr, err)
			}
		}
	}
	if n, err := kit.Outbox.Deliver(t.Context()); n != 0 || err != nil {
		t.Errorf("%d mails were sent, error %v", n, err)
	}
	// Mail goes to the stored address, not to the one that was typed.
	for _, typed := range []string{"ada@example.org", "ADA@EXAMPLE.ORG", "aDa@eXample.org"} {
		if _, err := kit.BeginEmailCode(
			t.Context(), typed, emailcode.SignIn, auth.Client{},
		); err != nil {
			t.Fatal(err)
		}
	}
	kit.Mailed("Ada@Example.org")
	for _, m := range kit.Mail.All() {
		if m.To != "Ada@Example.org" {
			t.Errorf("a mail went to %s", m.To)
		}
	}
}

// The host can replace the wording. Names appear in it as plain text. New refuses templates and
// links that can't work.
func TestSec_IO06_WordingIsEscaped(t *testing.T) {
	t.Parallel()
	site := `Ada's <b>"Site"</b> & {{.Code}}`
	kit := authtest.New(t, func(c *auth.Config) {
		c.Settings.SiteName = site
		c.Mails = map[mail.Kind]mail.Template{
			mail.ResetPassword: {Subject: "{{.Site}}\n: reset", Text: "Hello {{.To}}: {{.Code}} {{.Link}}",
				HTML: `<p title="{{.Site}}">{{.To}} <a href="{{.Link}}">{{.Code}}</a></p>`},
		}
	})
	if _, err := kit.CreateUser(
		t.Context(), kit.Operator("test"), auth.UserInput{
			Username: "ada", Email: "o'hara&x@example.org",
		}, auth.Client{},
	); err != nil {
		t.Fatal(err)
	}
	for _, p := range []emailcode.Purpose{emailcode.ResetPassword, emailcode.SignIn} {
		if _, err := kit.BeginEmailCode(
			t.Context(), "o'hara&x@example.org", p, auth.Client{},
		); err != nil {
			t.Fatal(err)
		}
		l := kit.Mailed("o'hara&x@example.org")
		if strings.Contains(l.HTML, "<b>") && p == emailcode.ResetPassword || strings.Contains(l.HTML, `<b>"Site"`) ||
			strings.Contains(l.HTML, "x&x") || !strings.Contains(l.HTML, "&lt;b&gt;") {
			t.Errorf("%s: the HTML is %s", p, l.HTML)
		}
		if strings.ContainsAny(l.Subject, "\r\n") || !strings.Contains(l.Subject, site) || l.Code == "" {
			t.Errorf("%s: the subject is %q", p, l.Subject)
		}
	}
	secret := []byte("32 bytes or more from a key file")
	for name, mails := range map[string]map[mail.Kind]mail.Template{
		"unknown kind":  {"nothing": {Subject: "x", Text: "x", HTML: "x"}},
		"no text":       {mail.SignIn: {Subject: "x", HTML: "x"}},
		"syntax":        {mail.SignIn: {Subject: "{{", Text: "x", HTML: "x"}},
		"unknown field": {mail.SignIn: {Subject: "x", Text: "{{.Password}}", HTML: "x"}},
	} {
		_, err := auth.New(kit.Store.Auth(), auth.Config{Secret: secret, BaseURL: "https://app.example", Mails: mails})
		if err == nil || !strings.Contains(err.Error(), "mail") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	for name, edit := range map[string]func(*auth.Config){
		"link":     func(c *auth.Config) { c.Links.Reset = "javascript:alert(1)" },
		"fragment": func(c *auth.Config) { c.Links.Invite = "https://app.example/#x" },
		"from":     func(c *auth.Config) { c.MailFrom = "x\r\nBcc: y@z.example" },
	} {
		cfg := auth.Config{Secret: secret, BaseURL: "https://app.example", Mailer: kit.Mail}
		edit(&cfg)
		if _, err := auth.New(kit.Store.Auth(), cfg); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// Every mail has its code and link in both its text and its HTML.
func TestEveryMailHasBothForms(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t)
	ctx, op := t.Context(), kit.Operator("test")
	u, err := kit.CreateUser(ctx, op, auth.UserInput{
		Username: "ada", Email: "ada@example.org", Password: authtest.Password, Roles: []string{"admin"},
	}, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []emailcode.Purpose{emailcode.SignIn, emailcode.VerifyEmail, emailcode.ResetPassword} {
		if _, err := kit.BeginEmailCode(ctx, "ada@example.org", p, auth.Client{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := kit.Invitations.Create(
		ctx, kit.Principal("ada"), auth.InvitationInput{Email: "new@example.org"}, auth.Client{},
	); err != nil {
		t.Fatal(err)
	}
	if _, err := kit.BeginEmailChange(ctx, kit.Principal("ada"), "next@example.org", auth.Client{}); err != nil {
		t.Fatal(err)
	}
	if err := kit.MailPasswordReset(ctx, op, u.ID, auth.Client{}); err != nil {
		t.Fatal(err)
	}
	if _, err := kit.Outbox.Deliver(ctx); err != nil {
		t.Fatal(err)
	}
	for _, m := range kit.Mail.All() {
		l := authtest.ReadMail(m)
		for what, part := range map[string]string{"code": l.Code, "token": l.Token} {
			if part != "" && (!strings.Contains(m.HTML, part) || !strings.Contains(m.Text, part)) {
				t.Errorf("%s: the %s is missing in the text or the HTML", m.Subject, what)
			}
		}
		if m.From != "no-reply@localhost" || m.Subject == "" || strings.Contains(m.Text+m.HTML, "<no value>") ||
			strings.Contains(m.Text, "{{") {
			t.Errorf("%s: the mail is %s", m.Subject, m.Text)
		}
	}
	if n := len(kit.Mail.All()); n != 7 {
		t.Errorf("%d mails were sent, want 7", n)
	}
}
