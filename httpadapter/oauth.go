package httpadapter

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// grant is the body of POST /token. The grant type decides which members count.
type grant struct {
	Type     string  `json:"grant_type"`
	Username string  `json:"username,omitempty"`
	Password string  `json:"password,omitempty"`
	Refresh  string  `json:"refresh_token,omitempty"`
	Scope    *string `json:"scope"`
	ClientID string  `json:"client_id,omitempty"`

	Flow       emailcode.FlowID `json:"flow_id,omitempty"`
	FlowSecret string           `json:"flow_secret,omitempty"`
	Code       string           `json:"code,omitempty"`
	Token      string           `json:"token,omitempty"` // of a mailed link
	DeviceCode string           `json:"device_code,omitempty"`
}

// scopes returns the scopes that the client asks for, or nil if it names none.
func (g grant) scopes() []string {
	if g.Scope == nil || strings.TrimSpace(*g.Scope) == "" {
		return nil
	}
	return strings.Fields(*g.Scope)
}

func createToken(c *call, in grant) (tokenJSON, error) {
	switch in.Type {
	case "password":
		if err := required(map[string]string{"username": in.Username, "password": in.Password}); err != nil {
			return tokenJSON{}, err
		}
		t, err := c.h.accounts.PasswordGrant(c.r.Context(), auth.SignInRequest{
			Login: in.Username, Password: in.Password, Scopes: in.scopes(), ClientName: in.ClientID, Client: c.client(),
		})
		if err == nil {
			c.h.setDevice(c.w, t.Device)
		}
		return one(t, err, tokenOf)
	case "refresh_token":
		if err := required(map[string]string{"refresh_token": in.Refresh}); err != nil {
			return tokenJSON{}, err
		}
		t, err := c.h.accounts.Refresh(c.r.Context(), auth.RefreshRequest{
			Token: in.Refresh, Scopes: in.scopes(), ClientName: in.ClientID, Client: c.client(),
		})
		return one(t, err, tokenOf)
	case grantEmailCode:
		return codeToken(c, in)
	case grantDevice:
		return deviceToken(c, in)
	default:
		return tokenJSON{}, errGrantType
	}
}

func required(fields map[string]string) error {
	var bad auth.FieldsError
	for _, name := range sortedKeys(fields) {
		if fields[name] == "" {
			bad.Add(name, auth.CodeRequired, "This field is required.")
		}
	}
	return bad.Err()
}

type tokenBody struct {
	Token    string `json:"token"`
	Hint     string `json:"token_type_hint,omitempty"`
	ClientID string `json:"client_id,omitempty"`
}

func revokeToken(c *call, in tokenBody) (none, error) {
	return none{}, c.h.accounts.RevokeToken(c.r.Context(), in.Token)
}

// introspection is the answer of RFC 7662 section 2.2.
type introspection struct {
	Active    bool    `json:"active"`
	Scope     *string `json:"scope,omitempty"`
	ClientID  string  `json:"client_id,omitempty"`
	Username  string  `json:"username,omitempty"`
	TokenType string  `json:"token_type,omitempty"`
	Exp       int64   `json:"exp,omitempty"`
	Iat       int64   `json:"iat,omitempty"`
	Sub       string  `json:"sub,omitempty"`
	Iss       string  `json:"iss,omitempty"`
	Jti       string  `json:"jti,omitempty"`
	Sid       string  `json:"sid,omitempty"`
}

func introspect(c *call, in tokenBody) (introspection, error) {
	t, err := c.h.accounts.Introspect(c.r.Context(), c.p, in.Token)
	if err != nil || !t.Active {
		return introspection{}, err
	}
	scope := strings.Join(t.Scopes, " ")
	out := introspection{
		Active: true, Scope: &scope, ClientID: t.ClientName, Username: t.User.Username + t.Service.Name,
		TokenType: t.TokenType,
		Iat:       t.IssuedAt.Unix(), Sub: string(t.User.ID) + string(t.Service.ID), Iss: c.h.accounts.BaseURL(),
		Jti: t.ID, Sid: string(t.Session),
	}
	if !t.ExpiresAt.IsZero() {
		out.Exp = t.ExpiresAt.Unix()
	}
	return out, nil
}

func jwks(c *call, _ none) (json.RawMessage, error) {
	c.w.Header().Set("Cache-Control", "public, max-age=300")
	c.w.Header().Set("Content-Type", "application/jwk-set+json")
	return c.h.accounts.JWKS(c.r.Context())
}

// metadata is the answer of RFC 8414 section 3.2.
type metadata struct {
	Issuer        string   `json:"issuer"`
	Token         string   `json:"token_endpoint"`
	Revocation    string   `json:"revocation_endpoint"`
	Introspection string   `json:"introspection_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	Device        string   `json:"device_authorization_endpoint,omitzero"`
	Grants        []string `json:"grant_types_supported"`
	Responses     []string `json:"response_types_supported"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	Scopes        []string `json:"scopes_supported"`
}

func serverMetadata(c *call, _ none) (metadata, error) {
	base := c.h.accounts.BaseURL() + c.h.prefix
	m := metadata{
		Issuer: c.h.accounts.BaseURL(), Token: base + "/token", Revocation: base + "/token/revoke",
		Introspection: base + "/token/introspect", JWKS: base + "/.well-known/jwks.json",
		Grants: grantTypes, Responses: []string{}, AuthMethods: []string{"none"},
		Scopes: c.h.accounts.Schema().Names(),
	}
	if c.h.devices != nil {
		m.Device, m.Grants = base+"/device/authorize", append(slices.Clone(grantTypes), grantDevice)
	}
	return m, nil
}
