package token_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/hallpass-go/hallpass/auth/token"
)

func TestSealedOpensOnlyUnderItsLabel(t *testing.T) {
	t.Parallel()
	key, other := token.DeriveKey(make([]byte, 32), "a"), token.DeriveKey(make([]byte, 32), "b")
	sealed, err := token.Seal(key, []byte("BCDF-GHJK"), "mail 1")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := token.Seal(
		key, []byte("BCDF-GHJK"), "mail 1",
	); err != nil || bytes.Equal(sealed, again) || bytes.Contains(sealed, []byte("BCDF")) {
		t.Errorf("sealing is not random, or hides nothing: %v", err)
	}
	if plain, err := token.Open(key, sealed, "mail 1"); err != nil || string(plain) != "BCDF-GHJK" {
		t.Errorf("opened %q, %v", plain, err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, try := range map[string]func() ([]byte, error){
		"label": func() ([]byte, error) {
			return token.Open(key, sealed, "mail 2")
		}, "key": func() ([]byte, error) { return token.Open(other, sealed, "mail 1") },
		"change": func() ([]byte, error) {
			return token.Open(key, changed, "mail 1")
		}, "nothing": func() ([]byte, error) { return token.Open(key, nil, "mail 1") },
	} {
		if _, err := try(); !errors.Is(err, token.ErrSealed) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if _, err := token.Seal([]byte("short"), nil, ""); err == nil {
		t.Error("sealed with a short key")
	}
}
