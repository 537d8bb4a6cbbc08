package storetest

import (
	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/token"
)

// snapshot is everything that can be listed.
type snapshot struct {
	Accounts []auth.Account
	Users    []auth.User
	Sessions []auth.Session
	Logins   []auth.Login
	Keys     []token.StoredKey
	Audits   []auth.AuditRecord
	Roles    []auth.Role
	Groups   []auth.Group
	Services []auth.ServiceAccount
	Tokens   []auth.APIToken

	Invitations []auth.Invitation
	Outbox      []mail.Envelope
	Sharing     sharingSnapshot
}

// snapshot reads everything that belongs to nobody or to one of the users.
func (w *world) snapshot(users ...auth.UserID) (s snapshot) {
	w.t.Helper()
	const all = 10_000
	var err error
	for _, id := range users {
		s.Accounts = append(s.Accounts, w.stored(id))
		list, err := w.st.Sessions(w.ctx, auth.SessionQuery{User: id, Now: start, Limit: all})
		w.must(err)
		s.Sessions = append(s.Sessions, list...)
		s.Tokens = append(s.Tokens, w.apiTokens(auth.Holder{User: id})...)
	}
	s.Users, err = w.st.Users(w.ctx, auth.UserQuery{Limit: all})
	w.must(err)
	s.Logins = w.logins(auth.LoginQuery{Limit: all})
	s.Keys, err = w.st.KeyStore().Keys(w.ctx)
	w.must(err)
	s.Audits, err = w.st.Audits(w.ctx, auth.AuditQuery{Limit: all})
	w.must(err)
	s.Roles, err = w.st.RoleDefinitions(w.ctx)
	w.must(err)
	s.Groups, s.Services = w.groups(auth.GroupQuery{Limit: all}), w.services(auth.ServiceQuery{Limit: all})
	for _, v := range s.Services {
		s.Tokens = append(s.Tokens, w.apiTokens(auth.Holder{Service: v.ID})...)
	}
	s.Invitations, err = w.st.Invitations(w.ctx, auth.InvitationQuery{Now: start.AddDate(-1, 0, 0), Limit: all})
	w.must(err)
	s.Outbox = w.outbox()
	s.Sharing = w.sharingSnapshot()
	return s
}

// everyCall calls each method of the store once, most of them in such a way that they change
// something.
func (w *world) everyCall(a auth.Account, x auth.Session, l auth.Login) map[string]func() error {
	st, ctx := w.st, w.ctx
	calls := map[string]func() error{
		"CreateAccount":  func() error { return st.CreateAccount(ctx, w.account("new")) },
		"Account":        func() error { return errOf(st.Account(ctx, a.ID)) },
		"AccountByLogin": func() error { return errOf(st.AccountByLogin(ctx, a.UsernameKey)) },
		"UpdateAccount": func() error {
			return errOf(st.UpdateAccount(ctx, a.ID, func(now *auth.Account) error { now.Name = "new"; return nil }))
		},
		"DeleteAccount":   func() error { return st.DeleteAccount(ctx, a.ID) },
		"Users":           func() error { return errOf(st.Users(ctx, auth.UserQuery{Limit: 1})) },
		"AddRole":         func() error { return errOf(st.AddRole(ctx, a.ID, "new")) },
		"RemoveRole":      func() error { return errOf(st.RemoveRole(ctx, a.ID, "user")) },
		"HasActiveHolder": func() error { return errOf(st.HasActiveHolder(ctx, "user", "")) },
		"Lock": func() error {
			return st.Tx(ctx, func(st auth.Store) error { return st.Lock(ctx, "new") })
		},
		"ReserveUsername":  func() error { return st.ReserveUsername(ctx, "new", a.ID, start) },
		"UsernameReserved": func() error { return errOf(st.UsernameReserved(ctx, "new", a.ID, start)) },
		"ReadSignIn":       func() error { return errOf(st.ReadSignIn(ctx, a.UsernameKey)) },
		"CompleteSignIn":   func() error { return st.CompleteSignIn(ctx, w.signIn(a, w.refreshing(a.ID))) },
		"AddLogin":         func() error { return st.AddLogin(ctx, w.failure()) },
		"Login":            func() error { return errOf(st.Login(ctx, l.ID)) },
		"Logins":           func() error { return errOf(st.Logins(ctx, auth.LoginQuery{Limit: 1})) },
		"DeleteLogins":     func() error { return st.DeleteLogins(ctx, a.ID) },
		"AnonymizeLogins":  func() error { return st.AnonymizeLogins(ctx, a.ID) },
		"DeleteLoginsBefore": func() error {
			return errOf(st.DeleteLoginsBefore(ctx, start.AddDate(1, 0, 0), 9))
		},
		"DeleteExpiredReservations": func() error {
			return errOf(st.DeleteExpiredReservations(ctx, start.AddDate(1, 0, 0), 9))
		},
		"DeleteAuditsBefore": func() error {
			return errOf(st.DeleteAuditsBefore(ctx, start.AddDate(1, 0, 0), 9))
		},
		"Tx": func() error { return st.Tx(ctx, func(auth.Store) error { return nil }) },
	}
	for name, call := range w.sessionCalls(a, x) {
		calls[name] = call
	}
	for name, call := range w.otherCalls() {
		calls[name] = call
	}
	for name, call := range w.rightCalls(a) {
		calls[name] = call
	}
	for name, call := range w.mailCalls(x) {
		calls[name] = call
	}
	for name, call := range w.sharingCalls(a) {
		calls["sharing: "+name] = call
	}
	return calls
}

