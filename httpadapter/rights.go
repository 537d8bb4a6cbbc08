package httpadapter

import (
	"net/http"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

type resourceRef struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

type question struct {
	Scope    string       `json:"scope"`
	Resource *resourceRef `json:"resource"`
}

func (q question) ask() auth.Question {
	out := auth.Question{Scope: q.Scope}
	if q.Resource != nil {
		r := auth.ResourceRef(*q.Resource)
		out.Resource = &r
	}
	return out
}

// resources returns what decides about resources beside roles. It is nil without sharing.
func (h *Handler) resources() auth.Resources {
	if h.shares == nil {
		return nil
	}
	return h.shares
}

type checked struct {
	Allowed bool `json:"allowed"`
}

func check(c *call, in question) (checked, error) {
	ok, err := c.h.accounts.Check(c.r.Context(), c.p, in.ask(), c.h.resources())
	return checked{ok}, err
}

type explainBody struct {
	User     string       `json:"user,omitempty"`
	Scope    string       `json:"scope"`
	Resource *resourceRef `json:"resource"`
}

type reasonJSON struct {
	Kind string `json:"kind"`          // role, group or share
	Name string `json:"name"`          // which one
	Via  string `json:"via,omitempty"` // the role of a group, or the id of who gave a share
}

type explanationJSON struct {
	Allowed    bool         `json:"allowed"`
	Because    []reasonJSON `json:"because"`
	Missing    *string      `json:"missing"`
	Credential bool         `json:"credential"` // the credential in use is what does not allow it
}

func explain(c *call, in explainBody) (explanationJSON, error) {
	of := auth.UserID("") // the caller, which may be a service
	if in.User != "me" {
		of = auth.UserID(in.User)
	}
	x, err := c.h.accounts.Explain(c.r.Context(), c.p, of, question{in.Scope, in.Resource}.ask(), c.h.resources())
	if err != nil {
		return explanationJSON{}, err
	}
	because := each(x.Because, func(s scopes.Source) reasonJSON { return reasonJSON{s.Kind, s.Name, s.Via} })
	return explanationJSON{x.Allowed, because, orNull(x.Missing), x.Credential}, nil
}

type roleJSON struct {
	ID          auth.RoleID `json:"id"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Scopes      []string    `json:"scopes"`
	BuiltIn     bool        `json:"built_in"`
}

func roleOf(r auth.Role) roleJSON {
	return roleJSON{r.ID, r.Name, r.Description, append([]string{}, r.Scopes...), r.BuiltIn}
}

// listRoles pages by name. Roles are few, and those that code defines have no other id.
func listRoles(c *call, _ none) (list[roleJSON], error) {
	q := c.queryReader()
	page, after := q.page(), q.text("cursor")
	if err := q.err(); err != nil {
		return list[roleJSON]{}, err
	}
	all, err := c.h.accounts.Roles.List(c.r.Context(), c.p)
	if err != nil {
		return list[roleJSON]{}, err
	}
	if after != "" {
		i := slices.IndexFunc(all, func(r auth.Role) bool { return string(r.ID) == after })
		if i < 0 {
			return list[roleJSON]{}, auth.ErrBadCursor
		}
		all = all[i+1:]
	}
	limit := page.Limit
	if limit == 0 {
		limit = 50
	}
	out := auth.Page[auth.Role]{Items: all}
	if len(all) > limit {
		out = auth.Page[auth.Role]{Items: all[:limit], Next: string(all[limit-1].ID)}
	}
	return listOf(out, nil, roleOf)
}

type roleBody struct {
	Description *string  `json:"description"`
	Scopes      []string `json:"scopes"`
}

func putRole(c *call, in roleBody) (roleJSON, error) {
	r, created, err := c.h.accounts.Roles.Put(c.r.Context(), c.p, c.r.PathValue("role"), auth.RoleInput(in))
	if created {
		c.status = http.StatusCreated
	}
	return one(r, err, roleOf)
}

func deleteRole(c *call, _ none) (none, error) {
	q := c.queryReader()
	force := q.bool("force")
	if err := q.err(); err != nil {
		return none{}, err
	}
	return none{}, c.h.accounts.Roles.Delete(c.r.Context(), c.p, c.r.PathValue("role"), force)
}

type groupJSON struct {
	ID          auth.GroupID `json:"id"`
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Members     int          `json:"members"`
	Roles       []string     `json:"roles"`
	CreatedAt   time.Time    `json:"created_at"`
}

func groupOf(g auth.Group) groupJSON {
	return groupJSON{g.ID, g.Name, g.Description, g.Members, g.RoleNames(), g.CreatedAt}
}

func listGroups(c *call, _ none) (list[groupJSON], error) {
	page, err := c.page()
	if err != nil {
		return list[groupJSON]{}, err
	}
	p, err := c.h.accounts.Groups.List(c.r.Context(), c.p, page)
	return listOf(p, err, groupOf)
}

type namedBody struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

func createGroup(c *call, in namedBody) (groupJSON, error) {
	v, err := c.h.accounts.Groups.Create(c.r.Context(), c.p, auth.GroupInput(in))
	return one(v, err, groupOf)
}

func readGroup(c *call, _ none) (groupJSON, error) {
	v, err := c.h.accounts.Groups.Group(c.r.Context(), c.p, c.r.PathValue("group"))
	return one(v, err, groupOf)
}

type groupPatch struct {
	Name        *string `json:"name"`
	Description *string `json:"description"`
}

func updateGroup(c *call, in groupPatch) (groupJSON, error) {
	v, err := c.h.accounts.Groups.Update(c.r.Context(), c.p, c.r.PathValue("group"), auth.GroupPatch(in))
	return one(v, err, groupOf)
}

func deleteGroup(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.Groups.Delete(c.r.Context(), c.p, c.r.PathValue("group"))
}

func addMember(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.Groups.AddMember(c.r.Context(), c.p, c.r.PathValue("group"), c.user())
}

func removeMember(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.Groups.RemoveMember(c.r.Context(), c.p, c.r.PathValue("group"), c.user())
}

func addGroupRole(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.Groups.AddRole(c.r.Context(), c.p, c.r.PathValue("group"), c.role())
}

func removeGroupRole(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.Groups.RemoveRole(c.r.Context(), c.p, c.r.PathValue("group"), c.role())
}
