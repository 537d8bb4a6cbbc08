package sharing

import (
	"context"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// counting returns which scopes of which shares count now, by id of share. A scope of a share
// counts if the kind lets people share it and the share's giver is active, may share the
// resource, and holds the scope on it: as its owner, by role, or by a share that counts.
//
// The set starts empty and grows until nothing is added. So shares that lean only on each other
// do not count. Shares that have expired are not in a scene; see load. Nothing counts on a
// resource without an owner: the resource is gone, and its id may be used again.
func (s *Service) counting(sc *scene) map[string][]string {
	if sc.target.Owner == "" {
		return nil
	}
	held := map[string]*scopes.Set{} // by id of giver
	received := map[string]bool{}    // givers who have a share that counts
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

// mayGive reports whether somebody with these rights may share the resource at all.
func (s *Service) mayGive(sc *scene, set *scopes.Set, received bool) bool {
	return sc.kind.Reshare && received || scopes.Subject{Held: set}.Allows(s.share, sc.target)
}

// receive adds a scope of a share that counts to the rights of those givers who received it.
func (s *Service) receive(sc *scene, held map[string]*scopes.Set, received map[string]bool, sh Share, name string) {
	for id, h := range sc.holdings {
		if h.Held == nil {
			continue
		}
		if string(sh.User) == id || sh.Group != "" && slices.Contains(h.Groups, string(sh.Group)) {
			held[id] = s.schema.Merge(held[id], s.on(sh.Resource, name))
			received[id] = true
		}
	}
}

// on returns a set of scopes, each filtered to the resource.
func (s *Service) on(r auth.ResourceRef, names ...string) *scopes.Set {
	list := make([]scopes.Scope, len(names))
	for i, n := range names {
		list[i] = scopes.Scope{Name: n, Kind: r.Kind, Value: r.ID}
	}
	return s.schema.Set(list, scopes.Self{})
}

// ownedSet returns what the owner holds on the resource.
func (s *Service) ownedSet(sc *scene) *scopes.Set {
	list := slices.Clone(sc.kind.owned)
	for i := range list {
		list[i].Value = sc.target.ID
	}
	return s.schema.Set(list, scopes.Self{})
}

// countingOf does what counting does, for shares of any resources.
func (s *Service) countingOf(ctx context.Context, list []Share) (map[string][]string, error) {
	ids := map[string][]string{} // of resources, by kind
	for _, x := range list {
		ids[x.Resource.Kind] = append(ids[x.Resource.Kind], x.Resource.ID)
	}
	out := map[string][]string{}
	for name, of := range ids {
		scenes, err := s.scenes(ctx, name, sorted(of))
		if err != nil {
			return nil, err
		}
		for _, sc := range scenes {
			for id, names := range s.counting(sc) {
				out[id] = sorted(names)
			}
		}
	}
	return out, nil
}
