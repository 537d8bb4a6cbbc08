package token

import (
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// typAccess is the `typ` of access tokens (RFC 9068 section 2.1): nothing else that is signed has it.
const typAccess = "at+jwt"

// maxScopes is how many scopes a token names; above, the session's row is asked.
const maxScopes = 10

// Claims are what an access token says. Issuer and audience come from the Ring's Config.
type Claims struct {
	Subject   string // `sub`: id of the user
	Session   string // `sid`: id of the session
	ID        string // `jti`
	IssuedAt  time.Time
	ExpiresAt time.Time
	// Scopes is the ceiling that the session gave itself, if HasScopes is set. It is left out of the token, and HasScopes with
	// it, above 10 scopes.
	Scopes    []string
	HasScopes bool
}

// wire is the form of the claims in the token.
func (c Claims) wire(cfg Config) jwt.MapClaims {
	m := jwt.MapClaims{
		"iss": cfg.Issuer, "aud": cfg.Audience, "sub": c.Subject, "sid": c.Session, "jti": c.ID,
		"iat": c.IssuedAt.Unix(), "exp": c.ExpiresAt.Unix(),
	}
	if c.HasScopes && len(c.Scopes) <= maxScopes {
		m["scope"] = strings.Join(c.Scopes, " ")
	}
	return m
}
