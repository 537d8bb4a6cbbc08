package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// site is an open database with its accounts.
type site struct {
	db       host.Database
	accounts *auth.Service
	dev      *devMail // nil outside development mode
}

// open opens the database and its accounts.
func (c *serverCmd) open(e *env, base string, log *slog.Logger) (*site, error) {
	s, name := &site{}, "syftbox"
	cfg := config()
	cfg.BaseURL = base
	cfg.Report = func(err error) { log.Error("work in the background failed", "error", err) }
	if c.Dev {
		name = "syftbox-dev"
		s.dev = newDevMail(mail.Console(e.out))
		cfg.Mailer, cfg.Limits = s.dev, devLimits()
	} else {
		var err error
		if cfg.Mailer, cfg.MailFrom, err = host.Mailer(c.Mail, e.out); err != nil {
			return nil, err
		}
	}
	if e.edit != nil {
		e.edit(&cfg)
	}
	address := c.DB
	if address == "" {
		address = e.file(name + ".db")
	}
	var err error
	if s.db, err = host.Open(e.ctx, address); err != nil {
		return nil, err
	}
	if s.accounts, err = host.Accounts(e.ctx, s.db, e.file(cmp.Or(c.KeyFile, name+".key")), cfg); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// config is the configuration of SyftBox's accounts. An address is the identity, a mailed code
// the only proof, and anybody with an address may sign up.
func config() auth.Config {
	return auth.Config{
		Identifiers: policy.Identifiers{Username: policy.Off, Email: policy.Required},
		Hooks:       auth.Hooks{UserCreating: onlyDotted, UserUpdated: stayDotted},
		Mails:       map[mail.Kind]mail.Template{mail.SignIn: signInMail},
		Settings: policy.Settings{
			SiteName: siteName, SignUp: policy.SignUpOpen, EmailProof: policy.EmailProofRequired,
			SignInMethods: []policy.Method{auth.MethodEmailCode},
		},
	}
}

// onlyDotted refuses addresses that no other server can send mail to, such as ada@localhost.
func onlyDotted(_ context.Context, _ auth.Tx, u auth.User) error {
	if hasDottedDomain(u.Email) {
		return nil
	}
	return auth.FieldError{
		Field: "email", Code: auth.CodeInvalid, Detail: "The domain of an address has a dot, as example.org has.",
	}.Err()
}

func stayDotted(ctx context.Context, tx auth.Tx, before, after auth.User) error {
	if before.Email == after.Email {
		return nil
	}
	return onlyDotted(ctx, tx, after)
}

// hasDottedDomain reports whether an address meets what this network asks beyond the library.
func hasDottedDomain(email string) bool {
	_, domain, _ := strings.Cut(email, "@")
	return strings.Contains(domain, ".")
}

const siteName = "SyftBox"

// signInMail is written for people at a terminal.
var signInMail = mail.Template{
	Subject: "Your code for {{.Site}}",
	Text: `This code signs you in to {{.Site}} at {{.URL}}. Type it into the terminal where syftbox
asks for it. It is valid for {{.Expires}}.

    {{.Code}}

{{if .Link}}If the terminal refuses it, paste this instead:
{{.Link}}

{{end}}{{if .IP}}The request came from {{.IP}}.
{{end}}If you did not ask for this, ignore this mail: nothing happens without the code. Never give
the code to anybody.
`,
	HTML: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Your code for {{.Site}}</title></head><body>
<p>This code signs you in to {{.Site}} at {{.URL}}. Type it into the terminal where syftbox asks for
it. It is valid for {{.Expires}}.</p>
<p style="font-size:1.6em"><b>{{.Code}}</b></p>
{{if .Link}}<p>If the terminal refuses it, paste this instead: {{.Link}}</p>
{{end}}{{if .IP}}<p>The request came from {{.IP}}.</p>
{{end}}<p>If you did not ask for this, ignore this mail: nothing happens without the code. Never give the
code to anybody.</p>
</body></html>
`,
}
