package main

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// siteFlags are the flags of every command.
type siteFlags struct {
	KeyFile string `name:"key-file" env:"USERAUTH_KEY_FILE" default:"userauth.key" placeholder:"FILE" help:"File with the key, the same for all replicas; the first start of a database makes it."`
}

// site is an open database with its accounts.
type site struct {
	db       host.Database
	accounts *auth.Service
	operator *auth.Principal
}

// open opens the database that the environment names, and its accounts. edit may change the
// configuration.
func (f siteFlags) open(e *env, edit func(*auth.Config)) (*site, error) {
	address, err := e.database()
	if err != nil {
		return nil, err
	}
	db, err := host.Open(e.ctx, address)
	if err != nil {
		return nil, err
	}
	s := &site{db: db}
	cfg := s.config()
	for _, change := range []func(*auth.Config){edit, e.edit} {
		if change != nil {
			change(&cfg)
		}
	}
	key := f.KeyFile
	if !filepath.IsAbs(key) {
		key = filepath.Join(e.dir, key)
	}
	if s.accounts, err = host.Accounts(e.ctx, db, key, cfg); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.operator = s.accounts.Operator("userauth")
	return s, nil
}

// config is the configuration of the accounts of the published service.
func (s *site) config() auth.Config {
	return auth.Config{
		BaseURL: "http://localhost",
		Roles:   roles(),
		Hooks:   s.hooks(),
		// An account has a username and an email address. Tokens live as long as documented.
		Identifiers: policy.Identifiers{Username: policy.Required, Email: policy.Required},
		AccessTTL:   30 * time.Minute,
		// A name that becomes free can be taken at once, as in the original. Tokens name
		// accounts, so the new holder gets nothing of the old one. Renaming needs no strict
		// limit then. The limit that is left slows down trying which names are taken.
		AllowUsernameReuse: true,
		Limits:             limit.Limits{Rename: limit.Limit{Burst: 30, Interval: 10 * time.Minute}},
		Settings: policy.Settings{
			SiteName: "UserAuth", SignUp: policy.SignUpOpen, DefaultRoles: []string{string(ladder[0].role)},
		},
	}
}
