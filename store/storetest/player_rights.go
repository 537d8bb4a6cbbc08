package storetest

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/auth"
)

func (p *player) definitionCall() call {
	r := auth.Role{ID: auth.RoleID(p.id()), Name: p.word(), Description: p.word(), Scopes: notNil(p.scopes())}
	p.roleIDs = append(p.roleIDs, r.ID)
	id, ref, refuse := pick(p.r, p.roleIDs), p.word(), p.r.IntN(5) == 0
	return p.one(
		call{"CreateRole", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.CreateRole(ctx, r) }},
		call{"CreateRole", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.CreateRole(ctx, r) }},
		call{"Role by id", func(ctx context.Context, st auth.Store) (any, error) { return st.Role(ctx, string(id)) }},
		call{"Role by name", func(ctx context.Context, st auth.Store) (any, error) { return st.Role(ctx, ref) }},
		call{"RoleAssigned", func(ctx context.Context, st auth.Store) (any, error) { return st.RoleAssigned(ctx, id) }},
		call{"UpdateRole", func(ctx context.Context, st auth.Store) (any, error) {
			return st.UpdateRole(ctx, id, func(now *auth.Role) error {
				now.Name, now.Description, now.Scopes = r.Name, r.Description, r.Scopes
				if refuse {
					return errRefused
				}
				return nil
			})
		}},
		call{
			"DeleteRole", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.DeleteRole(ctx, id) },
		},
	)
}

func notNil(list []string) []string { return append([]string{}, list...) }

func (p *player) groupCall() call {
	g := auth.Group{ID: auth.GroupID(p.id()), Name: p.word(), NameKey: fmt.Sprint(p.word(), p.r.IntN(3)),
		Description: p.word(), CreatedAt: p.time()}
	p.groupIDs = append(p.groupIDs, g.ID)
	id, user, role, refuse := pick(p.r, p.groupIDs), p.user(), p.role(), p.r.IntN(5) == 0
	q := auth.GroupQuery{After: maybe(p.r, p.groupIDs), Limit: p.limit()}
	if p.r.IntN(2) == 0 {
		q.Only = []auth.GroupID{pick(p.r, p.groupIDs), pick(p.r, p.groupIDs)}
	}
	return p.one(
		call{
			"CreateGroup", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.CreateGroup(ctx, g) },
		},
		call{
			"CreateGroup", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.CreateGroup(ctx, g) },
		},
		call{"Group by id", func(ctx context.Context, st auth.Store) (any, error) { return st.Group(ctx, string(id)) }},
		call{
			"Group by name", func(ctx context.Context, st auth.Store) (any, error) { return st.Group(ctx, g.NameKey) },
		},
		call{"Groups", func(ctx context.Context, st auth.Store) (any, error) { return st.Groups(ctx, q) }},
		call{"AddMember", func(ctx context.Context, st auth.Store) (any, error) { return st.AddMember(ctx, id, user) }},
		call{"AddMember", func(ctx context.Context, st auth.Store) (any, error) { return st.AddMember(ctx, id, user) }},
		call{"RemoveMember", func(ctx context.Context, st auth.Store) (any, error) {
			return st.RemoveMember(ctx, id, user)
		}},
		call{"AddGroupRole", func(ctx context.Context, st auth.Store) (any, error) {
			return st.AddGroupRole(ctx, id, role)
		}},
		call{"AddGroupRole", func(ctx context.Context, st auth.Store) (any, error) {
			return st.AddGroupRole(ctx, id, role)
		}},
		call{"RemoveGroupRole", func(ctx context.Context, st auth.Store) (any, error) {
			return st.RemoveGroupRole(ctx, id, role)
		}},
		call{"UpdateGroup", func(ctx context.Context, st auth.Store) (any, error) {
			return st.UpdateGroup(ctx, id, func(now *auth.Group) error {
				now.Name, now.NameKey, now.Description, now.Members = g.Name, g.NameKey, g.Description, 9
				if refuse {
					return errRefused
				}
				return nil
			})
		}},
		call{"DeleteGroup", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.DeleteGroup(ctx, id)
		}},
	)
}

