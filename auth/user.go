package auth

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/scopes"
)

// Status says whether a user may sign in.
type Status string

// The three states of a user.
const (
	StatusActive   Status = "active"
	StatusPending  Status = "pending" // waits for approval by a manager
	StatusDisabled Status = "disabled"
)

// User is the account of a person, without secrets.
//
// A new column also goes into UserInput (user_create.go), UserPatch (user_update.go),
// ImportUser (import.go), the checks in fields.go, the row and the schema in store/bunstore,
// and users.go and objects.go of httpadapter. Tests fail for each place that misses it.
type User struct {
	ID            UserID
	Username      string // as typed; empty if the user has none
	Email         string // as typed; empty if the user has none
	EmailVerified bool
	Name          string          // display name
	Attributes    json.RawMessage // the host's JSON object; never nil, at most 16 KiB
	Roles         []RoleID        // held directly, sorted
	Groups        []GroupRef      // memberships, by id
	Grants        []Grant         // roles of groups, and details of roles made at run time; by group and role
	Status        Status
	ExternalID    string // the user's id in another system; empty for none
	CreatedAt     time.Time
	UpdatedAt     time.Time
	LastLoginAt   time.Time // zero before the first sign-in
}

// RoleNames returns the names of the roles that the user holds directly, sorted.
func (u User) RoleNames() []string { return roleNames(u.Roles, u.Grants) }

// GroupNames returns the names of the user's groups, sorted.
func (u User) GroupNames() []string {
	names := make([]string, len(u.Groups))
	for i, g := range u.Groups {
		names[i] = g.Name
	}
	slices.Sort(names)
	return names
}

// GroupIDs returns the ids of the user's groups.
func (u User) GroupIDs() []GroupID {
	ids := make([]GroupID, len(u.Groups))
	for i, g := range u.Groups {
		ids[i] = g.ID
	}
	return ids
}

// groupIDs is GroupIDs with the types of package scopes.
func (u User) groupIDs() []string {
	ids := make([]string, len(u.Groups))
	for i, g := range u.Groups {
		ids[i] = string(g.ID)
	}
	return ids
}

// roleNames returns the names of roles that are held directly, sorted. The id of a role that is
// defined in code is its name.
func roleNames(held []RoleID, grants []Grant) []string {
	names := make([]string, len(held))
	for i, r := range held {
		names[i] = string(r)
		for _, g := range grants {
			if g.Group == "" && g.Role == r {
				names[i] = g.Name
			}
		}
	}
	slices.Sort(names)
	return names
}

// Account is a User with the fields that only stores and this package use.
type Account struct {
	User
	UsernameKey  string // canonical username, unique; empty for none
	EmailKey     string // canonical email, unique; empty for none
	PasswordHash string // PHC string; empty if no password is set
}

// UserQuery selects users, by id ascending. Zero fields do not filter.
type UserQuery struct {
	Prefix     string // beginning of the canonical username or email
	Role       RoleID
	Status     Status
	ExternalID string
	Group      GroupID  // only members of this group
	Within     []Within // only users whom every one of these selects
	After      UserID   // only ids greater than this
	Limit      int      // at most this many users; the service always sets it
}

// Within selects the users that the filters of a scope cover: the named users and the members
// of the named groups. The zero value selects nobody.
type Within struct {
	Users  []UserID
	Groups []GroupID
}

// User finds a user. It needs the scope read:users for that user. It returns ErrNotFound if
// there is none.
func (s *Service) User(ctx context.Context, p *Principal, id UserID) (User, error) {
	if err := s.authorizeUser(ctx, s.st, p, ActReadUser, id); err != nil {
		return User{}, err
	}
	a, err := s.account(ctx, s.st, id)
	return a.User, err
}

// UserByLogin finds a user by username or, if login has an "@", by email. It needs the scope
// read:users for everybody. It returns ErrNotFound if there is no such user, also for
// users who exist, if every read:users scope of the caller has a filter.
func (s *Service) UserByLogin(ctx context.Context, p *Principal, login string) (User, error) {
	if err := s.Authorize(p, ActReadUser, scopes.Target{}); err != nil {
		return User{}, err
	}
	key := s.loginKey(login)
	if key == "" {
		return User{}, ErrNotFound
	}
	a, err := s.st.AccountByLogin(ctx, key)
	return a.User, err
}

// UserFilter selects users. Zero fields do not filter.
type UserFilter struct {
	Prefix     string // beginning of the username or email, in any case
	Role       string // a role that is held directly, by name or id; an unknown one selects nobody
	Group      string // a group, by name or id; an unknown one selects nobody
	Status     Status
	ExternalID string
	PageQuery
}

