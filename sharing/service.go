package sharing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// Rights is what this package asks of accounts. *auth.Service has it.
type Rights interface {
	// Schema returns the compiled scopes.
	Schema() *scopes.Schema
	// Holdings tells what users and services hold now by roles, and the groups of the users, by
	// id. Who does not exist is left out; of who is not active Held is nil.
	Holdings(ctx context.Context, users, services []string) (map[string]scopes.Holding, error)
	// MembersOf lists the ids of the users in any of the groups.
	MembersOf(ctx context.Context, groups []string) ([]string, error)
}

// Principal is who asks. *auth.Principal is one.
type Principal interface {
	// Subject is what the principal holds by roles, under the ceiling of the credential in use.
	Subject() scopes.Subject
	// Holder is the id of the user or of the service, of which one is set, or none for a guest
	// and for the host itself.
	Holder() (user, service string)
	// GroupIDs are the groups of the user.
	GroupIDs() []string
	// ProvenEmail is the canonical address of the user if it is proven, else empty.
	ProvenEmail() string
	// Actor names the principal in audit records.
	Actor() string
}

// Service is shares and share codes on one Store. It is safe for concurrent use and starts no
// goroutine.
type Service struct {
	st     Store
	rights Rights
	cfg    Config
	kinds  map[string]kind
	schema *scopes.Schema
	share  scopes.ID // of the scope shares
}

// New makes a Service, or an error that joins every problem in cfg.
func New(st Store, rights Rights, cfg Config) (*Service, error) {
	if st == nil || rights == nil {
		return nil, errors.New("configure sharing: store and rights are needed")
	}
	s := &Service{st: st, rights: rights, cfg: cfg.withDefaults(), schema: rights.Schema()}
	var err error
	if s.kinds, err = cfg.compile(s.schema); err != nil {
		return nil, err
	}
	s.share, _ = s.schema.ID("shares")
	return s, nil
}

// WithStore returns a copy that works on st and rights, those of a transaction: what it does
// commits or rolls back with it.
func (s *Service) WithStore(st Store, rights Rights) *Service {
	c := *s
	c.st, c.rights = st, rights
	return &c
}

// HasKind tells whether resources of the kind can be shared.
func (s *Service) HasKind(name string) bool { _, ok := s.kinds[name]; return ok }

// now is the present, as stores keep it.
func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Microsecond) }

// Housekeep removes codes and shares that have expired, in small batches. It changes nothing
// that counts. auth.Service.Run calls it, if it is given this Service.
func (s *Service) Housekeep(ctx context.Context) error {
	const batch = 1000
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

// audit records a change, in the transaction that makes it.
func (s *Service) audit(ctx context.Context, st Store, p Principal, action string, r Ref, detail map[string]any) error {
	now := s.now()
	rec := AuditRecord{ID: token.NewID(now), At: now, Actor: p.Actor(), Action: action, Target: r.Kind + "=" + r.ID}
	if len(detail) > 0 {
		doc, err := json.Marshal(detail)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		rec.Detail = doc
	}
	return st.AddAudit(ctx, rec)
}
