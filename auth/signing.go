package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"github.com/hallpass-go/hallpass/auth/token"
)

const fingerprintName = "fingerprint"

// Ready checks that the store belongs to Config.Secret and prepares the signing keys.
// ErrWrongSecret if it was set up with another one. Call it at start; what needs the
// keys calls it again.
func (s *Service) Ready(ctx context.Context) error {
	_, err := s.signing.Ring(ctx)
	return err
}

// JWKS returns the public keys as a JSON Web Key Set (RFC 7517), for other services that verify
// access tokens. They may keep it for five minutes.
func (s *Service) JWKS(ctx context.Context) ([]byte, error) {
	ring, err := s.signing.Ring(ctx)
	if err != nil {
		return nil, err
	}
	return ring.JWKS(), nil
}

// keySource is where the signing keys are: in the store of s, under the lock of keys.
func (s *Service) keySource() token.KeySource {
	return token.KeySource{
		Store: s.st.KeyStore(),
		Tx: func(ctx context.Context, fn func(token.KeyStore) error) error {
			return s.Tx(ctx, func(tx Tx) error { return fn(tx.st.KeyStore()) })
		},
		Check: s.checkFingerprint,
	}
}

// verifyAccess verifies an access token.
func (s *Service) verifyAccess(ctx context.Context, text string) (token.Claims, error) {
	claims, err := s.signing.Verify(ctx, text)
	switch {
	case errors.Is(err, token.ErrExpired):
		return token.Claims{}, ErrTokenExpired
	case errors.Is(err, token.ErrInvalid):
		return token.Claims{}, ErrTokenInvalid
	}
	return claims, err
}

// checkFingerprint ties the store to the secret at the first start and compares from then on.
func (s *Service) checkFingerprint(ctx context.Context) error {
	mac := hmac.New(sha256.New, s.keys.fingerprint)
	mac.Write([]byte("hallpass"))
	mine := base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
	stored, err := s.st.InitValue(ctx, fingerprintName, mine)
	if err != nil {
		return err
	}
	if !hmac.Equal([]byte(stored), []byte(mine)) {
		return ErrWrongSecret
	}
	return nil
}

// HasSecret tells whether a store belongs to a secret already. A new one must not be made for
// it then: nothing signed or sealed so far would be of use.
func HasSecret(ctx context.Context, st Store) (bool, error) {
	_, err := st.Value(ctx, fingerprintName)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
