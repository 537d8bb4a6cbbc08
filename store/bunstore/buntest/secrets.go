package buntest

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/store"
)

// Secrets does on an empty store what makes a service hand out secrets, and returns all of them, the password and the
// service's own secret included.
func Secrets(t *testing.T, st store.Store) map[string]string {
	ctx, typed, own := t.Context(), "tiny horse 42 staple", "a secret for tests only, 32 bytes"
	s, err := auth.New(st.Auth(), auth.Config{
		Secret: []byte(own), BaseURL: "https://app.example",
		Hashing: password.Config{Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true},
	})
	must(t, err)
	must(t, s.Ready(ctx))
	setup, err := s.NewSetUpToken(ctx)
	must(t, err)
	_, err = s.CreateUser(ctx, s.Operator("test"), auth.NewUser{Username: "ada", Password: typed}, auth.Client{})
	must(t, err)
	in := auth.SignInRequest{Login: "ada", Password: typed}
	cookie, err := s.SignIn(ctx, in)
	must(t, err)
	tokens, err := s.PasswordGrant(ctx, in)
	must(t, err)
	next, err := s.Refresh(ctx, auth.RefreshRequest{Token: tokens.Refresh.Reveal()})
	must(t, err)
	return map[string]string{
		"secret": own, "password": typed, "set-up token": setup.Reveal(), "cookie": cookie.Secret.Reveal(), "access token": tokens.Access,
		"refresh token": tokens.Refresh.Reveal(), "next refresh token": next.Refresh.Reveal(), "next access token": next.Access,
	}
}

// NoSecretIn looks for the secrets, as they are, in hexadecimal, and without the label of their class, in a dump of a database.
func NoSecretIn(t *testing.T, dump []byte, secrets map[string]string) {
	t.Helper()
	if !bytes.Contains(dump, []byte("ada")) {
		t.Fatal("the dump lacks the account: it is no dump")
	}
	for name, secret := range secrets {
		body := secret
		if len(secret) > 30 && secret[:3] == "hp_" {
			body = secret[7 : 7+30] // random part, without class and checksum
		}
		for _, text := range []string{body, hex.EncodeToString([]byte(body))} {
			if bytes.Contains(dump, []byte(text)) {
				t.Errorf("the %s is in the database", name)
			}
		}
	}
}
