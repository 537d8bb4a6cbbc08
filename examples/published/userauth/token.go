package main

import "github.com/hallpass-go/hallpass/auth"

// createToken signs in with the password form of OAuth 2 (RFC 6749 section 4.3), or with the
// same members as JSON. As in the original, the grant type may be left out, and scope and
// client are ignored.
func createToken(c *call) (any, error) {
	in, err := c.input("username", "password", "grant_type", "scope", "client_id", "client_secret")
	if err != nil {
		return nil, err
	}
	if grant, ok := in.optional("grant_type"); ok && grant != "password" && grant != "" {
		in.refuse("string_pattern_mismatch", "grant_type", grant, "String should match pattern '^password$'",
			map[string]any{"pattern": "^password$"})
	}
	login, pw := in.text("body", "username"), in.text("body", "password")
	if err := in.Err(); err != nil {
		return nil, err
	}
	t, err := c.accounts.PasswordGrant(
		c.r.Context(), auth.SignInRequest{Login: login, Password: pw, Client: c.hp.Client(c.r)},
	)
	if err != nil {
		return nil, located(err, nil)
	}
	return tokenJSON{t.Access, "bearer", t.ExpiresIn, t.Refresh.Reveal()}, nil
}

// tokenJSON is the answer to a sign-in. The refresh token is used at POST /auth/token.
type tokenJSON struct {
	Access    string `json:"access_token"`
	Type      string `json:"token_type"`
	ExpiresIn int64  `json:"expires_in"` // seconds
	Refresh   string `json:"refresh_token"`
}
