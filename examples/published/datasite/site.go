package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// site is an open database with its accounts.
type site struct {
	db       host.Database
	accounts *auth.Service
	operator *auth.Principal
	welcomes *greeter // nil without a mailer
}

// options are what a site may have beside its flags.
type options struct {
	mailer  mail.Mailer // nil for none
	from    string      // sender of mail; empty for the default
	enclave bool
	signup  bool        // guests may register until the switch is turned
	report  func(error) // gets the errors of background work; may be nil
}

// open opens the database and its accounts.
func (f siteFlags) open(e *env, o options) (*site, error) {
	db, err := host.Open(e.ctx, f.DB)
	if err != nil {
		return nil, err
	}
	s := &site{db: db}
	cfg := s.config(o)
	cfg.BaseURL = cmp.Or(f.BaseURL, cfg.BaseURL)
	if e.edit != nil {
		e.edit(&cfg)
	}
	if o.mailer != nil {
		s.welcomes = newGreeter(s, cfg)
	}
	if s.accounts, err = host.Accounts(e.ctx, db, f.KeyFile, cfg); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.operator = s.accounts.Operator("datasite")
	return s, nil
}

// config is the configuration of the accounts of a data site.
func (s *site) config(o options) auth.Config {
	cfg := auth.Config{
		BaseURL:     "http://localhost",
		Identifiers: policy.Identifiers{Username: policy.Off, Email: policy.Required},
		Scopes:      model(),
		Roles:       roles(),
		// Root may choose the password of a person whom root registers. The library advises
		// against it. Without a password, the person gets an invitation.
		AllowManagerPasswords: true,
		// In the original, every root had this password.
		PasswordRules: password.Rules{SiteWords: []string{"changethis"}},
		Mailer:        o.mailer,
		MailFrom:      o.from,
		Hooks: auth.Hooks{UserCreating: s.userCreating, UserCreated: s.userCreated, UserUpdated: s.userUpdated,
			UserDeleting: s.userDeleting},
		Report: o.report,
		Settings: policy.Settings{
			SiteName: "datasite", SignUp: policy.SignUpClosed, SignInMethods: []policy.Method{auth.MethodPassword},
			DefaultRoles: []string{string(guest.role)},
			AllowGuests:  true,
		},
	}
	if o.signup || o.enclave {
		cfg.Settings.SignUp = policy.SignUpOpen
	}
	if o.enclave {
		cfg.Hooks.SigningIn = refuseAdmins
	}
	return cfg
}

// refuseAdmins keeps admins out of an enclave. Only after the right password are they told so.
func refuseAdmins(_ context.Context, _ auth.Tx, u auth.User, _ auth.Session) error {
	if slices.Contains(u.Roles, admin.role) {
		return fmt.Errorf("%w: an enclave has no admins", auth.ErrRefused)
	}
	return nil
}

// clockOf returns the clock of the accounts.
func clockOf(cfg auth.Config) func() time.Time {
	if cfg.Now != nil {
		return cfg.Now
	}
	return time.Now
}