func (w *world) sessionCalls(a auth.Account, x auth.Session) map[string]func() error {
	st, ctx := w.st, w.ctx
	return map[string]func() error{
		"ActorBySession": func() error { return errOf(st.ActorBySession(ctx, x.ID)) },
		"ActorByToken":   func() error { return errOf(st.ActorByToken(ctx, x.TokenHash)) },
		"Sessions": func() error {
			return errOf(st.Sessions(ctx, auth.SessionQuery{User: a.ID, Now: start, Limit: 1}))
		},
		"UpdateSession": func() error {
			return errOf(st.UpdateSession(ctx, x.ID, func(now *auth.Session) error { now.Scopes = nil; return nil }))
		},
		"TouchSession":          func() error { return st.TouchSession(ctx, x.ID, x.EndsAt, x.EndsAt) },
		"DeleteSession":         func() error { return st.DeleteSession(ctx, a.ID, x.ID) },
		"RefreshToken":          func() error { return errOf(st.RefreshToken(ctx, x.TokenHash)) },
		"RotateRefresh":         func() error { return errOf(st.RotateRefresh(ctx, w.rotation(x))) },
		"CountReplay":           func() error { return errOf(st.CountReplay(ctx, x.ID, 0, 9)) },
		"DeleteSessions":        func() error { return errOf(st.DeleteSessions(ctx, a.ID, "")) },
		"DeleteExpiredSessions": func() error { return errOf(st.DeleteExpiredSessions(ctx, x.EndsAt, 9)) },
	}
}

func (w *world) otherCalls() map[string]func() error {
	st, ctx := w.st, w.ctx
	return map[string]func() error{
		"TakeTries": func() error { return errOf(st.Limits().TakeTries(ctx, start, []limit.Take{bucket("a", 1)})) },
		"TakeTries of two": func() error {
			return errOf(st.Limits().TakeTries(ctx, start, []limit.Take{bucket("a", 1), bucket("b", 1)}))
		},
		"GiveBack": func() error {
			return st.Limits().GiveBack(ctx, []string{"a"}, []limit.Take{bucket("b", 1)})
		},
		"DeleteFullBuckets": func() error {
			return errOf(st.Limits().DeleteFullBuckets(ctx, start.AddDate(1, 0, 0), 9))
		},
		"Value":     func() error { return errOf(st.Value(ctx, "v")) },
		"InitValue": func() error { return errOf(st.InitValue(ctx, "new", "x")) },
		"UpdateValue": func() error {
			return st.UpdateValue(ctx, "new", func(string) (string, error) { return "x", nil })
		},
		"Keys":              func() error { return errOf(st.KeyStore().Keys(ctx)) },
		"AddKey":            func() error { return st.KeyStore().AddKey(ctx, w.key("new")) },
		"DeleteKey":         func() error { return st.KeyStore().DeleteKey(ctx, "k") },
		"AddSetUpToken":     func() error { return st.AddSetUpToken(ctx, w.hash(), start) },
		"HasSetUpToken":     func() error { return errOf(st.HasSetUpToken(ctx, w.hash())) },
		"DeleteSetUpTokens": func() error { return st.DeleteSetUpTokens(ctx) },
		"AddAudit":          func() error { return st.AddAudit(ctx, w.record(func(*auth.AuditRecord) {})) },
		"Audits":            func() error { return errOf(st.Audits(ctx, auth.AuditQuery{Limit: 1})) },
	}
}

