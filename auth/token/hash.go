package token

import "time"

// Hash is the SHA-256 of an opaque secret, the only part of it that is ever stored. Looking one
// up in a unique index makes no comparison that an attacker could time.
type Hash [32]byte

// IsZero reports whether h is the zero Hash, which is the hash of the zero Secret.
func (h Hash) IsZero() bool { return h == Hash{} }

// StoredKey is a signing key as a store keeps it.
type StoredKey struct {
	ID        string    // the `kid`; never used twice
	Algorithm string    // "EdDSA"
	Public    []byte    // raw public key
	Sealed    []byte    // private key, sealed with a key derived from the host's secret
	CreatedAt time.Time // UTC, in whole microseconds
}
