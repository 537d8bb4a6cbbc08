package main

import (
	"net/http"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/store"
)

// whoami tells who calls, and what they may do now. It takes no scope.
func whoami(c *call) (reply, error) {
	out := map[string]any{"kind": string(c.p.Kind), "admin": false}
	if c.p.Kind == auth.KindService {
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

// effective lists what the caller may do now: by roles, and on each server that was shared with them or that the credential names.
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

// beyondOwning tells whether a scope on a server comes from more than owning it, which is told for all servers at once: from the filter of the
// credential, or from a share.
func (c *call) beyondOwning(name, id string) (bool, error) {
	user, _ := c.p.Holder()
	sources, target, err := c.shares.Sources(c.ctx(), user, c.p.GroupIDs(), kindServer, id)
	if err != nil || target.Owner != user {
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

// userJSON shows a user, as much of it as the caller may see. Nothing at all is an empty map.
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
		"name": v.name, "full_name": u.Username + "/" + v.name, "started": moment(v.started), "last_activity": moment(v.started), "pending": nil, "ready": true,
		"stopped": false, "url": c.names.path(v), "user_options": map[string]any{}, "progress_url": progress, "full_url": nil, "full_progress_url": nil,
	}
}

// readUser shows a user to whoever may see anything of it.
func readUser(c *call) (reply, error) {
	var need []string
	held := false
	u, found, err := c.names.user(c.ctx(), c.parts["user"])
	if err != nil {
		return reply{}, err
	}
	for _, scope := range []string{
		"read:users", "read:users:name", "read:users:groups", "read:users:activity", "read:servers", "read:roles:users", "admin:auth_state",
	} {
		id, _ := c.schema.ID(scope)
		switch v := c.p.Subject().Decide(id, userTarget(u)); {
		case v == scopes.Allowed && found:
			out, err := c.userJSON(u)
			if err != nil {
				return reply{}, err
			}
			return ok(out)
		case v != scopes.NotHeld, c.p.Subject().Held.Has(id) && (c.p.Subject().Ceiling == nil || c.p.Subject().Ceiling.Has(id)):
			held = true
		}
		need = append(need, scope)
	}
	if held {
		return reply{}, errHidden
	}
	return reply{}, &auth.ScopeError{Need: need}
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

func createUser(c *call) (reply, error) {
	in, err := c.input()
	if err != nil {
		return reply{}, err
	}
	return c.create(in, c.parts["user"])
}

func createUsers(c *call) (reply, error) {
	in, err := c.input()
	if err != nil {
		return reply{}, err
	}
	list, err := in.list("usernames")
	if err != nil {
		return reply{}, err
	}
	return c.create(in, list...)
}

// create makes accounts, all or none.
func (c *call) create(in input, usernames ...string) (reply, error) {
	if err := c.accounts.Authorize(c.p, auth.ActCreateUser, scopes.Target{}); err != nil {
		return reply{}, err
	}
	admin, err := in.truth("admin")
	if err == nil && len(usernames) == 0 {
		err = bad("Must specify at least one user to create")
	}
	if err != nil {
		return reply{}, err
	}
	var made []auth.User
	err = c.db.Tx(c.ctx(), func(st store.Store) error {
		made = nil
		bound := c.accounts.WithStore(st.Auth())
		for _, name := range usernames {
			u, err := bound.CreateUser(c.ctx(), c.p, auth.NewUser{Username: name}, c.hp.Client(c.r))
			if err == nil && admin {
				err = bound.AddRole(c.ctx(), c.p, u.ID, string(auth.RoleAdmin))
			}
			if err != nil {
				return err
			}
			made = append(made, u)
		}
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	out := []map[string]any{}
	for _, u := range made {
		one, err := c.userJSON(u)
		if err != nil {
			return reply{}, err
		}
		out = append(out, one)
	}
	if _, single := c.parts["user"]; single {
		return reply{http.StatusCreated, out[0]}, nil
	}
	return reply{http.StatusCreated, out}, nil
}

// deleteUser removes an account with its servers, and what was shared of them.
func deleteUser(c *call) (reply, error) {
	u, err := c.decideUser("delete:users", c.parts["user"])
	if err != nil {
		return reply{}, err
	}
	return none(c.db.Tx(c.ctx(), func(st store.Store) error {
		ctx, rights := within(c.ctx(), st), c.accounts.WithStore(st.Auth())
		list, err := c.servers.of(ctx, string(u.ID))
		if err != nil {
			return err
		}
		for _, v := range list {
			if err := c.shares.WithStore(st.Sharing(), rights).Forget(ctx, v.ref()); err != nil {
				return err
			}
		}
		return rights.DeleteUser(ctx, c.p, u.ID)
	}))
}

// reached is the server in the path, for who may use the scope on it.
func (c *call) reached(scope string) (auth.User, server, error) {
	v, found, err := c.names.server(c.ctx(), c.parts["user"], c.parts["server"])
	if err != nil {
		return auth.User{}, v, err
	}
	if !found {
		u, err := c.decideUser(scope, c.parts["user"])
		return u, v, err
	}
	verdict, err := c.shares.Decide(c.ctx(), c.p, scope, v.ref())
	switch {
	case err != nil:
	case verdict == scopes.NotHeld:
		err = &auth.ScopeError{Need: []string{scope}}
	case verdict == scopes.Filtered:
		err = errHidden
	}
	return auth.User{ID: auth.UserID(v.owner)}, v, err
}

// startServer starts a server; a named one is made at its first start.
func startServer(c *call) (reply, error) {
	u, v, err := c.reached("servers")
	if err != nil {
		return reply{}, err
	}
	if v.id == "" {
		if !validServer(c.parts["server"]) {
			return reply{}, bad("Not a name for a server")
		}
		if err := c.servers.add(c.ctx(), string(u.ID), c.parts["server"]); err != nil {
			return reply{}, err
		}
		if v, _, err = c.names.server(c.ctx(), c.parts["user"], c.parts["server"]); err != nil {
			return reply{}, err
		}
	}
	if v.ready() {
		return reply{}, bad("server is already running")
	}
	if err := c.servers.start(c.ctx(), v.id, c.now()); err != nil {
		return reply{}, err
	}
	return reply{http.StatusCreated, nil}, nil
}

// stopServer stops a server, and with remove in the body deletes a named one, with what was shared of it.
func stopServer(c *call) (reply, error) {
	_, v, err := c.reached("delete:servers")
	if err != nil {
		return reply{}, err
	}
	in, err := c.input()
	if err != nil {
		return reply{}, err
	}
	remove, err := in.truth("remove")
	switch {
	case err != nil:
		return reply{}, err
	case v.id == "":
		return reply{}, errHidden
	case remove && v.name == "":
		return reply{}, bad("Cannot delete the default server")
	case !remove:
		return none(c.servers.start(c.ctx(), v.id, time.Time{}))
	}
	return none(c.db.Tx(c.ctx(), func(st store.Store) error {
		ctx := within(c.ctx(), st)
		if err := c.shares.WithStore(st.Sharing(), c.accounts.WithStore(st.Auth())).Forget(ctx, v.ref()); err != nil {
			return err
		}
		return c.servers.remove(ctx, v.id)
	}))
}
