package sharing

import "context"

// Authorize decides whether the caller may do something with the shares of a resource: scope is
// shares or read:shares. nil, a ScopeError, or ErrNotFound. The other methods check for
// themselves; an adapter asks this before it tells what is wrong with the fields.
func (s *Service) Authorize(ctx context.Context, p Principal, r Ref, scope string) error {
	_, err := s.authorize(ctx, p, r, scope)
	return err
}

// OwnersOf finds the owners of resources, without those that are gone. It asks nobody's leave.
func (s *Service) OwnersOf(ctx context.Context, refs []Ref) (map[Ref]string, error) {
	ids := map[string][]string{}
	for _, r := range refs {
		ids[r.Kind] = append(ids[r.Kind], r.ID)
	}
	out := make(map[Ref]string, len(refs))
	for name, list := range ids {
		k, ok := s.kinds[name]
		if !ok {
			continue
		}
		owners, err := s.owners(ctx, k, sorted(list))
		if err != nil {
			return nil, err
		}
		for id, owner := range owners {
			out[Ref{name, id}] = owner
		}
	}
	return out, nil
}
