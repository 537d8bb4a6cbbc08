package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// Service is accounts, sign-in and tokens on one Store. It is safe for concurrent use and
// starts no goroutine outside of Run. All replicas on one store agree.
type Service struct {
	// The sub-services. Like Service itself, each works on one store.
	Groups      *Groups
	Services    *ServiceAccounts
	Roles       *Roles
	APITokens   *Tokens
	Sessions    *Sessions
	People      *People
	Invitations *Invitations
	History     *History
	SetUp       *SetUp
	Outbox      *mail.Outbox // of the store that New was given

	st      Store
	bound   bool         // st is a transaction of the host
	waiting *afterCommit // what waits for the host's commit; nil unless bound
	cfg     Config
	schema  *scopes.Schema
	builtIn builtInRoles
	methods methods
	claims  map[string]RoleClaim
	hasher  *password.Hasher
	keys    keys
	limits  *limit.Limiter
	signing *token.Keeper
}

// keys are derived from Config.Secret, each for one purpose.
type keys struct {
	refresh, devices, fingerprint, codes []byte
}

// New makes a Service, or an error that joins every problem in cfg. It does not touch
// the store: call Ready before serving.
func New(st Store, cfg Config) (*Service, error) {
	cfg, err := cfg.withDefaults()
	errs := []error{err}
	var letters mail.Store
	if st == nil {
		errs = append(errs, errors.New("store is nil"))
	} else {
		letters = st.Outbox()
	}
	schema, err := cfg.Schema()
	errs = append(errs, err)
	hasher, err := password.NewHasher(cfg.Hashing)
	errs = append(errs, err)
	s := &Service{st: st, cfg: cfg, schema: schema, hasher: hasher}
	s.bindParts()
	s.Outbox, err = mail.NewOutbox(letters, mail.Config{
		Mailer: cfg.Mailer, From: cfg.MailFrom, URL: cfg.BaseURL, Templates: cfg.Mails,
		Key: token.DeriveKey(cfg.Secret, "seal mail"), Report: cfg.Report, Now: cfg.Now,
	})
	errs = append(errs, err)
	if schema != nil {
		s.builtIn, err = newRoles(schema, cfg.Roles)
		errs = append(errs, err, s.checkClaims(cfg.RoleClaims))
		s.methods, err = newMethods(cfg.Methods)
		errs = append(errs, err)
		if len(cfg.Settings.SignInMethods) == 0 {
			cfg.Settings.SignInMethods = s.methods.defaults(cfg.Mailer != nil)
		}
		s.cfg.Settings = cfg.Settings.WithDefaults(cfg.PasswordRules.Min, cfg.PasswordRules.Max)
		f := s.validateSettings(s.cfg.Settings)
		for _, name := range s.cfg.Settings.DefaultRoles {
			if _, known := s.builtIn[RoleID(name)]; !known || RoleID(name) == RoleGuest {
				f.Add("default_roles", CodeUnknown, "Code defines no such role.")
			}
		}
		if err := f.Err(); err != nil {
			errs = append(errs, fmt.Errorf("settings: %w", err))
		}
		if err := s.needsMailer(policy.Settings{}, s.cfg.Settings); err != nil {
			errs = append(errs, fmt.Errorf("settings: %w", err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("configure auth: %w", err)
	}
	s.cfg.Secret = nil
	s.keys = keys{
		refresh:     token.DeriveKey(cfg.Secret, "derive refresh tokens"),
		devices:     token.DeriveKey(cfg.Secret, "mark devices"),
		fingerprint: token.DeriveKey(cfg.Secret, "fingerprint"),
		codes:       token.DeriveKey(cfg.Secret, "mark codes"),
	}
	s.signing = token.NewKeeper(s.keySource(), token.DeriveKey(cfg.Secret, "seal signing keys"), s.now,
		token.Config{Issuer: s.cfg.BaseURL, Audience: s.cfg.Audience})
	s.limits, err = limit.New(st.Limits(), token.DeriveKey(cfg.Secret, "name limit buckets"), s.now, cfg.Limits)
	if err != nil {
		return nil, fmt.Errorf("configure auth: %w", err)
	}
	return s, nil
}

// WithStore returns a copy that works on st, the store of a transaction: what it does commits
// or rolls back with it. After the commit the host calls Committed. Sign-in is not for such a
// copy, since failures must be counted whatever becomes of the transaction.
func (s *Service) WithStore(st Store) *Service {
	c := *s
	c.st, c.bound, c.waiting = st, true, &afterCommit{}
	c.limits, c.signing = s.limits.On(st.Limits()), s.signing.Within(c.keySource())
	c.bindParts()
	return &c
}

// bindParts gives s its sub-services, which work on its store.
func (s *Service) bindParts() {
	s.Groups, s.Services, s.Roles = &Groups{s}, &ServiceAccounts{s}, &Roles{s}
	s.APITokens, s.Invitations = &Tokens{s}, &Invitations{s}
	s.Sessions, s.People = &Sessions{s}, &People{s}
	s.History, s.SetUp = &History{s}, &SetUp{s}
}

// Schema returns the compiled scopes, base scopes included.
func (s *Service) Schema() *scopes.Schema { return s.schema }

// BaseURL returns Config.BaseURL without a trailing slash.
func (s *Service) BaseURL() string { return s.cfg.BaseURL }

// Links returns Config.Links as URLs.
func (s *Service) Links() mail.Links { return s.cfg.Links }

// Limits counts tries in the store of s, for rooms and for methods of a host.
func (s *Service) Limits() *limit.Limiter { return s.limits }

// Now is the present by Config.Now, as stores keep it.
func (s *Service) Now() time.Time { return storable(s.cfg.Now()) }

func (s *Service) now() time.Time { return s.Now() }

// houseBatch is how many rows one statement of the housekeeping removes.
const houseBatch = 1000

// Housekeep removes what has expired (sessions, API tokens, logins and audit records past their
// retention, reservations of names, full limit buckets, flows, invitations) in
// small batches, and turns the signing keys over. Any number of replicas may do so at once.
func (s *Service) Housekeep(ctx context.Context) error {
	now := s.now()
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return fmt.Errorf("housekeep: %w", err)
	}
	_, keyErr := s.signing.Ring(ctx)
	return errors.Join(
		keyErr,
		batches(ctx, func() (int, error) { return s.st.DeleteExpiredSessions(ctx, now, houseBatch) }),
		batches(ctx, func() (int, error) { return s.st.DeleteExpiredAPITokens(ctx, now, houseBatch) }),
		batches(ctx, func() (int, error) {
			return s.st.DeleteLoginsBefore(ctx, now.Add(-settings.Retention.Logins), houseBatch)
		}),
		batches(
			ctx, func() (int, error) {
				return s.st.DeleteAuditsBefore(ctx, now.Add(-settings.Retention.Audit), houseBatch)
			},
		),
		batches(ctx, func() (int, error) { return s.st.DeleteExpiredReservations(ctx, now, houseBatch) }),
		batches(ctx, func() (int, error) { return s.st.Limits().DeleteFullBuckets(ctx, now, houseBatch) }),
		batches(ctx, func() (int, error) { return s.st.Flows().DeleteExpiredFlows(ctx, now, houseBatch) }),
		batches(ctx, func() (int, error) { return s.st.DeleteExpiredInvitations(ctx, now, houseBatch) }),
	)
}

// batches repeats remove until it finds less than a batch.
func batches(ctx context.Context, remove func() (int, error)) error {
	for {
		n, err := remove()
		if err != nil {
			return fmt.Errorf("housekeep: %w", err)
		}
		if n < houseBatch {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// Housekeeper is a part of the library that keeps things which expire. Housekeep removes them
// in small batches and changes nothing that counts. Any number of replicas may do so at once.
type Housekeeper interface {
	Housekeep(ctx context.Context) error
}

// Run sends mail as soon as there is some. Every ten minutes it does the housekeeping, its own
// and that of the rooms. It returns when ctx ends, with the error of ctx. An error of one round
// goes to Config.Report, and the next round tries again. Hosts start Run in a goroutine. Only
// mail depends on it. The goroutines that it starts end before it returns.
func (s *Service) Run(ctx context.Context, rooms ...Housekeeper) error {
	var senders sync.WaitGroup
	defer senders.Wait()
	senders.Go(func() { s.Outbox.Run(ctx) })
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		for _, room := range append([]Housekeeper{s}, rooms...) {
			if err := room.Housekeep(ctx); err != nil && ctx.Err() == nil {
				s.report(err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// report hands an error of work in the background to the host.
func (s *Service) report(err error) {
	if s.cfg.Report != nil {
		s.cfg.Report(err)
	}
}
