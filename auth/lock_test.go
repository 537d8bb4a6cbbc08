package auth_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// lockCounter counts who asks for the lock that all changes of rights wait for.
type lockCounter struct {
	auth.Store
	n *atomic.Int64
}

func (c lockCounter) Lock(ctx context.Context, name string) error {
	c.n.Add(1)
	return c.Store.Lock(ctx, name)
}

func (c lockCounter) Tx(ctx context.Context, fn func(auth.Store) error) error {
	return c.Store.Tx(ctx, func(st auth.Store) error { return fn(lockCounter{st, c.n}) })
}

// Whoever may do nothing to groups, services or the tokens of others does not hold up those who
// may.
func TestRefusedCallersTakeNoLock(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), lockCounter{memstore.New().Auth(), new(atomic.Int64)}
	s, err := auth.New(c, auth.Config{
		Secret: []byte("a secret for tests only, 32 bytes"), BaseURL: "https://app.example",
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	op := s.Operator("test")
	u, err := s.CreateUser(ctx, op, auth.UserInput{Username: "ada"}, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.CreateUser(ctx, op, auth.UserInput{Username: "bob"}, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	_, secret, err := s.APITokens.Create(ctx, op, auth.Holder{User: u.ID}, auth.APITokenInput{
		Name: "x", Scopes: []string{"account!user", "tokens!user"},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Authenticate(ctx, secret.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	c.n.Store(0)
	disabled, owner := auth.StatusDisabled, auth.Holder{User: other.ID}
	for what, do := range map[string]func() error{
		"delete group":      func() error { return s.Groups.Delete(ctx, p, "g") },
		"add member":        func() error { return s.Groups.AddMember(ctx, p, "g", u.ID) },
		"remove member":     func() error { return s.Groups.RemoveMember(ctx, p, "g", u.ID) },
		"add group role":    func() error { return s.Groups.AddRole(ctx, p, "g", "user") },
		"remove group role": func() error { return s.Groups.RemoveRole(ctx, p, "g", "user") },
		"add role":          func() error { return s.AddRole(ctx, p, u.ID, "admin") },
		"put role":          func() error { _, _, err := s.Roles.Put(ctx, p, "r", auth.RoleInput{}); return err },
		"delete role":       func() error { return s.Roles.Delete(ctx, p, "r", true) },
		"update service": func() error {
			_, err := s.Services.Update(ctx, p, "v", auth.ServicePatch{Status: &disabled})
			return err
		},
		"delete service":   func() error { return s.Services.Delete(ctx, p, "v") },
		"add service role": func() error { return s.Services.AddRole(ctx, p, "v", "user") },
		"mint": func() error {
			_, _, err := s.APITokens.Create(ctx, p, owner, auth.APITokenInput{Name: "x"})
			return err
		},
		"revoke": func() error { return s.APITokens.RevokeAll(ctx, p, owner) },
		"default roles": func() error {
			_, err := s.UpdateSettings(ctx, p, policy.SettingsPatch{DefaultRoles: &[]string{"admin"}})
			return err
		},
	} {
		if err := do(); !errors.Is(err, auth.ErrInsufficientScope) && !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
		if n := c.n.Swap(0); n != 0 {
			t.Errorf("%s took the lock", what)
		}
	}
}
