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

// New makes a Service. It returns an error if an argument is missing.
func New(accounts *auth.Service, st Store) (*Service, error) {
	if accounts == nil || st == nil {
		return nil, errors.New("configure device grants: accounts or store is nil")
	}
	return &Service{accounts: accounts, st: st}, nil
}

// WithStore returns a copy that works on accounts and st, which must both be of one
// transaction. What the copy does commits or rolls back with it.
func (s *Service) WithStore(accounts *auth.Service, st Store) *Service {
	return &Service{accounts: accounts, st: st}
}

// Housekeep removes grants that expired more than an hour ago, in small batches. Until then a
// device can learn that its code has expired.
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
