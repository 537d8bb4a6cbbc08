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
	KeyFile string `name:"key-file" env:"USERAUTH_KEY_FILE" default:"userauth.key" placeholder:"FILE" help:"File with the key, the same for all replicas; made at the first start of a database."`
}

// site is an open database with the accounts on it.
type site struct {
	db       host.Database
	accounts *auth.Service
	operator *auth.Principal
}

// open opens the database that the environment names, and the accounts. edit may change the
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

// config is what makes these accounts those of the published service.
func (s *site) config() auth.Config {
	return auth.Config{
		BaseURL: "http://localhost",
		Roles:   roles(),
		Hooks:   s.hooks(),
		// An account has both names, and the token lives as long as documented.
		Identifiers: auth.Identifiers{Username: auth.Required, Email: auth.Required},
		AccessTTL:   30 * time.Minute,
		// Who leaves a name leaves it to whoever comes next, as in the original: tokens name
		// accounts, so nothing comes with it. Renaming needs no strict limit then; what is left
		// of one slows trying which names are taken.
		AllowUsernameReuse: true,
		Limits:             limit.Limits{Rename: limit.Limit{Burst: 30, Interval: 10 * time.Minute}},
		Settings: policy.Settings{
			SiteName: "UserAuth", SignUp: policy.SignUpOpen, DefaultRoles: []string{string(ladder[0].role)},
		},
	}
}
