package hallpass

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/httpadapter"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

// readyIn is how long New waits for the store.
const readyIn = 10 * time.Second

// Config configures New, which copies it. The zero value of every field but Secret and BaseURL
// is the safe setting.
type Config struct {
	// Secret seals the signing keys, and every other key is derived from it. At least 32 random
	// bytes, the same on every replica, never changed.
	Secret []byte
	// BaseURL is where people reach the host, such as "https://app.example". http or https,
	// without query and fragment.
	BaseURL string

	// Accounts is about users, scopes, roles, sign-in, tokens and mail. Leave its Secret and
	// BaseURL empty: New uses the two above. Empty Links lead to the page of the adapter. A nil
	// Report logs to HTTP.Logger.
	Accounts auth.Config
	// Sharing is about what can be shared. An empty AcceptURL is Accounts.Links.AcceptShare,
	// and a nil Now is Accounts.Now.
	Sharing sharing.Config
	// HTTP is about the routes. An empty Prefix is "/auth".
	HTTP httpadapter.Config
}

// Hallpass is the whole library on one database. It is safe for concurrent use. Make one with
// New.
type Hallpass struct {
	// Handler serves the API under Config.HTTP.Prefix and never redirects. It has the
	// middleware for routes of the host: Require, RequireUser and Optional, and Authenticate
	// for frameworks whose middleware has another form.
	*httpadapter.Handler
	// Rooms are the services that Handler calls, for hosts that call them too.
	Rooms
}

// Rooms are the services on one store.
type Rooms struct {
	Accounts *auth.Service    // users, groups, services, roles, settings, sessions, tokens
	Devices  *device.Service  // sign-in of programs without a browser
	Sharing  *sharing.Service // resources, share codes, shares
}

// New wires the library on st, whose migrations must have run, and prepares the signing keys in
// st. It returns an error that joins
// every problem in cfg. It also returns one if st was set up with another secret
// (auth.ErrWrongSecret) or does not answer within ten seconds.
func New(st store.Store, cfg Config) (*Hallpass, error) {
	if st == nil {
		return nil, errors.New("configure hallpass: store is nil")
	}
	cfg, err := cfg.withDefaults()
	accounts, failed := auth.New(st.Auth(), cfg.Accounts)
	if err = errors.Join(err, failed); err != nil {
		return nil, errors.Join(err, cfg.validateRest())
	}
	if cfg.Sharing.AcceptURL == "" {
		cfg.Sharing.AcceptURL = accounts.Links().AcceptShare
	}
	shares, err := sharing.New(accounts, st.Sharing(), cfg.Sharing)
	devices, wrong := device.New(accounts, st.Devices())
	h, failed := httpadapter.New(accounts, httpadapter.Rooms{Sharing: shares, Devices: devices}, cfg.HTTP)
	if err = errors.Join(err, wrong, failed); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), readyIn)
	defer cancel()
	if err := accounts.Ready(ctx); err != nil {
		return nil, fmt.Errorf("check the secret against the store: %w", err)
	}
	return &Hallpass{h, Rooms{accounts, devices, shares}}, nil
}

// withDefaults hands what the parts have in common to each of them.
func (c Config) withDefaults() (Config, error) {
	a := &c.Accounts
	if len(a.Secret) > 0 || a.BaseURL != "" {
		return c, errors.New("Config.Accounts has a Secret or a BaseURL: leave them empty, and set those of Config")
	}
	a.Secret, a.BaseURL, a.Links = c.Secret, c.BaseURL, a.Links.Or(c.HTTP.LinkPage())
	if c.HTTP.Logger == nil {
		c.HTTP.Logger = slog.Default()
	}
	if log := c.HTTP.Logger; a.Report == nil {
		a.Report = func(err error) { log.Error("work in the background failed", "error", err) }
	}
	if c.Sharing.Now == nil {
		c.Sharing.Now = a.Now
	}
	return c, nil
}

// validateRest returns what is wrong beside Accounts, as far as it can be seen without them.
func (c Config) validateRest() error {
	err := c.HTTP.Validate()
	if schema, failed := c.Accounts.Schema(); failed == nil {
		err = errors.Join(c.Sharing.Validate(schema), err)
	}
	return err
}

// Run sends mail and does the housekeeping of every room until ctx ends, and returns the error
// of ctx. An error of one round goes to Config.Accounts.Report, and the next round tries again.
// Hosts start it in a goroutine.
func (hp *Hallpass) Run(ctx context.Context) error {
	return hp.Accounts.Run(ctx, hp.Devices, hp.Sharing)
}

// WithStore returns the rooms on st, the store of a transaction: what they do commits or rolls
// back with it. After the commit the host calls Committed. Do not sign people in with
// them: failures must be counted whatever becomes of the transaction.
func (r Rooms) WithStore(st store.Store) Rooms {
	accounts := r.Accounts.WithStore(st.Auth())
	return Rooms{
		accounts, r.Devices.WithStore(accounts, st.Devices()), r.Sharing.WithStore(accounts, st.Sharing()),
	}
}

// Committed runs what hooks have left for after the commit. The host calls it on rooms from
// WithStore once its transaction is committed; on others it does nothing.
func (r Rooms) Committed(ctx context.Context) { r.Accounts.Committed(ctx) }

// PrincipalFrom returns who a request acts as, behind a middleware of Hallpass.
func PrincipalFrom(ctx context.Context) (*auth.Principal, bool) {
	return httpadapter.PrincipalFrom(ctx)
}

// WithPrincipal puts p where PrincipalFrom finds it: for middleware around Authenticate, and
// for tests of handlers.
func WithPrincipal(ctx context.Context, p *auth.Principal) context.Context {
	return httpadapter.WithPrincipal(ctx, p)
}

// Resource is the target of Require for one resource: pathValue is the name in the pattern of
// the route that holds the id. See httpadapter.Resource.
func Resource(kind, pathValue string) httpadapter.Target {
	return httpadapter.Resource(kind, pathValue)
}

// Everything is the target of Require for no resource in particular: only a scope without a
// filter covers it.
func Everything() httpadapter.Target { return httpadapter.Everything() }

var _ http.Handler = (*Hallpass)(nil)
