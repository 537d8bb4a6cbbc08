package sharing_test

import (
	"errors"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// A code is found by its secret below the resource that it is for, by who may end it, and
// nowhere else.
func TestShareCodeBySecret(t *testing.T) {
	t.Parallel()
	st, ctx := memstore.New(), t.Context()
	accounts, err := auth.New(st.Auth(), auth.Config{
		Secret: make([]byte, 32), BaseURL: "https://app.example",
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
		Scopes: scopes.Model{Kinds: []scopes.Kind{{Name: "note"}}, Scopes: []scopes.Definition{
			{Name: "read:notes", Filters: []string{"note", "user"}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	shares, err := sharing.New(accounts, st.Sharing(), sharing.Config{Kinds: map[string]sharing.Kind{"note": {}}})
	if err != nil {
		t.Fatal(err)
	}
	who := map[string]*auth.Principal{}
	for _, name := range []string{"ada", "eve"} {
		const pass = "tiny horse 42 staple"
		_, err := accounts.CreateUser(
			ctx, accounts.Operator("test"), auth.UserInput{Username: name, Password: pass}, auth.Client{},
		)
		if err != nil {
			t.Fatal(err)
		}
		in, err := accounts.SignIn(ctx, auth.SignInRequest{Login: name, Password: pass})
		if err == nil {
			who[name], err = accounts.AuthenticateCookie(ctx, in.Secret.Reveal())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	first, second := auth.ResourceRef{Kind: "note", ID: "1"}, auth.ResourceRef{Kind: "note", ID: "2"}
	for _, r := range []auth.ResourceRef{first, second} {
		if _, _, err := shares.Put(ctx, who["ada"], r); err != nil {
			t.Fatal(err)
		}
	}
	made, secret, err := shares.CreateShareCode(ctx, who["ada"], first, sharing.ShareCodeInput{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := shares.ShareCodeBySecret(ctx, who["ada"], first, secret.Reveal()); err != nil || got.ID != made.ID {
		t.Errorf("%v, %v", got, err)
	}
	for name, err := range map[string]error{
		"another resource": errOf(shares.ShareCodeBySecret(ctx, who["ada"], second, secret.Reveal())),
		"another secret":   errOf(shares.ShareCodeBySecret(ctx, who["ada"], first, token.New(token.ShareCode).Reveal())),
		"no secret":        errOf(shares.ShareCodeBySecret(ctx, who["ada"], first, "x")),
	} {
		if !errors.Is(err, sharing.ErrShareCodeInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := shares.ShareCodeBySecret(ctx, who["eve"], first, secret.Reveal()); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("somebody else: %v", err)
	}
}

func errOf(_ sharing.ShareCode, err error) error { return err }
