package main

import (
	"context"
	"errors"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/scopes"
)

// canPredict is the scope for asking the model. The role user has it. An API token or another
// role may lack it.
const canPredict = "predict"

// site is an open database with its accounts.
type site struct {
	db       host.Database
	accounts *auth.Service
	operator *auth.Principal
	now      func() time.Time
}

// openSite opens the database at an address, makes the table of predictions and opens the
// accounts. edit changes the configuration.
func openSite(ctx context.Context, address, keyFile string, edit func(*auth.Config)) (*site, error) {
	db, err := host.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	s := &site{db: db, now: time.Now}
	cfg := config()
	edit(&cfg)
	if cfg.Now != nil {
		s.now = cfg.Now
	}
	if s.accounts, err = host.Accounts(ctx, db, keyFile, cfg); err == nil {
		err = s.makeHistory(ctx, host.IsPostgres(address))
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.operator = s.accounts.Operator("mlapi")
	return s, nil
}

// config is the configuration of the accounts of the published service.
func config() auth.Config {
	return auth.Config{
		BaseURL:     "http://localhost",
		Identifiers: policy.Identifiers{Username: policy.Required, Email: policy.Required},
		AccessTTL:   time.Hour,
		Scopes:      scopes.Model{Scopes: []scopes.Definition{{Name: canPredict, Label: "Ask the model"}}},
		Roles: []auth.Role{{
			Name: string(auth.RoleUser), Description: "Every account.",
			Scopes: []string{
				"account!user", "read:users!user", "read:logins!user", "sessions!user", "tokens!user", canPredict,
			},
		}},
		Hooks: auth.Hooks{UserDeleting: forget},
		// The chapter removes a user and registers the same name again. Tokens name accounts,
		// so the new account gets nothing of the old one.
		AllowUsernameReuse: true,
		Settings:           policy.Settings{SiteName: "ML API", SignUp: policy.SignUpOpen},
	}
}
