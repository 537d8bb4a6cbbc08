package sharing

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// Visibility says on which resources of a kind a principal may use a scope: on all of them, or
// on those that have one of the owners or one of the ids. The zero value is none.
type Visibility struct {
	All    bool
	Owners []auth.UserID // sorted
	IDs    []string      // sorted
}

var errUnknownScope = errors.New("the model has no such scope, or the kind can't be shared")

// reach is Visibility as sets.
type reach struct {
	all    bool
	owners map[auth.UserID]bool
	ids    map[string]bool
}

func newReach() reach { return reach{owners: map[auth.UserID]bool{}, ids: map[string]bool{}} }

// Visible returns the resources of a kind on which the principal may use a scope, by name. They
// are exactly those for which Decide allows it. It is for lists: use Where in a query of the
// host's own table, or list the registry with Resources. An unknown scope or kind is an error.
//
// It takes as many statements as Decide for each thousand resources that were shared with the
// caller.
func (s *Service) Visible(ctx context.Context, p *auth.Principal, kindName, scope string) (Visibility, error) {
	id, known := s.schema.ID(scope)
	k, ok := s.kinds[kindName]
	if !known || !ok {
		return Visibility{}, fmt.Errorf("visible %s of %s: %w", scope, kindName, errUnknownScope)
	}
	sub := p.Subject()
	held, err := s.byRoles(ctx, sub.Held, id, k)
	if err != nil {
		return Visibility{}, err
	}
	if !held.all {
		if err := s.addOwn(ctx, p, k, id, &held); err != nil {
			return Visibility{}, err
		}
	}
	if sub.Ceiling == nil {
		return held.visibility(), nil
	}
	ceiling, err := s.byRoles(ctx, sub.Ceiling, id, k)
	if err != nil {
		return Visibility{}, err
	}
	both, err := s.intersect(ctx, k, held, ceiling)
	return both.visibility(), err
}

// byRoles returns what a set of scopes reaches. A filter by group reaches what its members own
// now.
func (s *Service) byRoles(ctx context.Context, set *scopes.Set, id scopes.ID, k kind) (reach, error) {
	r := newReach()
	limits, held := scopes.Subject{Held: set}.Limits(id)
	switch {
	case !held:
		return r, nil
	case len(limits) == 0:
		r.all = true
		return r, nil
	}
	f := limits[0]
	for _, u := range f[scopes.KindUser] {
		r.owners[auth.UserID(u)] = true
	}
	for _, x := range f[k.name] {
		r.ids[x] = true
	}
	if groups := f[scopes.KindGroup]; len(groups) > 0 {
		members, err := s.accounts.Groups.Members(ctx, groupIDs(groups))
		if err != nil {
			return r, err
		}
		for _, u := range members {
			r.owners[u] = true
		}
	}
	return r, nil
}

// addOwn adds what the user owns, and what shares that count give to them or their groups.
func (s *Service) addOwn(ctx context.Context, p *auth.Principal, k kind, id scopes.ID, r *reach) error {
	user := p.Holder().User
	if user == "" {
		return nil
	}
	if k.owner.Has(id) {
		r.owners[user] = true
	}
	mine, err := s.st.Shares(ctx, ShareQuery{Kind: k.name, User: user, Groups: p.GroupIDs(), Now: s.now()})
	if err != nil {
		return err
	}
	ids := make([]string, len(mine))
	for i, x := range mine {
		ids[i] = x.Resource.ID
	}
	scenes, err := s.scenes(ctx, k.name, sorted(ids))
	if err != nil {
		return err
	}
	for _, sc := range scenes {
		for _, src := range s.sources(sc, user, p.GroupIDs()) {
			if (scopes.Subject{Held: src.Set}).Allows(id, sc.target) {
				r.ids[sc.target.ID] = true
			}
		}
	}
	return nil
}

// intersect returns what both reach. It looks up owners where one side names resources by id
// and the other by owner.
func (s *Service) intersect(ctx context.Context, k kind, a, b reach) (reach, error) {
	switch {
	case a.all:
		return b, nil
	case b.all:
		return a, nil
	}
	out := newReach()
	for u := range a.owners {
		if b.owners[u] {
			out.owners[u] = true
		}
	}
	for _, side := range [][2]reach{{a, b}, {b, a}} {
		ids := slices.Sorted(maps.Keys(side[0].ids))
		owners, err := s.owners(ctx, k, ids)
		if err != nil {
			return out, err
		}
		for _, id := range ids {
			if side[1].ids[id] || owners[id] != "" && side[1].owners[owners[id]] {
				out.ids[id] = true
			}
		}
	}
	return out, nil
}

func (r reach) visibility() Visibility {
	if r.all {
		return Visibility{All: true}
	}
	return Visibility{Owners: slices.Sorted(maps.Keys(r.owners)), IDs: slices.Sorted(maps.Keys(r.ids))}
}

// Resources lists the registered resources of a kind on which the principal may use a scope, by
// id.
func (s *Service) Resources(
	ctx context.Context, p *auth.Principal, of ResourceFilter,
) (auth.Page[Resource], error) {
	if _, err := s.registry(of.Kind); err != nil {
		return auth.Page[Resource]{}, err
	}
	v, err := s.Visible(ctx, p, of.Kind, of.Scope)
	if err != nil {
		return auth.Page[Resource]{}, err
	}
	return s.resources(ctx, ResourceQuery{Kind: of.Kind, All: v.All, Owners: v.Owners, IDs: v.IDs}, of.PageQuery)
}

// ResourceFilter selects registered resources.
type ResourceFilter struct {
	Kind  string
	Scope string // the principal may use it on them
	auth.PageQuery
}
