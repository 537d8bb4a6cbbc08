package memstore

import (
	"context"
	"errors"
	"maps"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

// Store keeps everything in memory. Make one with New.
type Store struct {
	lock  chan struct{} // full while somebody works on s
	s     *state
	inner bool // belongs to a transaction, which holds the lock of the Store that began it
	ended bool // the transaction has ended; guarded by lock
}

var (
	_ store.Store   = (*Store)(nil)
	_ auth.Store    = (*authStore)(nil)
	_ sharing.Store = (*sharingStore)(nil)
)

// New returns an empty Store.
func New() *Store { return &Store{lock: make(chan struct{}, 1), s: newState()} }

// Auth returns the part for accounts.
func (m *Store) Auth() auth.Store { return &authStore{view{m}} }

// Sharing returns the part for resources, share codes and shares.
func (m *Store) Sharing() sharing.Store { return &sharingStore{view{m}} }

// Tx runs fn while it holds the lock. If fn fails or panics, or ctx has ended, it restores the
// state from before.
func (m *Store) Tx(ctx context.Context, fn func(store.Store) error) error {
	return m.tx(ctx, func(inner *Store) error { return fn(inner) })
}

func (m *Store) tx(ctx context.Context, fn func(*Store) error) error {
	release, err := m.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	in, before := &Store{lock: make(chan struct{}, 1), s: m.s, inner: true}, m.s.clone()
	done := false
	defer func() {
		in.lock <- struct{}{} // waits for what fn left running
		in.ended = true
		<-in.lock
		if !done {
			*m.s = *before
		}
	}()
	if err := fn(in); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	done = true
	return nil
}

// acquire waits for the lock until ctx ends.
func (m *Store) acquire(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case m.lock <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if m.ended {
		<-m.lock
		return nil, errEnded
	}
	return func() { <-m.lock }, nil
}

// errEnded means that the store of a transaction was used after its end.
var errEnded = errors.New("the transaction has ended")

// errTaken means that another record has the same id or the same secret.
var errTaken = errors.New("exists already")

// view gives the store of one package access to a Store.
type view struct{ m *Store }

// authStore implements auth.Store, and sharingStore implements sharing.Store.
type (
	authStore    struct{ view }
	sharingStore struct{ view }
)

// Tx is Store.Tx for package auth only.
func (a *authStore) Tx(ctx context.Context, fn func(auth.Store) error) error {
	return a.m.tx(ctx, func(inner *Store) error { return fn(inner.Auth()) })
}

// Handle implements auth.Store. It gives the Store of the transaction, for those that work on
// another part of it; nil outside of one.
func (a *authStore) Handle() any {
	if !a.m.inner {
		return nil
	}
	return a.m
}

// within returns the store of a transaction of package auth. It panics if that is one of another
// store.
func (m *Store) within(tx auth.Tx) *Store {
	in, ok := tx.Handle().(*Store)
	if !ok || in.s != m.s {
		panic("memstore: the transaction is one of another store")
	}
	return in
}

// with runs fn on the state, under the lock. If fn returns an error, it must not have changed
// anything.
func (v view) with(ctx context.Context, fn func(*state) error) error {
	release, err := v.m.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	return fn(v.m.s)
}

// add adds a record unless its id is taken.
func add[K comparable, V any](m map[K]V, id K, v V) error {
	if _, taken := m[id]; taken {
		return errTaken
	}
	m[id] = v
	return nil
}

// read is with for a function that returns a value.
func read[T any](ctx context.Context, on interface {
	with(context.Context, func(*state) error) error
}, fn func(*state) (T, error)) (out T, err error) {
	err = on.with(ctx, func(s *state) error {
		out, err = fn(s)
		return err
	})
	return out, err
}

// state holds all records. They share no memory with callers and are replaced, never changed,
// so cloning the maps copies everything.
type state struct {
	accounts map[auth.UserID]auth.Account
	logins   map[auth.LoginID]auth.Login
	sessions map[auth.SessionID]auth.Session
	byToken  map[token.Hash]auth.SessionID
	consumed map[token.Hash]consumed
	byName   map[string]auth.UserID // UsernameKey
	byEmail  map[string]auth.UserID // EmailKey
	external map[string]auth.UserID
	reserved map[string]reservation
	buckets  map[string]int64 // when the bucket is full again, in Unix microseconds
	values   map[string]string
	keys     map[string]token.StoredKey
	setup    map[token.Hash]struct{}
	audits   map[auth.AuditID]auth.AuditRecord

	roles     map[auth.RoleID]auth.Role
	groups    map[auth.GroupID]auth.Group
	members   map[member]struct{}
	services  map[auth.ServiceID]auth.ServiceAccount
	apiTokens map[auth.APITokenID]auth.APIToken

	resources   map[auth.ResourceRef]sharing.Resource
	codes       map[string]sharing.ShareCode
	shares      map[string]sharing.Share
	exchanges   map[string]sharing.Exchange
	flows       map[emailcode.FlowID]emailcode.Flow
	invitations map[auth.InvitationID]auth.Invitation
	devices     map[device.GrantID]deviceGrant
	outbox      map[mail.ID]mail.Envelope
}

func newState() *state {
	return &state{
		accounts: map[auth.UserID]auth.Account{}, logins: map[auth.LoginID]auth.Login{},
		sessions: map[auth.SessionID]auth.Session{},
		byToken:  map[token.Hash]auth.SessionID{}, consumed: map[token.Hash]consumed{},
		byName:  map[string]auth.UserID{},
		byEmail: map[string]auth.UserID{}, external: map[string]auth.UserID{}, reserved: map[string]reservation{},
		buckets: map[string]int64{}, values: map[string]string{}, keys: map[string]token.StoredKey{},
		setup: map[token.Hash]struct{}{}, audits: map[auth.AuditID]auth.AuditRecord{},
		roles: map[auth.RoleID]auth.Role{}, groups: map[auth.GroupID]auth.Group{}, members: map[member]struct{}{},
		services: map[auth.ServiceID]auth.ServiceAccount{}, apiTokens: map[auth.APITokenID]auth.APIToken{},
		resources: map[auth.ResourceRef]sharing.Resource{}, codes: map[string]sharing.ShareCode{},
		shares: map[string]sharing.Share{}, exchanges: map[string]sharing.Exchange{},
		flows: map[emailcode.FlowID]emailcode.Flow{}, invitations: map[auth.InvitationID]auth.Invitation{},
		devices: map[device.GrantID]deviceGrant{}, outbox: map[mail.ID]mail.Envelope{},
	}
}

func (s *state) clone() *state {
	return &state{
		accounts: maps.Clone(s.accounts), logins: maps.Clone(s.logins), sessions: maps.Clone(s.sessions),
		byToken: maps.Clone(s.byToken), consumed: maps.Clone(s.consumed), byName: maps.Clone(s.byName),
		byEmail: maps.Clone(s.byEmail), external: maps.Clone(s.external), reserved: maps.Clone(s.reserved),
		buckets: maps.Clone(s.buckets), values: maps.Clone(s.values), keys: maps.Clone(s.keys),
		setup: maps.Clone(s.setup), audits: maps.Clone(s.audits),
		roles: maps.Clone(s.roles), groups: maps.Clone(s.groups), members: maps.Clone(s.members),
		services: maps.Clone(s.services), apiTokens: maps.Clone(s.apiTokens),
		resources: maps.Clone(s.resources), codes: maps.Clone(s.codes), shares: maps.Clone(s.shares),
		exchanges: maps.Clone(s.exchanges),
		flows:     maps.Clone(s.flows), invitations: maps.Clone(s.invitations), devices: maps.Clone(s.devices),
		outbox: maps.Clone(s.outbox),
	}
}
