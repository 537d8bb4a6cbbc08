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

// fingerprintName is the name of the stored value that ties a store to a secret.
const fingerprintName = "fingerprint"

// Ready checks that the store belongs to Config.Secret and prepares the signing keys. Call it
// once at start. It returns ErrWrongSecret if the store was set up with another secret. Methods
// that need the keys make the same check.
func (s *Service) Ready(ctx context.Context) error {
	_, err := s.signing.Ring(ctx)
	return err
}

// JWKS returns the public keys as a JSON Web Key Set (RFC 7517). Other services use it to
// verify access tokens, and may keep it for five minutes.
func (s *Service) JWKS(ctx context.Context) ([]byte, error) {
	ring, err := s.signing.Ring(ctx)
	if err != nil {
		return nil, err
	}
	return ring.JWKS(), nil
}

// keySource returns access to the signing keys in the store of s.
func (s *Service) keySource() token.KeySource {
	return token.KeySource{
		Store: s.st.KeyStore(),
		Tx: func(ctx context.Context, fn func(token.KeyStore) error) error {
			return s.Tx(ctx, func(tx Tx) error { return fn(tx.st.KeyStore()) })
		},
		Check: s.checkFingerprint,
	}
}

// verifyAccess verifies the signature and the times of an access token. It returns
// ErrTokenExpired or ErrTokenInvalid.
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

// checkFingerprint ties the store to the secret at the first start. From then on it returns
// ErrWrongSecret if the secret is another one.
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

// HasSecret reports whether a store already belongs to a secret. If it does, do not make a new
// secret for it: everything that the old one signed or sealed would be lost.
func HasSecret(ctx context.Context, st Store) (bool, error) {
	_, err := st.Value(ctx, fingerprintName)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Introspection says what a token is good for (RFC 7662 section 2.2). It is the zero value for
// a token that is malformed, unknown, used, expired or revoked, and for one whose owner is not
// active.
type Introspection struct {
	Active     bool
	TokenType  string         // access_token, refresh_token or api_token
	User       User           // zero for the token of a service
	Service    ServiceAccount // zero for the token of a user
	Session    SessionID      // empty for an API token
	ClientName string         // label of the session, or name of the API token
	Scopes     []string       // what the token may do now
	ID         string         // of an access token or an API token; empty for a refresh token
	IssuedAt   time.Time
	ExpiresAt  time.Time // zero if the token never expires
}

// Introspect says what a token is good for. It needs the scope introspect. A token that is no
// good is not an error; the Introspection is zero then.
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

// notActive returns nil for an error that only says that the token is no good, and other errors
// as they are.
func notActive(err error) error {
	if errors.Is(err, ErrTokenInvalid) || errors.Is(err, ErrTokenExpired) {
		return nil
	}
	return err
}

// RevokeToken revokes a token (RFC 7009). It deletes an API token. For an access token, or a
// refresh token that may have been used already, it ends the session. A token that is unknown
// or no longer valid is not an error.
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

// actorOf finds the session and the user of an access token or a refresh token. It returns
// ErrTokenInvalid or ErrTokenExpired.
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