// rightCalls are about groups, roles, services and API tokens. Calls that change something use
// what furnished stores.
func (w *world) rightCalls(a auth.Account) map[string]func() error {
	st, ctx := w.st, w.ctx
	r, g, v, t := w.held.role, w.held.group, w.held.service, w.held.token
	return map[string]func() error{
		"CreateRole":      func() error { return st.CreateRole(ctx, w.newRole("new")) },
		"Role":            func() error { return errOf(st.Role(ctx, r.Name)) },
		"RoleDefinitions": func() error { return errOf(st.RoleDefinitions(ctx)) },
		"UpdateRole": func() error {
			return errOf(st.UpdateRole(ctx, r.ID, func(r *auth.Role) error { r.Description = "new"; return nil }))
		},
		"DeleteRole":   func() error { return st.DeleteRole(ctx, r.ID) },
		"RoleAssigned": func() error { return errOf(st.RoleAssigned(ctx, r.ID)) },
		"CreateGroup":  func() error { return st.CreateGroup(ctx, w.newGroup("new")) },
		"Group":        func() error { return errOf(st.Group(ctx, g.NameKey)) },
		"Groups":       func() error { return errOf(st.Groups(ctx, auth.GroupQuery{Limit: 1})) },
		"UpdateGroup": func() error {
			return errOf(st.UpdateGroup(ctx, g.ID, func(g *auth.Group) error { g.NameKey = "new"; return nil }))
		},
		"DeleteGroup":     func() error { return st.DeleteGroup(ctx, g.ID) },
		"AddMember":       func() error { return errOf(st.AddMember(ctx, g.ID, a.ID)) },
		"RemoveMember":    func() error { return errOf(st.RemoveMember(ctx, g.ID, a.ID)) },
		"AddGroupRole":    func() error { return errOf(st.AddGroupRole(ctx, g.ID, "new")) },
		"RemoveGroupRole": func() error { return errOf(st.RemoveGroupRole(ctx, g.ID, r.ID)) },
		"CreateService":   func() error { return st.CreateService(ctx, w.newService("new")) },
		"Service":         func() error { return errOf(st.Service(ctx, v.NameKey)) },
		"Services":        func() error { return errOf(st.Services(ctx, auth.ServiceQuery{Limit: 1})) },
		"UpdateService": func() error {
			return errOf(
				st.UpdateService(ctx, v.ID, func(v *auth.ServiceAccount) error { v.NameKey = "new"; return nil }),
			)
		},
		"DeleteService":     func() error { return st.DeleteService(ctx, v.ID) },
		"AddServiceRole":    func() error { return errOf(st.AddServiceRole(ctx, v.ID, "new")) },
		"RemoveServiceRole": func() error { return errOf(st.RemoveServiceRole(ctx, v.ID, r.ID)) },
		"AddAPIToken": func() error {
			return st.AddAPIToken(ctx, w.newAPIToken(auth.Holder{Service: v.ID}))
		},
		"APITokenUse": func() error { return errOf(st.APITokenUse(ctx, t.Hash)) },
		"APITokens": func() error {
			return errOf(st.APITokens(ctx, auth.APITokenQuery{Owner: t.Owner, Limit: 1}))
		},
		"TouchAPIToken":   func() error { return st.TouchAPIToken(ctx, t.ID, start.AddDate(1, 0, 0)) },
		"DeleteAPITokens": func() error { return errOf(st.DeleteAPITokens(ctx, t.Owner, "")) },
		"DeleteExpiredAPITokens": func() error {
			return errOf(st.DeleteExpiredAPITokens(ctx, start.AddDate(1, 0, 0), 9))
		},
	}
}

// errOf drops a result.
func errOf[T any](_ T, err error) error { return err }
