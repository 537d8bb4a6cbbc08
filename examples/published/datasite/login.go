package main

import (
	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// signedInJSON is the answer to a sign-in. The refresh token is used at POST /auth/token.
type signedInJSON struct {
	Access    string   `json:"access_token"`
	Type      string   `json:"token_type"`
	ExpiresIn int64    `json:"expires_in"` // seconds
	Refresh   string   `json:"refresh_token"`
	User      userJSON `json:"user"`
}

// login signs in.
func login(c *call) (any, error) {
	in, err := c.input("email", "password")
	if err != nil {
		return nil, err
	}
	email, pw := in.need("email"), in.need("password")
	if err := in.err(); err != nil {
		return nil, err
	}
	t, err := c.accounts.PasswordGrant(
		c.r.Context(), auth.SignInRequest{Login: email, Password: pw, Client: c.hp.Client(c.r)},
	)
	if err != nil {
		return nil, err
	}
	return signedInJSON{t.Access, "Bearer", t.ExpiresIn, t.Refresh.Reveal(), viewOf(t.User)}, nil
}

// forgotPassword mails a code and a link to set a new password. The answer is the same for
// every address.
func forgotPassword(c *call) (any, error) {
	in, err := c.input("email")
	if err != nil {
		return nil, err
	}
	email := in.need("email")
	if err := in.err(); err != nil {
		return nil, err
	}
	f, err := c.accounts.BeginEmailCode(c.r.Context(), email, emailcode.ResetPassword, c.hp.Client(c.r))
	if err != nil {
		return nil, err
	}
	return flowOf(f), nil
}

// resetPassword sets a new password. The proof is the token of the mailed link, or the mailed
// code together with its flow. All sessions of the user end.
func resetPassword(c *call) (any, error) {
	in, err := c.input("token", "flow_id", "flow_secret", "code", "new_password", "password_verify")
	if err != nil {
		return nil, err
	}
	pw := in.password("new_password")
	if pw == nil {
		in.refuse("new_password", auth.CodeRequired, "It is required.")
	}
	proof := emailcode.Evidence{Token: deref(in.text("token")), Flow: emailcode.FlowID(deref(in.text("flow_id"))),
		Secret: deref(in.text("flow_secret")), Code: deref(in.text("code"))}
	if err := in.err(); err != nil {
		return nil, err
	}
	return nil, c.accounts.ResetPassword(c.r.Context(), proof, *pw, c.hp.Client(c.r))
}

// mailReset mails a user a link to set a new password. The caller never sees the link. Admins
// can't be reset this way: they have to ask for it themselves.
func mailReset(c *call) (any, error) {
	if !c.holds(c.p, resets) {
		return nil, &auth.ScopeError{Need: []string{resets}}
	}
	u, err := c.accounts.User(c.r.Context(), c.p, c.user())
	if err != nil {
		return nil, err
	}
	if rungOf(u.Roles) == admin {
		return nil, refused("nobody resets an admin")
	}
	if err := c.accounts.MailPasswordReset(c.r.Context(), c.p, u.ID, c.hp.Client(c.r)); err != nil {
		return nil, err
	}
	return struct{}{}, nil
}
