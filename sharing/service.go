package sharing

import (
	"context"
	"errors"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// Service is resources, shares and share codes on one Store. It is immutable, safe for
// concurrent use, and starts no goroutine.
type Service struct {
	st       Store
	accounts *auth.Service
	cfg      Config
	kinds    map[string]kind
	schema   *scopes.Schema
	share    scopes.ID // of the scope shares
}

// New makes a Service, or an error that joins every problem in cfg. st and accounts are on the
// same database.
func New(accounts *auth.Service, st Store, cfg Config) (*Service, error) {
	if accounts == nil || st == nil {
		return nil, errors.New("configure sharing: accounts and a store are needed")
	}
	s := &Service{st: st, accounts: accounts, cfg: cfg.withDefaults(), schema: accounts.Schema()}
	var err error
	if s.kinds, err = cfg.compile(s.schema); err != nil {
		return nil, err
	}
	s.share, _ = s.schema.ID("shares")
	return s, nil
}

// WithStore returns a copy that works on accounts and st, which are those of a transaction:
// what it does commits or rolls back with it. See auth.Service.WithStore.
func (s *Service) WithStore(accounts *auth.Service, st Store) *Service {
	c := *s
	c.st, c.accounts = st, accounts
	return &c
}

// HasKind reports whether resources of the kind can be shared.
func (s *Service) HasKind(name string) bool { _, ok := s.kinds[name]; return ok }

// Housekeep removes codes and shares that have expired, in small batches. Nothing that counts
// changes. auth.Service.Run calls it, if it is given this Service.
func (s *Service) Housekeep(ctx context.Context) error {
	now := s.now()
	for {
		n, err := s.st.DeleteExpired(ctx, now, batch)
		if err != nil || n < batch {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// now is the present, as stores keep it.
func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Microsecond) }

// tx runs fn in a transaction of accounts, with this package's store in it: hooks, work for
// after the commit and audit records belong to the same one.
func (s *Service) tx(ctx context.Context, fn func(auth.Tx, Store) error) error {
	return s.accounts.Tx(ctx, func(tx auth.Tx) error { return fn(tx, s.st.In(tx)) })
}

// audit records a change of a resource, in the transaction that makes it.
func (s *Service) audit(ctx context.Context, tx auth.Tx, p *auth.Principal, c change) error {
	return s.accounts.Audit(ctx, tx, p, c.action, c.of.Kind+"="+c.of.ID, c.detail)
}

// change is what an audit record says.
type change struct {
	action string // such as "share.create"
	of     auth.ResourceRef
	detail map[string]any
}
