package httpadapter

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

type apiTokenJSON struct {
	ID         auth.APITokenID `json:"id"`
	UserID     *string         `json:"user_id"`
	ServiceID  *string         `json:"service_id"`
	Name       string          `json:"name"`
	Prefix     string          `json:"prefix"`
	Scopes     []string        `json:"scopes"`
	CreatedAt  time.Time       `json:"created_at"`
	ExpiresAt  *time.Time      `json:"expires_at"`
	LastUsedAt *time.Time      `json:"last_used_at"`
	Token      string          `json:"token,omitempty"` // the secret, only in the answer that makes it
}

func apiTokenOf(t auth.APIToken) apiTokenJSON {
	return apiTokenJSON{
		ID: t.ID, UserID: orNull(string(t.Owner.User)), ServiceID: orNull(string(t.Owner.Service)), Name: t.Name,
		Prefix: t.Prefix,
		Scopes: append([]string{}, t.Scopes...), CreatedAt: t.CreatedAt, ExpiresAt: timeOrNull(t.ExpiresAt),
		LastUsedAt: timeOrNull(t.LastUsedAt),
	}
}

// owner returns the user or the service in the path.
func (c *call) owner() auth.Holder {
	if ref := c.r.PathValue("service"); ref != "" {
		return auth.Holder{Service: auth.ServiceID(ref)}
	}
	return auth.Holder{User: c.user()}
}

func listTokens(c *call, _ none) (list[apiTokenJSON], error) {
	page, err := c.page()
	if err != nil {
		return list[apiTokenJSON]{}, err
	}
	p, err := c.h.accounts.APITokens.List(c.r.Context(), c.p, c.owner(), page)
	return listOf(p, err, apiTokenOf)
}

type newAPIToken struct {
	Name      string   `json:"name"`
	Scopes    []string `json:"scopes"`
	ExpiresIn *int64   `json:"expires_in"`
}

func createAPIToken(c *call, in newAPIToken) (apiTokenJSON, error) {
	life, err := lifeOf(in.ExpiresIn)
	if err != nil {
		return apiTokenJSON{}, err
	}
	t, secret, err := c.h.accounts.APITokens.Create(c.r.Context(), c.p, c.owner(), auth.APITokenInput{
		Name: in.Name, Scopes: in.Scopes, ExpiresIn: life, Resources: c.h.resources(),
	})
	if err != nil {
		return apiTokenJSON{}, err
	}
	out := apiTokenOf(t)
	out.Token = secret.Reveal()
	return out, nil
}

func revokeTokens(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.APITokens.RevokeAll(c.r.Context(), c.p, c.owner())
}

func revokeAPIToken(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.APITokens.Revoke(c.r.Context(), c.p, c.owner(), auth.APITokenID(c.r.PathValue("token")))
}
