package main

import (
	"errors"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// metadataJSON is what everybody may know of the site: what a page to sign in needs.
type metadataJSON struct {
	Name          string            `json:"name"`
	SignupEnabled bool              `json:"signup_enabled"`
	PasswordMin   int               `json:"password_min"` // characters
	EmailProof    policy.EmailProof `json:"email_proof"`
}

// opens tells whether somebody without an account can register.
func opens(mode policy.SignUpMode) bool {
	return mode != policy.SignUpClosed && mode != policy.SignUpInvite
}

func readMetadata(c *call) (any, error) {
	p, err := c.accounts.Policy(c.r.Context())
	if err != nil {
		return nil, err
	}
	return metadataJSON{p.SiteName, opens(p.SignUp), p.PasswordMin, p.EmailProof}, nil
}

// settingsJSON is the settings. Who may only see them sees those that are public.
type settingsJSON struct {
	Name          string  `json:"name"`
	SignupEnabled bool    `json:"signup_enabled"`
	AllowGuests   *bool   `json:"allow_guest_sessions,omitempty"`
	DefaultRole   *string `json:"default_role,omitempty"`
}

func settingsOf(v policy.Settings) settingsJSON {
	held := make([]auth.RoleID, len(v.DefaultRoles))
	for i, name := range v.DefaultRoles {
		held[i] = auth.RoleID(name)
	}
	role := rungOf(held).wire
	return settingsJSON{v.SiteName, opens(v.SignUp), &v.AllowGuests, &role}
}

func readSettings(c *call) (any, error) {
	v, err := c.accounts.Settings(c.r.Context(), c.p)
	switch {
	case err == nil:
		return settingsOf(v), nil
	case !errors.Is(err, auth.ErrInsufficientScope):
		return nil, err
	case !c.holds(c.p, readSite):
		return nil, &auth.ScopeError{Need: []string{readSite}}
	}
	p, err := c.accounts.Policy(c.r.Context())
	return settingsJSON{Name: p.SiteName, SignupEnabled: opens(p.SignUp)}, err
}

// updateSettings changes settings, at once and for every replica. One permission is for all of
// them.
func updateSettings(c *call) (any, error) {
	in, err := c.input("name", "signup_enabled", "allow_guest_sessions", "default_role")
	if err != nil {
		return nil, err
	}
	patch := policy.SettingsPatch{SiteName: in.text("name"), AllowGuests: in.flag("allow_guest_sessions")}
	if open := in.flag("signup_enabled"); open != nil {
		mode := policy.SignUpClosed
		if *open {
			mode = policy.SignUpOpen
		}
		patch.SignUp = &mode
	}
	if role := in.role("default_role"); role != nil {
		names := roleNames(*role, false)
		patch.DefaultRoles = &names
	}
	if err := c.accounts.AuthorizeList(c.p, auth.ActSettings); err != nil {
		return nil, err // before what is wrong with the fields
	}
	if err := in.err(); err != nil {
		return nil, err
	}
	v, err := c.accounts.UpdateSettings(c.r.Context(), c.p, patch)
	if err != nil {
		return nil, err
	}
	return settingsOf(v), nil
}
