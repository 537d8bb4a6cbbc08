package token

import "time"

// Hash is the SHA-256 of an opaque secret: all of it that is ever stored. Looking
// one up through a unique index compares nothing that an attacker can time.
type Hash [32]byte

// IsZero reports whether h is the hash of nothing.
func (h Hash) IsZero() bool { return h == Hash{} }

// StoredKey is a signing key as a store keeps it.
type StoredKey struct {
	ID        string    // the `kid`; never used twice
	Algorithm string    // "EdDSA"
	Public    []byte    // raw public key
	Sealed    []byte    // private key, sealed with a key derived from the host's secret
	CreatedAt time.Time // UTC, whole microseconds
}
