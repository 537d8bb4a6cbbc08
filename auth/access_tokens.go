package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
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

// Introspection is what a token stands for (RFC 7662 section 2.2). Only Active is set for one
// that is unknown, expired, ended, malformed or of a user who may not sign in.
type Introspection struct {
	Active     bool
	TokenType  string // access_token, refresh_token or api_token
	User       User   // zero for the token of a service
	Service    ServiceAccount
	Session    SessionID
	ClientName string
	Scopes     []string // effective
	ID         string   // of an access token or an API token
	IssuedAt   time.Time
	ExpiresAt  time.Time // zero for never
}

// Introspect tells what a token stands for. It needs introspect.
func (s *Service) Introspect(ctx context.Context, p *Principal, text string) (Introspection, error) {
	if err := s.Authorize(p, ActIntrospect, scopes.Target{}); err != nil {
		return Introspection{}, err
	}
	if class, ok := token.ClassOf(text); ok {
		switch class {
		case token.Refresh:
			return s.introspectRefresh(ctx, text)
		case token.API:
			return s.introspectAPIToken(ctx, text)
		}
		return Introspection{}, nil
	}
	claims, err := s.verifyAccess(ctx, text)
	if err != nil {
		return Introspection{}, notActive(err)
	}
	who, err := s.Authenticate(ctx, text)
	if err != nil {
		return Introspection{}, notActive(err)
	}
	return Introspection{
		Active: true, TokenType: "access_token", User: who.User, Session: who.Session.ID,
		ClientName: who.Session.ClientName,
		Scopes:     s.EffectiveScopes(who), ID: claims.ID, IssuedAt: claims.IssuedAt, ExpiresAt: claims.ExpiresAt,
	}, nil
}

func (s *Service) introspectRefresh(ctx context.Context, text string) (Introspection, error) {
	t, err := token.Parse(token.Refresh, text)
	if err != nil {
		return Introspection{}, nil
	}
	use, err := s.st.RefreshToken(ctx, t.Hash())
	if err := s.checkActor(use.Actor, err); err != nil {
		return Introspection{}, notActive(err)
	}
	if !use.ConsumedAt.IsZero() {
		return Introspection{}, nil
	}
	x := use.Actor.Session
	who := s.userPrincipal(use.Actor, CredentialNone)
	return Introspection{
		Active: true, TokenType: "refresh_token", User: use.Actor.User, Session: x.ID, ClientName: x.ClientName,
		Scopes: s.EffectiveScopes(who), IssuedAt: x.LastSeenAt, ExpiresAt: x.ExpiresAt,
	}, nil
}

func (s *Service) introspectAPIToken(ctx context.Context, text string) (Introspection, error) {
	use, err := s.apiTokenUse(ctx, text)
	if err != nil {
		return Introspection{}, notActive(err)
	}
	return Introspection{
		Active: true, TokenType: "api_token", User: use.User, Service: use.Service, ClientName: use.Token.Name,
		Scopes: s.EffectiveScopes(s.tokenPrincipal(use)), ID: string(use.Token.ID), IssuedAt: use.Token.CreatedAt,
		ExpiresAt: use.Token.ExpiresAt,
	}, nil
}

// notActive is nil for an error that only says that the token is no good.
func notActive(err error) error {
	if errors.Is(err, ErrTokenInvalid) || errors.Is(err, ErrTokenExpired) {
		return nil
	}
	return err
}

// RevokeToken ends the session that a refresh token, used or not, or an access token belongs
// to, or an API token (RFC 7009). What is no token of ours is no error.
func (s *Service) RevokeToken(ctx context.Context, text string) error {
	if class, ok := token.ClassOf(text); ok && class == token.API {
		return notActive(s.revokeOwnAPIToken(ctx, text))
	}
	a, err := s.actorOf(ctx, text)
	if err != nil {
		return notActive(err)
	}
	p := &Principal{Kind: PrincipalUser, User: a.User, Session: a.Session}
	return s.Sessions.SignOut(ctx, p)
}

func (s *Service) actorOf(ctx context.Context, text string) (Actor, error) {
	if class, ok := token.ClassOf(text); ok {
		t, err := token.Parse(token.Refresh, text)
		if class != token.Refresh || err != nil {
			return Actor{}, ErrTokenInvalid
		}
		use, err := s.st.RefreshToken(ctx, t.Hash())
		if errors.Is(err, ErrNotFound) {
			err = ErrTokenInvalid
		}
		return use.Actor, err
	}
	p, err := s.Authenticate(ctx, text)
	if err != nil {
		return Actor{}, err
	}
	return Actor{Session: p.Session, User: p.User}, nil
}