func (p *player) serviceCall() call {
	v := auth.ServiceAccount{
		ID: auth.ServiceID(p.id()), Name: p.word(), NameKey: fmt.Sprint(p.word(), p.r.IntN(3)), Description: p.word(),
		Status: auth.StatusActive, CreatedAt: p.time(),
	}
	p.services = append(p.services, v.ID)
	id, role, refuse := pick(p.r, p.services), p.role(), p.r.IntN(5) == 0
	q := auth.ServiceQuery{After: maybe(p.r, p.services), Limit: p.limit()}
	return p.one(
		call{"CreateService", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.CreateService(ctx, v)
		}},
		call{"CreateService", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.CreateService(ctx, v)
		}},
		call{"Service by id", func(ctx context.Context, st auth.Store) (any, error) {
			return st.Service(ctx, string(id))
		}},
		call{"Service by name", func(ctx context.Context, st auth.Store) (any, error) {
			return st.Service(ctx, v.NameKey)
		}},
		call{"Services", func(ctx context.Context, st auth.Store) (any, error) { return st.Services(ctx, q) }},
		call{"AddServiceRole", func(ctx context.Context, st auth.Store) (any, error) {
			return st.AddServiceRole(ctx, id, role)
		}},
		call{"RemoveServiceRole", func(ctx context.Context, st auth.Store) (any, error) {
			return st.RemoveServiceRole(ctx, id, role)
		}},
		call{"UpdateService", func(ctx context.Context, st auth.Store) (any, error) {
			return st.UpdateService(ctx, id, func(now *auth.ServiceAccount) error {
				now.Name, now.NameKey, now.Description, now.Status =
					v.Name, v.NameKey, v.Description, auth.StatusDisabled
				if refuse {
					return errRefused
				}
				return nil
			})
		}},
		call{"DeleteService", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.DeleteService(ctx, id)
		}},
	)
}

func (p *player) apiTokenCall() call {
	owner := auth.Holder{User: p.user()}
	if v := maybe(p.r, p.services); v != "" {
		owner = auth.Holder{Service: v}
	}
	t := p.newAPIToken(owner)
	t.Scopes, t.ExpiresAt = notNil(p.scopes()), p.time()
	old, at, before := pick(p.r, p.apis), p.time(), maybe(p.r, p.apis).ID
	p.apis = append(p.apis, t)
	q := auth.APITokenQuery{Owner: pick(p.r, p.apis).Owner, Before: before, Limit: p.limit()}
	return p.one(
		call{
			"AddAPIToken", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.AddAPIToken(ctx, t) },
		},
		call{
			"AddAPIToken", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.AddAPIToken(ctx, t) },
		},
		call{"APITokenUse", func(ctx context.Context, st auth.Store) (any, error) {
			return st.APITokenUse(ctx, old.Hash)
		}},
		call{"APITokenUse", func(ctx context.Context, st auth.Store) (any, error) {
			return st.APITokenUse(ctx, old.Hash)
		}},
		call{"APITokens", func(ctx context.Context, st auth.Store) (any, error) { return st.APITokens(ctx, q) }},
		call{"TouchAPIToken", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.TouchAPIToken(ctx, old.ID, at)
		}},
		call{"DeleteAPITokens", func(ctx context.Context, st auth.Store) (any, error) {
			return st.DeleteAPITokens(ctx, old.Owner, old.ID)
		}},
		call{"DeleteAPITokens", func(ctx context.Context, st auth.Store) (any, error) {
			return st.DeleteAPITokens(ctx, old.Owner, "")
		}},
		call{"DeleteExpiredAPITokens", func(ctx context.Context, st auth.Store) (any, error) {
			return st.DeleteExpiredAPITokens(ctx, at, noLimit)
		}},
	)
}
