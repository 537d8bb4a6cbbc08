package auth

import (
	"context"
	"errors"
	"fmt"
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
		if len(f) > 0 {
			errs = append(errs, fmt.Errorf("settings: %w", f.Err()))
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
	s.History, s.SetUp = &History{s}, &SetUp{s}
}

// Schema returns the compiled scopes, base scopes included.
func (s *Service) Schema() *scopes.Schema { return s.schema }

// BaseURL returns Config.BaseURL without a trailing slash.
func (s *Service) BaseURL() string { return s.cfg.BaseURL }

// Links returns Config.Links as URLs.
func (s *Service) Links() Links { return s.cfg.Links }

// Limits counts tries in the store of s, for rooms and for methods of a host.
func (s *Service) Limits() *limit.Limiter { return s.limits }

// Now is the present by Config.Now, as stores keep it.
func (s *Service) Now() time.Time { return storable(s.cfg.Now()) }

func (s *Service) now() time.Time { return s.Now() }

// AddressToKeep is the address of a client as the settings let it be kept; empty where they
// keep none.
func (s *Service) AddressToKeep(ctx context.Context, c Client) (string, error) {
	settings, err := s.settings(ctx, s.st)
	return address(settings, c), err
}

// ProvedAt tells when the person last proved who they are in a session. ErrNotFound if it has
// ended.
func (s *Service) ProvedAt(ctx context.Context, id SessionID) (time.Time, error) {
	a, err := s.st.ActorBySession(ctx, id)
	return a.Session.ProvedAt, err
}

// account finds a user. An id that is none is ErrNotFound before the store is asked.
func (s *Service) account(ctx context.Context, st Store, id UserID) (Account, error) {
	if !IsID(string(id)) {
		return Account{}, ErrNotFound
	}
	return st.Account(ctx, id)
}

// hashNew judges and hashes a password that somebody chose.
func (s *Service) hashNew(ctx context.Context, settings policy.Settings, field, pw string, a Account) (string, error) {
	if err := s.checkNew(ctx, settings, field, pw, a); err != nil {
		return "", err
	}
	hash, err := s.hasher.Hash(ctx, pw)
	if err != nil {
		return "", passwordError(field, err)
	}
	return hash, nil
}

// rules are those in force.
func (s *Service) rules(settings policy.Settings) password.Rules {
	rules := s.cfg.PasswordRules
	rules.Min, rules.Max = settings.PasswordMin, settings.PasswordMax
	return rules
}

// checkNew judges a password that somebody chose for a.
func (s *Service) checkNew(ctx context.Context, settings policy.Settings, field, pw string, a Account) error {
	rules := s.rules(settings)
	words := []string{a.Username, a.Email, a.Name, settings.SiteName}
	if err := rules.Check(ctx, pw, words...); err != nil {
		return passwordError(field, err)
	}
	return nil
}
