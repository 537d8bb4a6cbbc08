package token

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Config sets what a Ring signs and accepts. Issuer and Audience are required.
type Config struct {
	Issuer   string // `iss`
	Audience string // `aud`
	// Leeway is how far clocks may differ, at most 60 seconds. 0 means 30 seconds.
	Leeway time.Duration
	// MaxBytes is the length of the longest token that Verify looks at. 0 means 8192.
	MaxBytes int
	// PublishWait is how long a new key is published before it signs. Anybody who caches the
	// public keys for less than that knows the key by then. 0 means 10 minutes.
	PublishWait time.Duration
}

// Ring signs and verifies access tokens with a set of keys. It is immutable and safe for
// concurrent use.
type Ring struct {
	cfg  Config
	keys []ringKey // sorted by created, then by id
	byID map[string]ed25519.PublicKey
	jwks []byte
}

type ringKey struct {
	id      string
	created time.Time
	// A function, because package fmt never prints what a function holds.
	private func() ed25519.PrivateKey
}

// NewRing makes a Ring. It leaves out keys with an algorithm that this version does not know.
// The error is ErrUnseal if kek does not open a key.
func NewRing(kek []byte, stored []StoredKey, cfg Config) (*Ring, error) {
	if cfg.Issuer == "" || cfg.Audience == "" || cfg.Leeway < 0 || cfg.Leeway > time.Minute || cfg.MaxBytes < 0 ||
		cfg.PublishWait < 0 {
		return nil, errors.New(
			"make key ring: issuer and audience are required, leeway is at most 60s, nothing is negative",
		)
	}
	orDefault(&cfg.Leeway, 30*time.Second)
	orDefault(&cfg.MaxBytes, 8192)
	orDefault(&cfg.PublishWait, 10*time.Minute)
	r := &Ring{cfg: cfg, byID: map[string]ed25519.PublicKey{}}
	for _, k := range stored {
		if k.Algorithm != algEdDSA {
			continue
		}
		private, err := unseal(kek, k)
		if err != nil {
			return nil, fmt.Errorf("make key ring: %w", err)
		}
		r.keys = append(r.keys, ringKey{k.ID, k.CreatedAt, func() ed25519.PrivateKey { return private }})
		r.byID[k.ID] = private.Public().(ed25519.PublicKey)
	}
	slices.SortFunc(r.keys, func(a, b ringKey) int {
		if c := a.created.Compare(b.created); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	var err error
	r.jwks, err = r.publicKeys()
	return r, err
}

func orDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// signer returns the index of the newest key that has been published for long enough, or of the
// first key.
func (r *Ring) signer(now time.Time) int {
	for i := len(r.keys) - 1; i > 0; i-- {
		if !r.signsFrom(i).After(now) {
			return i
		}
	}
	return 0
}

// signsFrom returns when key i begins to sign.
func (r *Ring) signsFrom(i int) time.Time { return r.keys[i].created.Add(r.cfg.PublishWait) }

// Sign makes a JWT access token (RFC 9068). It returns ErrNoKey if there are no keys, and
// another error if claims are missing or malformed.
func (r *Ring) Sign(c Claims, now time.Time) (string, error) {
	if len(r.keys) == 0 {
		return "", ErrNoKey
	}
	if err := c.check(); err != nil {
		return "", fmt.Errorf("sign access token: %w", err)
	}
	k := r.keys[r.signer(now)]
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c.wire(r.cfg))
	t.Header["typ"], t.Header["kid"] = typAccess, k.id
	text, err := t.SignedString(k.private())
	if err != nil {
		return "", fmt.Errorf("sign access token: %w", err)
	}
	return text, nil
}

// Rotation says what to do with the keys now. needNew is true if there is no key or the newest
// is older than every. drop lists the ids of keys that were replaced so long ago that none of
// their tokens, which live for at most maxTTL, can still be valid.
func (r *Ring) Rotation(now time.Time, every, maxTTL time.Duration) (needNew bool, drop []string) {
	if len(r.keys) == 0 {
		return true, nil
	}
	newest := r.keys[len(r.keys)-1]
	for i := range r.signer(now) {
		// A replica that reads the keys late may sign with the old one for one more wait.
		if now.Sub(r.signsFrom(i+1)) > maxTTL+r.cfg.PublishWait+r.cfg.Leeway {
			drop = append(drop, r.keys[i].id)
		}
	}
	return now.Sub(newest.created) >= every, drop
}

// JWKS returns the public keys as a JSON Web Key Set (RFC 7517, RFC 8037). It may be cached for
// less than Config.PublishWait.
func (r *Ring) JWKS() []byte { return slices.Clone(r.jwks) }

type jwk struct {
	Type string `json:"kty"`
	Use  string `json:"use"`
	Alg  string `json:"alg"`
	ID   string `json:"kid"`
	Crv  string `json:"crv"`
	X    string `json:"x"`
}

func (r *Ring) publicKeys() ([]byte, error) {
	set := struct {
		Keys []jwk `json:"keys"`
	}{Keys: []jwk{}}
	for _, k := range r.keys {
		x := base64.RawURLEncoding.EncodeToString(r.byID[k.id])
		set.Keys = append(set.Keys, jwk{"OKP", "sig", algEdDSA, k.id, "Ed25519", x})
	}
	return json.Marshal(set)
}
