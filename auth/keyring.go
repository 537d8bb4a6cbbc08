package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

const (
	ringMaxAge   = 5 * time.Minute  // before signing; below the time that a new key waits to sign
	ringReload   = 10 * time.Second // at most one reload in this time for an unknown key
	keyLife      = 90 * 24 * time.Hour
	maxAccessTTL = 24 * time.Hour

	fingerprintName = "fingerprint"
)

// ringCache holds the signing keys that were read last.
type ringCache struct {
	turn chan struct{} // holds one while somebody reads from the store
	last atomic.Pointer[loadedRing]
}

type loadedRing struct {
	ring *token.Ring
	at   time.Time
}

// get returns the keys if they were read less than maxAge ago, else nil.
func (c *ringCache) get(now time.Time, maxAge time.Duration) *token.Ring {
	l := c.last.Load()
	if l == nil || now.Sub(l.at) < 0 || now.Sub(l.at) >= maxAge {
		return nil
	}
	return l.ring
}

// Ready checks that the store belongs to Config.Secret and prepares the signing keys.
// ErrWrongSecret if it was set up with another one. Call it at start; what needs the
// keys calls it again.
func (s *Service) Ready(ctx context.Context) error {
	_, err := s.signingRing(ctx)
	return err
}

// signingRing returns keys read at most ringMaxAge ago, and starts the rotation when it is due.
func (s *Service) signingRing(ctx context.Context) (*token.Ring, error) {
	return s.loadRing(ctx, ringMaxAge)
}

// loadRing returns keys read less than maxAge ago. A copy bound to a transaction keeps nothing
// of what it reads, since the transaction may roll back, and does not wait for others, since
// they may wait for its connection.
func (s *Service) loadRing(ctx context.Context, maxAge time.Duration) (*token.Ring, error) {
	now := s.now()
	if ring := s.ring.get(now, maxAge); ring != nil {
		return ring, nil
	}
	if !s.bound {
		select {
		case s.ring.turn <- struct{}{}:
			defer func() { <-s.ring.turn }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if ring := s.ring.get(now, maxAge); ring != nil {
			return ring, nil
		}
	}
	ring, err := s.readRing(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("load signing keys: %w", err)
	}
	if !s.bound {
		s.ring.last.Store(&loadedRing{ring, now})
	}
	return ring, nil
}

// readRing reads the keys, makes the next one when it is time and drops those that verify
// nothing any more.
func (s *Service) readRing(ctx context.Context, now time.Time) (*token.Ring, error) {
	if err := s.checkFingerprint(ctx); err != nil {
		return nil, err
	}
	ring, err := s.ringOf(ctx, s.st)
	if err != nil {
		return nil, err
	}
	if more, drop := ring.Rotation(now, keyLife, maxAccessTTL); !more && len(drop) == 0 {
		return ring, nil
	}
	err = s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		if err := st.Lock(ctx, "keys"); err != nil {
			return err
		}
		if ring, err = s.ringOf(ctx, st); err != nil {
			return err
		}
		more, drop := ring.Rotation(now, keyLife, maxAccessTTL)
		for _, id := range drop {
			if err := st.DeleteKey(ctx, id); err != nil {
				return err
			}
		}
		if more {
			k, err := token.NewKey(s.keys.sealing, now)
			if err != nil {
				return err
			}
			if err := st.AddKey(ctx, k); err != nil {
				return err
			}
		}
		ring, err = s.ringOf(ctx, st)
		return err
	})
	return ring, err
}

func (s *Service) ringOf(ctx context.Context, st Store) (*token.Ring, error) {
	stored, err := st.Keys(ctx)
	if err != nil {
		return nil, err
	}
	return token.NewRing(s.keys.sealing, stored, token.Config{Issuer: s.cfg.BaseURL, Audience: s.cfg.Audience})
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

// verifyAccess verifies an access token. A key that is not known may be new: then the
// keys are read again, at most once in ringReload.
func (s *Service) verifyAccess(ctx context.Context, text string) (token.Claims, error) {
	ring, err := s.loadRing(ctx, keyLife)
	if err != nil {
		return token.Claims{}, err
	}
	claims, err := ring.Verify(text, s.now())
	if errors.Is(err, token.ErrUnknownKey) {
		if ring, err = s.loadRing(ctx, ringReload); err != nil {
			return token.Claims{}, err
		}
		claims, err = ring.Verify(text, s.now())
	}
	switch {
	case errors.Is(err, token.ErrExpired):
		return token.Claims{}, ErrTokenExpired
	case err != nil:
		return token.Claims{}, ErrTokenInvalid
	}
	return claims, nil
}

// JWKS returns the public keys as a JSON Web Key Set (RFC 7517), for other services that verify
// access tokens. They may keep it for five minutes.
func (s *Service) JWKS(ctx context.Context) ([]byte, error) {
	ring, err := s.signingRing(ctx)
	if err != nil {
		return nil, err
	}
	return ring.JWKS(), nil
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
