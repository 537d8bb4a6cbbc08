package httpadapter

import (
	"github.com/hallpass-go/hallpass/auth"
)

func readPolicy(c *call, _ none) (auth.Policy, error) {
	return c.h.accounts.Policy(c.r.Context())
}

type setUp struct {
	Token    string `json:"token"`
	Username string `json:"username,omitempty"`
	Email    string `json:"email,omitempty"`
	Password string `json:"password"`
}

func setUpAdmin(c *call, in setUp) (userJSON, error) {
	v, err := c.h.accounts.SetUpAdmin(c.r.Context(), auth.SetUp(in))
	return one(v, err, userOf)
}

type whoamiJSON struct {
	Kind    auth.Kind     `json:"kind"`
	User    *userJSON     `json:"user,omitempty"`
	Session *sessionJSON  `json:"session,omitempty"`
	Roles   []auth.RoleID `json:"roles"`
	Groups  []string      `json:"groups"`
	Scopes  []string      `json:"scopes"`
}

func whoami(c *call, _ none) (whoamiJSON, error) {
	out := whoamiJSON{Kind: c.p.Kind, Roles: []auth.RoleID{}, Groups: []string{}, Scopes: c.h.accounts.EffectiveScopes(c.p)}
	if c.p.Kind == auth.KindUser {
		u, x := userOf(c.p.User), sessionOf(c.p.Session, c.p.Session.ID)
		out.User, out.Session, out.Roles = &u, &x, u.Roles
	} else {
		out.Roles = append(out.Roles, auth.RoleGuest)
	}
	return out, nil
}

type kindJSON struct {
	Name string `json:"name"`
}

type scopeJSON struct {
	Name    string   `json:"name"`
	Label   string   `json:"label"`
	Implies []string `json:"implies"`
	Filters []string `json:"filters"`
}

type modelJSON struct {
	Kinds  []kindJSON  `json:"kinds"`
	Scopes []scopeJSON `json:"scopes"`
}

func readModel(c *call, _ none) (modelJSON, error) {
	schema := c.h.accounts.Schema()
	var out modelJSON
	for _, k := range schema.Kinds() {
		out.Kinds = append(out.Kinds, kindJSON{k.Name})
	}
	for _, d := range schema.Definitions() {
		out.Scopes = append(out.Scopes, scopeJSON{d.Name, d.Label, append([]string{}, d.Implies...), append([]string{}, d.Filters...)})
	}
	return out, nil
}

func readSettings(c *call, _ none) (auth.Settings, error) {
	return c.h.accounts.Settings(c.r.Context(), c.p)
}

func updateSettings(c *call, in auth.SettingsPatch) (auth.Settings, error) {
	return c.h.accounts.UpdateSettings(c.r.Context(), c.p, in)
}

func listAudit(c *call, _ none) (list[auditJSON], error) {
	q := c.queryReader()
	f := auth.AuditFilter{Actor: q.text("actor"), Target: q.text("target"), Action: q.text("action"), Since: q.time("since"), PageQuery: q.page()}
	if err := q.err(); err != nil {
		return list[auditJSON]{}, err
	}
	p, err := c.h.accounts.Audits(c.r.Context(), c.p, f)
	return listOf(p, err, auditOf)
}
