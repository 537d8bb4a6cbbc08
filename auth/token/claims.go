package token

import (
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// typAccess is the `typ` of access tokens (RFC 9068 section 2.1): nothing else that is signed
// has it.
const typAccess = "at+jwt"

// A token names so many scopes, in so many bytes, that it stays below 1.5 KiB; above, the
// session's row is asked.
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
	// Scopes is the ceiling that the session gave itself, if HasScopes is set. It is left out
	// of the token, and HasScopes with it, above 10 scopes or 640 bytes.
	Scopes    []string
	HasScopes bool
}

// check returns an error for claims that Verify would refuse or read otherwise.
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

// wire is the form of the claims in the token.
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
