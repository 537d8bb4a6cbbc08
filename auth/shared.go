package auth

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
)

// What package sharing asks of accounts and of who calls.

// Holdings returns what users and services hold now by their roles, and the groups of the users,
// by id. It leaves out those that do not exist. Held is nil for those that are not active; a
// disabled user stays in their groups. It takes one statement for each thousand users, and one
// for each thousand services.
func (s *Service) Holdings(
	ctx context.Context, users []UserID, services []ServiceID,
) (map[string]scopes.Holding, error) {
	out := make(map[string]scopes.Holding, len(users)+len(services))
	for part := range slices.Chunk(users, holdingBatch) {
		list, err := s.st.Users(ctx, UserQuery{Within: []Within{{Users: part}}, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, u := range list {
			h := scopes.Holding{Groups: u.groupIDs()}
			if u.Status == StatusActive {
				h.Held = s.rightsOf(u)
			}
			out[string(u.ID)] = h
		}
	}
	for part := range slices.Chunk(services, holdingBatch) {
		list, err := s.st.Services(ctx, ServiceQuery{Only: part, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			var h scopes.Holding
			if v.Status == StatusActive {
				h.Held = s.setOf(scopes.Self{}, v.Roles, v.Grants)
			}
			out[string(v.ID)] = h
		}
	}
	return out, nil
}

// holdingBatch is how many ids one statement names.
const holdingBatch = 1000

// MembersOf lists the users in any of the groups.
func (s *Service) MembersOf(ctx context.Context, groups []GroupID) ([]UserID, error) {
	var out []UserID
	q := UserQuery{Within: []Within{{Groups: groups}}, Limit: holdingBatch}
	for {
		list, err := s.st.Users(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, u := range list {
			out = append(out, u.ID)
		}
		if len(list) < q.Limit {
			return out, nil
		}
		q.After = list[len(list)-1].ID
	}
}

// Names returns what users, groups and services are called, by id. It leaves out those that do
// not exist. A user without a username is called by their display name, if they have one. It
// checks no rights: show names where the ids may be seen.
func (s *Service) Names(
	ctx context.Context, users []UserID, groups []GroupID, services []ServiceID,
) (map[string]string, error) {
	out := map[string]string{}
	for part := range slices.Chunk(users, holdingBatch) {
		list, err := s.st.Users(ctx, UserQuery{Within: []Within{{Users: part}}, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, u := range list {
			out[string(u.ID)] = cmp.Or(u.Username, u.Name)
		}
	}
	for part := range slices.Chunk(groups, holdingBatch) {
		list, err := s.st.Groups(ctx, GroupQuery{Only: part, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, g := range list {
			out[string(g.ID)] = g.Name
		}
	}
	for part := range slices.Chunk(services, holdingBatch) {
		list, err := s.st.Services(ctx, ServiceQuery{Only: part, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			out[string(v.ID)] = v.Name
		}
	}
	return out, nil
}

// Person is what people may know of each other to share.
type Person struct {
	ID       UserID
	Username string
	Name     string
}

// maxPeople is how many people one look-up finds.
const maxPeople = 20

// People finds active users to share with by their username: the one who has it, or with the
// setting prefix up to 20 whose begins with it; nobody where the setting is off. Any user may
// ask, with any credential of theirs. Addresses find nobody, so that none can be guessed.
func (s *Service) People(ctx context.Context, p *Principal, text string) ([]Person, error) {
	if p == nil || p.Kind == PrincipalGuest {
		return nil, ErrUnauthenticated
	}
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return nil, err
	}
	key, ok := s.usernameKey(text)
	if settings.PeopleLookup == policy.LookupPrefix && plainText(text) && text != "" {
		key, ok = strings.ToLower(text), true
	}
	if settings.PeopleLookup == policy.LookupOff || !ok {
		return []Person{}, nil
	}
	list, err := s.st.Users(ctx, UserQuery{Prefix: key, Status: StatusActive, Limit: maxPeople})
	if settings.PeopleLookup == policy.LookupExact {
		var a Account
		if a, err = s.st.AccountByLogin(ctx, key); errors.Is(err, ErrNotFound) {
			err = nil
		}
		list = []User{a.User}
	}
	out := []Person{}
	for _, u := range list {
		uk, _ := s.usernameKey(u.Username)
		if u.Status == StatusActive && strings.HasPrefix(uk, key) { // Prefix also finds addresses
			out = append(out, Person{u.ID, u.Username, u.Name})
		}
	}
	return out, err
}

// PersonByName finds an active user to share with by their username, as People does.
// ErrNotFound.
func (s *Service) PersonByName(ctx context.Context, username string) (UserID, error) {
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return "", err
	}
	key, ok := s.usernameKey(username)
	if settings.PeopleLookup == policy.LookupOff || !ok {
		return "", ErrNotFound
	}
	a, err := s.st.AccountByLogin(ctx, key)
	if err == nil && a.Status != StatusActive {
		err = ErrNotFound
	}
	return a.ID, err
}

// CountShareTry takes one try at presenting a share code from the caller and one from their network,
// or returns a LimitError.
func (s *Service) CountShareTry(ctx context.Context, p *Principal, c Client) error {
	if p == nil {
		return ErrUnauthenticated
	}
	return s.limits.Take(ctx, s.limits.ShareCode(p.actor()), s.limits.ShareCodeNetwork(c.Network()))
}
