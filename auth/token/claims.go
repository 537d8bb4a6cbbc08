package token

import (
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// typAccess is the `typ` of access tokens (RFC 9068 section 2.1). Nothing else that is signed
// has it.
const typAccess = "at+jwt"

// These limits on the scopes in a token keep it below 1.5 KiB. Above them, the scopes are read
// from the session's row.
const (
	maxScopes     = 10
	maxScopeBytes = 640
)

// Claims are what an access token says. Issuer and audience come from the Ring's Config.
type Claims struct {
	Subject   string // `sub`: id of the user
	Session   string // `sid`: id of the session
	ID        string // `jti`
	IssuedAt  time.Time
	ExpiresAt time.Time
	// Scopes is the ceiling that the session gave itself; it counts only if HasScopes is set.
	// Sign leaves both out of the token if there are more than 10 scopes or 640 bytes of them.
	Scopes    []string
	HasScopes bool
}

// check returns an error for claims that Verify would refuse or read differently.
func (c Claims) check() error {
	if c.Subject == "" || c.Session == "" || c.ID == "" {
		return errors.New("subject, session and id are required")
	}
	for _, at := range []time.Time{c.IssuedAt, c.ExpiresAt} {
		if (value{number: at.Unix()}).time().IsZero() {
			return errors.New("a time is out of range")
		}
	}
	for _, s := range c.Scopes {
		if words := strings.Fields(s); len(words) != 1 || words[0] != s {
			return errors.New("a scope is empty or holds a space")
		}
	}
	return nil
}

// wire returns the claims as they stand in the token.
func (c Claims) wire(cfg Config) jwt.MapClaims {
	m := jwt.MapClaims{
		"iss": cfg.Issuer, "aud": cfg.Audience, "sub": c.Subject, "sid": c.Session, "jti": c.ID,
		"iat": c.IssuedAt.Unix(), "exp": c.ExpiresAt.Unix(),
	}
	if scope := strings.Join(c.Scopes, " "); c.HasScopes && len(c.Scopes) <= maxScopes && len(scope) <= maxScopeBytes {
		m["scope"] = scope
	}
	return m
}
