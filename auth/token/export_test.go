package token

import (
	"crypto/ed25519"
	"testing"
)

// Unseal opens a stored key for tests that forge tokens.
func Unseal(tb testing.TB, kek []byte, k StoredKey) ed25519.PrivateKey {
	tb.Helper()
	private, err := unseal(kek, k)
	if err != nil {
		tb.Fatal(err)
	}
	return private
}
