package main

import (
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// whoami tells who calls and what they may do now. It needs no scope.
func whoami(c *call) (reply, error) {
	out := map[string]any{"kind": string(c.p.Kind), "admin": false}
	if c.p.Kind == auth.PrincipalService {
		out["name"] = c.p.Service.Name
	} else {
		var err error
		if out, err = c.userJSON(c.p.User); err != nil {
			return reply{}, err
		}
		out["kind"], out["name"], out["groups"] = "user", c.p.User.Username, c.p.User.GroupNames()
		if _, shown := out["last_activity"]; shown {
			out["last_activity"] = moment(c.now())
		}
		out["admin"] = slices.Contains(c.p.User.Roles, auth.RoleAdmin)
	}
	out["session_id"], out["token_id"] = nil, nil
	switch {
	case c.p.Token.ID != "":
		out["token_id"] = tokenID + string(c.p.Token.ID)
	case c.p.Credential == auth.CredentialAccessToken:
		out["token_id"] = tokenID + string(c.p.Session.ID)
	}
	list, err := c.effective()
	out["scopes"] = list
	if err != nil {
		return reply{}, err
	}
	return ok(out)
}

// effective lists what the caller may do now: by roles, and on each server that was shared with
// them or that the credential names.
func (c *call) effective() ([]string, error) {
	list := c.accounts.EffectiveScopes(c.p)
	for _, name := range c.schema.OfKind(kindServer) {
		if slices.Contains(list, name) {
			continue
		}
		v, err := c.shares.Visible(c.ctx(), c.p, kindServer, name)
		if err != nil {
			return nil, err
		}
		for _, id := range v.IDs {
			told, err := c.beyondOwning(name, id)
			if err != nil {
				return nil, err
			}
			if told {
				list = append(list, name+"!"+kindServer+"="+id)
			}
		}
	}
	return c.names.show(c.ctx(), list), nil
}

// beyondOwning reports whether a scope on a server comes from a filter of the credential or
// from a share. What follows from owning the server is listed once for all servers.
func (c *call) beyondOwning(name, id string) (bool, error) {
	user := c.p.Holder().User
	sources, target, err := c.shares.Sources(c.ctx(), user, c.p.GroupIDs(), server{id: id}.ref())
	if err != nil || target.Owner != string(user) {
		return err == nil, err
	}
	scope := scopes.Scope{Name: name, Kind: kindServer, Value: id}
	if ceiling := c.p.Subject().Ceiling; ceiling != nil && slices.Contains(ceiling.Scopes(), scope) {
		return true, nil
	}
	want, _ := c.schema.ID(name)
	return slices.ContainsFunc(sources, func(src scopes.Source) bool {
		return src.Kind == "share" && scopes.Subject{Held: src.Set}.Allows(want, target)
	}), nil
}

// userJSON shows as much of a user as the caller may see. The map is empty if that is nothing.
func (c *call) userJSON(u auth.User) (map[string]any, error) {
	out := map[string]any{}
	may := func(scope string) bool {
		id, _ := c.schema.ID(scope)
		return c.p.Subject().Allows(id, userTarget(u))
	}
	if may("read:users:name") {
		out["kind"], out["name"], out["admin"] = "user", u.Username, slices.Contains(u.Roles, auth.RoleAdmin)
	}
	if may("read:users:groups") {
		out["groups"] = u.GroupNames()
	}
	if may("read:users:activity") {
		out["last_activity"] = moment(u.LastLoginAt)
	}
	list, err := c.servers.of(c.ctx(), string(u.ID))
	if err != nil {
		return nil, err
	}
	c.names.known[string(u.ID)] = u.Username
	running, seen := map[string]map[string]any{}, may("read:servers")
	for _, v := range list {
		verdict, err := c.shares.Decide(c.ctx(), c.p, "read:servers", v.ref())
		if err != nil {
			return nil, err
		}
		if seen = seen || verdict == scopes.Allowed; verdict == scopes.Allowed && v.ready() {
			running[v.name] = c.runningJSON(u, v)
			if may("admin:server_state") {
				running[v.name]["state"] = map[string]any{}
			}
		}
	}
	if seen {
		out["servers"] = running
	}
	if may("admin:auth_state") {
		out["auth_state"] = nil
	}
	if may("read:users") {
		out["created"], out["pending"], out["server"], out["roles"] = moment(u.CreatedAt), nil, nil, u.RoleNames()
		if i := slices.IndexFunc(list, func(v server) bool { return v.name == "" && v.ready() }); i >= 0 {
			out["server"] = c.names.path(list[i])
		}
	}
	return out, nil
}

func (c *call) runningJSON(u auth.User, v server) map[string]any {
	progress := api + "/users/" + u.Username + "/server/progress"
	if v.name != "" {
		progress = api + "/users/" + u.Username + "/servers/" + v.name + "/progress"
	}
	return map[string]any{
		"name": v.name, "full_name": u.Username + "/" + v.name, "started": moment(v.started),
		"last_activity": moment(v.started), "pending": nil, "ready": true,
		"stopped": false, "url": c.names.path(v), "user_options": map[string]any{}, "progress_url": progress,
		"full_url": nil, "full_progress_url": nil,
	}
}

// readUser shows a user to callers who may see any part of it.
func readUser(c *call) (reply, error) {
	var need []string
	held := false
	u, found, err := c.names.user(c.ctx(), c.parts["user"])
	if err != nil {
		return reply{}, err
	}
	for _, scope := range []string{
		"read:users", "read:users:name", "read:users:groups", "read:users:activity", "read:servers", "read:roles:users",
		"admin:auth_state",
	} {
		id, _ := c.schema.ID(scope)
		switch v := c.p.Subject().Decide(id, userTarget(u)); {
		case v == scopes.Allowed && found:
			out, err := c.userJSON(u)
			if err != nil {
				return reply{}, err
			}
			return ok(out)
		case v != scopes.NotHeld, c.p.Subject().Held.Has(id) &&
			(c.p.Subject().Ceiling == nil || c.p.Subject().Ceiling.Has(id)):
			held = true
		}
		need = append(need, scope)
	}
	verdict := scopes.NotHeld
	if held {
		verdict = scopes.Filtered
	}
	return reply{}, auth.Denied(c.p, verdict, need...)
}

func listUsers(c *call) (reply, error) {
	var list []auth.User
	for q := (auth.UserFilter{PageQuery: auth.PageQuery{Limit: 200}}); ; {
		page, err := c.accounts.Users(c.ctx(), c.p, q)
		if err != nil {
			return reply{}, err
		}
		list = append(list, page.Items...)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	out := []map[string]any{}
	for _, u := range list {
		one, err := c.userJSON(u)
		if err != nil {
			return reply{}, err
		}
		if len(one) > 0 {
			out = append(out, one)
		}
	}
	return ok(out)
}
