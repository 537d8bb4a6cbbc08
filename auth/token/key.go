package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"
)

// algEdDSA is the only algorithm of keys (RFC 8037).
const algEdDSA = "EdDSA"

// CheckSecret returns ErrWeakSecret if the host's secret is too short to derive keys from,
// which is below 32 bytes.
func CheckSecret(secret []byte) error {
	if len(secret) < 32 {
		return ErrWeakSecret
	}
	return nil
}

// DeriveKey derives a 32-byte key for one purpose from the host's secret, with HKDF-SHA256 (RFC
// 5869).
func DeriveKey(secret []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, "hallpass "+purpose, 32)
	if err != nil {
		panic("token: derive key: " + err.Error()) // only for a length that HKDF can't produce
	}
	return key
}

// NewKey makes an Ed25519 key (RFC 8032) with a random id. It seals the private half with kek,
// which must have 32 bytes; otherwise the error is ErrWeakSecret.
func NewKey(kek []byte, now time.Time) (StoredKey, error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return StoredKey{}, fmt.Errorf("make signing key: %w", err)
	}
	var id [12]byte
	rand.Read(id[:]) // never fails
	k := StoredKey{
		ID: base64.RawURLEncoding.EncodeToString(id[:]), Algorithm: algEdDSA, Public: public,
		CreatedAt: now.UTC().Truncate(time.Microsecond),
	}
	aead, err := sealer(kek)
	if err != nil {
		return StoredKey{}, fmt.Errorf("seal signing key: %w", err)
	}
	k.Sealed = aead.Seal(nil, nil, private.Seed(), []byte(k.ID))
	return k, nil
}

// unseal opens the private half. The id is bound to it, so no stored key can pass as another.
func unseal(kek []byte, k StoredKey) (ed25519.PrivateKey, error) {
	aead, err := sealer(kek)
	if err != nil {
		return nil, err
	}
	seed, err := aead.Open(nil, nil, k.Sealed, []byte(k.ID))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, ErrUnseal
	}
	private := ed25519.NewKeyFromSeed(seed)
	if !private.Public().(ed25519.PublicKey).Equal(ed25519.PublicKey(k.Public)) {
		return nil, ErrUnseal
	}
	return private, nil
}

// sealer returns AES-256-GCM that puts a random nonce in front.
func sealer(kek []byte) (cipher.AEAD, error) {
	if len(kek) != 32 {
		return nil, ErrWeakSecret
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
