package httpadapter

import (
	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
)

func readPolicy(c *call, _ none) (policy.Policy, error) {
	return c.h.accounts.Policy(c.r.Context())
}

type setUp struct {
	Token    string `json:"token"`
	Username string `json:"username,omitempty"`
	Email    string `json:"email,omitempty"`
	Password string `json:"password"`
}

func setUpAdmin(c *call, in setUp) (userJSON, error) {
	v, err := c.h.accounts.SetUp.CreateAdmin(c.r.Context(), auth.SetUpInput(in))
	return one(v, err, userOf)
}

type whoamiJSON struct {
	Kind    auth.PrincipalKind `json:"kind"`
	User    *userJSON          `json:"user,omitempty"`
	Service *serviceJSON       `json:"service,omitempty"`
	Session *sessionJSON       `json:"session,omitempty"`
	Token   *apiTokenJSON      `json:"token,omitempty"`
	Roles   []string           `json:"roles"`
	Groups  []string           `json:"groups"`
	Scopes  []string           `json:"scopes"`
}

func whoami(c *call, _ none) (whoamiJSON, error) {
	p := c.p
	out := whoamiJSON{Kind: p.Kind, Roles: []string{}, Groups: []string{}, Scopes: c.h.accounts.EffectiveScopes(p)}
	switch p.Kind {
	case auth.PrincipalUser:
		u := userOf(p.User)
		out.User, out.Roles, out.Groups = &u, u.Roles, u.Groups
	case auth.PrincipalService:
		v := serviceOf(p.Service)
		out.Service, out.Roles = &v, v.Roles
	default:
		out.Roles = append(out.Roles, string(auth.RoleGuest))
	}
	if p.Session.ID != "" {
		x := sessionOf(p.Session, p.Session.ID)
		out.Session = &x
	}
	if p.Token.ID != "" {
		t := apiTokenOf(p.Token)
		out.Token = &t
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
		out.Scopes = append(
			out.Scopes, scopeJSON{d.Name, d.Label, append([]string{}, d.Implies...), append([]string{}, d.Filters...)},
		)
	}
	return out, nil
}

func readSettings(c *call, _ none) (policy.Settings, error) {
	return c.h.accounts.Settings(c.r.Context(), c.p)
}

func updateSettings(c *call, in policy.SettingsPatch) (policy.Settings, error) {
	return c.h.accounts.UpdateSettings(c.r.Context(), c.p, in)
}

func listAudit(c *call, _ none) (list[auditJSON], error) {
	q := c.queryReader()
	f := auth.AuditFilter{Actor: q.text("actor"), Target: q.text("target"), Action: q.text("action"),
		Since: q.time("since"), PageQuery: q.page()}
	if err := q.err(); err != nil {
		return list[auditJSON]{}, err
	}
	p, err := c.h.accounts.History.Audits(c.r.Context(), c.p, f)
	return listOf(p, err, auditOf)
}
