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

// Service manages accounts, sign-in and tokens on one Store. Any number of replicas may share
// the store. A Service is safe for concurrent use. It starts no goroutine outside of Run,
// except to call a RoleVerifier.
type Service struct {
	// The parts of the service. Each works on the same store as the Service that it belongs to.
	Groups      *Groups
	Services    *ServiceAccounts
	Roles       *Roles
	APITokens   *Tokens
	Sessions    *Sessions
	People      *People
	Invitations *Invitations
	History     *History
	SetUp       *SetUp
	Outbox      *mail.Outbox // always on the store that New was given

	st      Store
	bound   bool         // whether st is a transaction of the host
	waiting *afterCommit // what runs after the host's commit; nil unless bound
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

// keys are derived from Config.Secret. Each has one purpose.
type keys struct {
	refresh, devices, fingerprint, codes []byte
}

// New makes a Service. If cfg is not valid, the error joins every problem in it. New does not
// touch the store: call Ready before serving.
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
				f.Add("default_roles", CodeUnknown, "No role with this name is defined in code.")
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

// WithStore returns a copy of s that works on st, the store of a transaction of the host. What
// the copy does commits or rolls back with the transaction. After the commit the host calls
// Committed on the copy. Do not use the copy to sign people in: failed tries must count even if
// the transaction rolls back.
func (s *Service) WithStore(st Store) *Service {
	c := *s
	c.st, c.bound, c.waiting = st, true, &afterCommit{}
	c.limits, c.signing = s.limits.On(st.Limits()), s.signing.Within(c.keySource())
	c.bindParts()
	return &c
}

// bindParts gives s its parts, which work on its store.
func (s *Service) bindParts() {
	s.Groups, s.Services, s.Roles = &Groups{s}, &ServiceAccounts{s}, &Roles{s}
	s.APITokens, s.Invitations = &Tokens{s}, &Invitations{s}
	s.Sessions, s.People = &Sessions{s}, &People{s}
	s.History, s.SetUp = &History{s}, &SetUp{s}
}

// Schema returns the compiled scopes, including the base scopes.
func (s *Service) Schema() *scopes.Schema { return s.schema }

// BaseURL returns Config.BaseURL without a trailing slash.
func (s *Service) BaseURL() string { return s.cfg.BaseURL }

// Links returns Config.Links, with every link as a complete URL.
func (s *Service) Links() mail.Links { return s.cfg.Links }

// Limits returns the limiter, which counts tries in the store of s. Packages built on this one
// and a host's own sign-in methods use it too.
func (s *Service) Limits() *limit.Limiter { return s.limits }

// Now returns the time of Config.Now in UTC, cut to whole microseconds.
func (s *Service) Now() time.Time { return storable(s.cfg.Now()) }

func (s *Service) now() time.Time { return s.Now() }

// houseBatch is how many rows one statement of Housekeep deletes at most.
const houseBatch = 1000

// Housekeep deletes what has expired, in small batches: sessions, API tokens, logins and audit
// records past their retention, reserved usernames, full limit buckets, flows and invitations.
// It also replaces signing keys that are due. Any number of replicas may call it at the same
// time.
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

// batches calls remove until it deletes less than a full batch.
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

// Housekeeper is a part of the library that stores things that expire. Housekeep deletes those
// that have expired, in small batches. Any number of replicas may call it at the same time.
type Housekeeper interface {
	Housekeep(ctx context.Context) error
}

// Run sends mail as soon as there is some. Every ten minutes it calls Housekeep of s and of
// rooms. It returns the error of ctx when ctx ends, after all goroutines that it started. Other
// errors go to Config.Report, and the next round tries again. Hosts start Run in a goroutine.
// Without it no mail is sent, but everything else works.
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

// report hands an error of background work to the host.
func (s *Service) report(err error) {
	if s.cfg.Report != nil {
		s.cfg.Report(err)
	}
}