// Users lists users by id: those for whom the caller holds the scope list:users. It returns
// ErrBadCursor or a FieldsError for a bad filter.
func (s *Service) Users(ctx context.Context, p *Principal, f UserFilter) (Page[User], error) {
	limits, err := s.reach(p, ActListUsers)
	if err != nil {
		return Page[User]{}, err
	}
	limit, err := f.Size()
	if err != nil {
		return Page[User]{}, err
	}
	if f.Status != "" {
		var bad FieldsError
		oneOf(&bad, "status", f.Status, StatusActive, StatusPending, StatusDisabled)
		if err := bad.Err(); err != nil {
			return Page[User]{}, err
		}
	}
	if !plainText(f.Prefix + f.ExternalID + f.Role + f.Group) {
		return Page[User]{Items: []User{}}, nil
	}
	q := UserQuery{
		Prefix: strings.ToLower(f.Prefix), Status: f.Status, ExternalID: f.ExternalID, Within: usersWithin(limits),
		After: UserID(f.Cursor), Limit: limit + 1,
	}
	if err := s.resolve(ctx, f, &q); errors.Is(err, ErrNotFound) {
		return Page[User]{Items: []User{}}, nil
	} else if err != nil {
		return Page[User]{}, err
	}
	list, err := s.st.Users(ctx, q)
	return NewPage(list, limit, err, func(u User) string { return string(u.ID) })
}

// resolve puts the ids of the role and the group that f names into q.
func (s *Service) resolve(ctx context.Context, f UserFilter, q *UserQuery) error {
	if f.Role != "" {
		r, err := s.findRole(ctx, s.st, f.Role)
		if err != nil {
			return err
		}
		q.Role = r.ID
	}
	if f.Group != "" {
		g, err := s.st.Group(ctx, refKey(f.Group))
		if err != nil {
			return err
		}
		q.Group = g.ID
	}
	return nil
}

// usersWithin converts filters for a store.
func usersWithin(limits []scopes.Filters) []Within {
	var out []Within
	for _, f := range limits {
		var w Within
		for _, id := range f[scopes.KindUser] {
			w.Users = append(w.Users, UserID(id))
		}
		for _, id := range f[scopes.KindGroup] {
			w.Groups = append(w.Groups, GroupID(id))
		}
		out = append(out, w)
	}
	return out
}

// Export is everything that is stored about a user, except their password hash. Sessions and
// Tokens still have the hashes of their secrets; leave these out of what people get.
type Export struct {
	User     User
	Sessions []Session     // newest first
	Tokens   []APIToken    // newest first
	Logins   []Login       // newest first
	Audit    []AuditRecord // changes of the account, newest first
}

// ExportUser returns everything that is stored about a user. It needs the scope account for the
// caller's own account, or users for others. It returns ErrNotFound if there is no such user.
func (s *Service) ExportUser(ctx context.Context, p *Principal, id UserID) (Export, error) {
	if err := s.authorizeUser(ctx, s.st, p, ActExportUser, id); err != nil {
		return Export{}, err
	}
	a, err := s.account(ctx, s.st, id)
	if err != nil {
		return Export{}, err
	}
	out := Export{User: a.User}
	const batch = 200
	now := s.now()
	out.Sessions, err = readAll(batch, func(last Session) ([]Session, error) {
		return s.st.Sessions(ctx, SessionQuery{User: id, Now: now, Before: last.ID, Limit: batch})
	})
	if err != nil {
		return Export{}, err
	}
	out.Tokens, err = readAll(batch, func(last APIToken) ([]APIToken, error) {
		return s.st.APITokens(ctx, APITokenQuery{Owner: Holder{User: id}, Before: last.ID, Limit: batch})
	})
	if err != nil {
		return Export{}, err
	}
	out.Logins, err = readAll(batch, func(last Login) ([]Login, error) {
		return s.st.Logins(ctx, LoginQuery{User: id, Before: last.ID, Limit: batch})
	})
	if err != nil {
		return Export{}, err
	}
	out.Audit, err = readAll(batch, func(last AuditRecord) ([]AuditRecord, error) {
		return s.st.Audits(ctx, AuditQuery{Target: string(id), Before: last.ID, Limit: batch})
	})
	return out, err
}

// readAll reads pages until one is not full. next gets the last item of the page before, and
// the zero value for the first page.
func readAll[T any](batch int, next func(last T) ([]T, error)) ([]T, error) {
	all := []T{}
	var last T
	for {
		page, err := next(last)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < batch {
			return all, nil
		}
		last = page[len(page)-1]
	}
}

// account finds a user. It returns ErrNotFound for an id that is malformed, without asking the
// store.
func (s *Service) account(ctx context.Context, st Store, id UserID) (Account, error) {
	if !IsID(string(id)) {
		return Account{}, ErrNotFound
	}
	return st.Account(ctx, id)
}
