package sharing

import (
	"context"
	"errors"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// Service manages resources, shares and share codes in one Store, and decides what they allow.
// It is immutable, safe for concurrent use, and starts no goroutine. Any number of replicas may
// use the same database.
type Service struct {
	st       Store
	accounts *auth.Service
	cfg      Config
	kinds    map[string]kind
	schema   *scopes.Schema
	share    scopes.ID // of the scope shares
}

// New makes a Service, or returns an error that joins every problem in cfg. accounts and st
// must be on the same database.
func New(accounts *auth.Service, st Store, cfg Config) (*Service, error) {
	if accounts == nil || st == nil {
		return nil, errors.New("configure sharing: accounts or store is nil")
	}
	s := &Service{st: st, accounts: accounts, cfg: cfg.withDefaults(), schema: accounts.Schema()}
	var err error
	if s.kinds, err = cfg.compile(s.schema); err != nil {
		return nil, err
	}
	s.share, _ = s.schema.ID("shares")
	return s, nil
}

// WithStore returns a copy that works in a transaction. accounts and st belong to the
// transaction, and whatever the copy does commits or rolls back with it. See
// auth.Service.WithStore.
func (s *Service) WithStore(accounts *auth.Service, st Store) *Service {
	c := *s
	c.st, c.accounts = st, accounts
	return &c
}

// HasKind reports whether resources of the kind can be shared.
func (s *Service) HasKind(name string) bool { _, ok := s.kinds[name]; return ok }

// Housekeep deletes codes and shares that have expired, in small batches. It changes no
// decision. auth.Service.Run calls it if it is given this Service.
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

// now returns the time, as precise as stores keep it.
func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Microsecond) }

// tx runs fn in a transaction of accounts, with the store of this package inside it. So hooks,
// audit records and work after the commit belong to the same transaction.
func (s *Service) tx(ctx context.Context, fn func(auth.Tx, Store) error) error {
	return s.accounts.Tx(ctx, func(tx auth.Tx) error { return fn(tx, s.st.In(tx)) })
}

// audit records a change of a resource in the transaction that makes it.
func (s *Service) audit(ctx context.Context, tx auth.Tx, p *auth.Principal, c change) error {
	return s.accounts.Audit(ctx, tx, p, c.action, c.of.Kind+"="+c.of.ID, c.detail)
}

// change is the content of an audit record.
type change struct {
	action string // such as "share.create"
	of     auth.ResourceRef
	detail map[string]any
}
