package device

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth"
)

// Service signs devices in. It is immutable and safe for concurrent use.
type Service struct {
	accounts *auth.Service
	st       Store
}

// New makes a Service, or an error if something is missing.
func New(accounts *auth.Service, st Store) (*Service, error) {
	if accounts == nil || st == nil {
		return nil, errors.New("configure device grants: accounts or store is nil")
	}
	return &Service{accounts: accounts, st: st}, nil
}

// WithStore returns a copy that works on accounts and st, both of one transaction: what it does
// commits or rolls back with it.
func (s *Service) WithStore(accounts *auth.Service, st Store) *Service {
	return &Service{accounts: accounts, st: st}
}

// Housekeep removes grants that expired an hour ago, in small batches. Until then a device
// learns that its code has expired.
func (s *Service) Housekeep(ctx context.Context) error {
	const batch = 1000
	before := s.accounts.Now().Add(-memory)
	for {
		n, err := s.st.DeleteExpiredGrants(ctx, before, batch)
		if err != nil {
			return fmt.Errorf("housekeep device grants: %w", err)
		}
		if n < batch {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}
