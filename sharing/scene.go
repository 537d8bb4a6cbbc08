package sharing

import (
	"context"
	"maps"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// A decision is made in three steps, one file each: scene.go reads everything about a resource
// that matters, counting.go works out which of its shares count, and decide.go decides.

// scene is one resource with everything that a decision about it needs.
type scene struct {
	kind     kind
	target   scopes.Target
	shares   []Share                   // all shares of it that have not expired
	holdings map[string]scopes.Holding // what owner and givers hold by role, by their id
}

// batch is how many resources are read at once.
const batch = 1000

// scene reads one resource. It adds more to the stored shares.
func (s *Service) scene(ctx context.Context, r auth.ResourceRef, more ...Share) (*scene, error) {
	k, ok := s.kinds[r.Kind]
	if !ok || !validID(r.ID) {
		return &scene{target: scopes.Target{Kind: r.Kind, ID: r.ID}}, nil
	}
	all, err := s.load(ctx, k, []string{r.ID}, more...)
	if err != nil {
		return nil, err
	}
	return all[r.ID], nil
}

// scenes reads resources of one kind, by id. There are none for a kind that can't be shared any
// more.
func (s *Service) scenes(ctx context.Context, name string, ids []string) (map[string]*scene, error) {
	k, ok := s.kinds[name]
	if !ok {
		return nil, nil
	}
	all := map[string]*scene{}
	for part := range slices.Chunk(ids, batch) {
		found, err := s.load(ctx, k, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, found)
	}
	return all, nil
}

// load reads resources of one kind: their shares, their owners, and what owners and givers
// hold.
func (s *Service) load(ctx context.Context, k kind, ids []string, more ...Share) (map[string]*scene, error) {
	refs := make([]auth.ResourceRef, len(ids))
	for i, id := range ids {
		refs[i] = auth.ResourceRef{Kind: k.name, ID: id}
	}
	shares, err := s.st.Shares(ctx, ShareQuery{Resources: refs, Now: s.now()})
	if err != nil {
		return nil, err
	}
	shares = append(shares, more...)
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
		owner := string(owners[id])
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

// owners returns the owners of resources, by id.
func (s *Service) owners(ctx context.Context, k kind, ids []string) (map[string]auth.UserID, error) {
	find := k.Owners
	if find == nil {
		find = func(ctx context.Context, ids []string) (map[string]auth.UserID, error) {
			return s.st.Owners(ctx, k.name, ids)
		}
	}
	out := make(map[string]auth.UserID, len(ids))
	for part := range slices.Chunk(ids, batch) {
		found, err := find(ctx, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, found)
	}
	return out, nil
}

// holdings returns what owners and givers hold by role.
func (s *Service) holdings(
	ctx context.Context, owners map[string]auth.UserID, shares []Share,
) (map[string]scopes.Holding, error) {
	users, services := map[auth.UserID]bool{}, map[auth.ServiceID]bool{}
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
	return s.accounts.People.Holdings(ctx, slices.Sorted(maps.Keys(users)), slices.Sorted(maps.Keys(services)))
}
