package sharing

import (
	"context"
	"slices"

	"github.com/hallpass-go/hallpass/scopes"
)

// scene is one resource with all that a decision about it takes.
type scene struct {
	kind     kind
	target   scopes.Target
	shares   []Share
	holdings map[string]scopes.Holding // of givers and owner
}

// batch is how many resources are looked up at once.
const batch = 1000

// load looks up resources that are all of one kind. shares are those on them, which have not
// expired.
func (s *Service) load(ctx context.Context, k kind, ids []string, shares []Share) (map[string]*scene, error) {
	owners, err := s.owners(ctx, k, ids)
	if err != nil {
		return nil, err
	}
	holdings, err := s.holdings(ctx, owners, shares)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*scene, len(ids))
	for _, id := range ids {
		owner := owners[id]
		out[id] = &scene{kind: k, holdings: holdings, target: scopes.Target{
			Kind: k.name, ID: id, Owner: owner, OwnerGroups: holdings[owner].Groups,
		}}
	}
	for _, sh := range shares {
		if sc := out[sh.Resource.ID]; sc != nil {
			sc.shares = append(sc.shares, sh)
		}
	}
	return out, nil
}

// owners finds the owners of resources.
func (s *Service) owners(ctx context.Context, k kind, ids []string) (map[string]string, error) {
	find := k.Owners
	if find == nil {
		find = func(ctx context.Context, ids []string) (map[string]string, error) {
			return s.st.Owners(ctx, k.name, ids)
		}
	}
	out := make(map[string]string, len(ids))
	for part := range slices.Chunk(ids, batch) {
		found, err := find(ctx, part)
		if err != nil {
			return nil, err
		}
		for id, owner := range found {
			out[id] = owner
		}
	}
	return out, nil
}

func (s *Service) holdings(
	ctx context.Context, owners map[string]string, shares []Share,
) (map[string]scopes.Holding, error) {
	users, services := map[string]bool{}, map[string]bool{}
	for _, id := range owners {
		users[id] = true
	}
	for _, sh := range shares {
		if sh.Giver.Service != "" {
			services[sh.Giver.Service] = true
		} else {
			users[sh.Giver.User] = true
		}
	}
	return s.rights.Holdings(ctx, keys(users), keys(services))
}

func keys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// counting tells which scopes of which shares count now: those that the giver holds on the
// resource, as its owner, by role or by shares that count, and may share. It grows from nothing
// until nothing is added, so shares that lean only on each other count for nothing. Nothing of
// a resource without an owner is shared: it is gone, and its id may come again.
func (s *Service) counting(sc *scene) map[string][]string {
	held := map[string]*scopes.Set{}
	received := map[string]bool{}
	if sc.target.Owner == "" {
		return nil
	}
	for id, h := range sc.holdings {
		if h.Held == nil {
			continue // not active
		}
		held[id] = h.Held
		if id == sc.target.Owner {
			held[id] = s.schema.Merge(h.Held, s.ownedSet(sc))
		}
	}
	counted := map[string][]string{}
	for grown := true; grown; {
		grown = false
		for _, sh := range sc.shares {
			giver := sh.Giver.ID()
			set, active := held[giver]
			if !active || !s.mayGive(sc, set, received[giver]) {
				continue
			}
			for _, name := range sh.Scopes {
				id, known := s.schema.ID(name)
				if !known || slices.Contains(counted[sh.ID], name) || !slices.Contains(sc.kind.Shareable, name) ||
					!(scopes.Subject{Held: set}).Allows(id, sc.target) {
					continue
				}
				counted[sh.ID] = append(counted[sh.ID], name)
				grown = true
				s.receive(sc, held, received, sh, name)
			}
		}
	}
	return counted
}

// mayGive tells whether somebody with these rights may share the resource at all.
func (s *Service) mayGive(sc *scene, set *scopes.Set, received bool) bool {
	return sc.kind.Reshare && received || scopes.Subject{Held: set}.Allows(s.share, sc.target)
}

// receive adds a scope of a share that counts to those givers who received it.
func (s *Service) receive(sc *scene, held map[string]*scopes.Set, received map[string]bool, sh Share, name string) {
	for id, h := range sc.holdings {
		if h.Held == nil {
			continue
		}
		if sh.User == id || sh.Group != "" && slices.Contains(h.Groups, sh.Group) {
			held[id] = s.schema.Merge(held[id], s.on(sh.Resource, name))
			received[id] = true
		}
	}
}

// on are scopes filtered to the resource.
func (s *Service) on(r Ref, names ...string) *scopes.Set {
	list := make([]scopes.Scope, len(names))
	for i, n := range names {
		list[i] = scopes.Scope{Name: n, Kind: r.Kind, Value: r.ID}
	}
	return s.schema.Set(list, scopes.Self{})
}

// ownedSet is what the owner holds on the resource.
func (s *Service) ownedSet(sc *scene) *scopes.Set {
	list := slices.Clone(sc.kind.owned)
	for i := range list {
		list[i].Value = sc.target.ID
	}
	return s.schema.Set(list, scopes.Self{})
}
