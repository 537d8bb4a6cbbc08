package sharing

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/scopes"
)

// registry is a kind whose resources the built-in registry keeps. ErrNotFound for others.
func (s *Service) registry(name string) (kind, error) {
	k, ok := s.kinds[name]
	if !ok || k.Owners != nil {
		return kind{}, ErrNotFound
	}
	return k, nil
}

// Put registers a resource, whose owner the caller becomes; no error if it is theirs already.
// It needs resources for what they own. ErrResourceTaken if it is somebody else's, ErrNoHolder
// for who is no user, ErrNotFound for a kind that the host keeps itself.
func (s *Service) Put(ctx context.Context, p Principal, r Ref) (res Resource, created bool, err error) {
	if _, err := s.registry(r.Kind); err != nil {
		return Resource{}, false, err
	}
	user, _ := p.Holder()
	if user == "" {
		return Resource{}, false, ErrNoHolder
	}
	if err := s.mayKeep(p, scopes.Target{Kind: r.Kind, ID: r.ID, Owner: user, OwnerGroups: p.GroupIDs()}); err != nil {
		return Resource{}, false, err
	}
	if !validID(r.ID) {
		return Resource{}, false, &FieldsError{[]FieldError{
			{"id", CodeInvalid, "1 to 255 printable ASCII characters without space, quote, backslash and !."},
		}}
	}
	res = Resource{Ref: r, Owner: user, CreatedAt: s.now()}
	err = s.st.Tx(ctx, func(st Store) error {
		if created, err = st.PutResource(ctx, res); err != nil {
			return err
		}
		if created {
			// What others gave of a resource that had this id, and whose owner is gone with it,
			// is not of this one.
			if _, err := st.DeleteShares(ctx, ShareSelection{Resource: r}); err != nil {
				return err
			}
			if _, err := st.DeleteCodes(ctx, r, ""); err != nil {
				return err
			}
			return s.audit(ctx, st, p, "resource.create", r, nil)
		}
		list, err := st.Resources(ctx, ResourceQuery{Kind: r.Kind, IDs: []string{r.ID}, Limit: 1})
		if err != nil || len(list) == 0 {
			return orNotFound(err)
		}
		if res = list[0]; res.Owner != user {
			return ErrResourceTaken
		}
		return nil
	})
	if err != nil {
		return Resource{}, false, fmt.Errorf("put resource: %w", err)
	}
	return res, created, nil
}

// mayKeep decides on the scope resources.
func (s *Service) mayKeep(p Principal, t scopes.Target) error {
	id, _ := s.schema.ID("resources")
	switch p.Subject().Decide(id, t) {
	case scopes.Allowed:
		return nil
	case scopes.Filtered:
		return ErrNotFound
	}
	return &ScopeError{Need: []string{"resources"}}
}

// Resource finds a registered resource. It needs resources on it.
func (s *Service) Resource(ctx context.Context, p Principal, r Ref) (Resource, error) {
	if _, err := s.registry(r.Kind); err != nil {
		return Resource{}, err
	}
	sc, err := s.scene(ctx, r)
	if err != nil {
		return Resource{}, err
	}
	if err := s.mayKeep(p, sc.target); err != nil {
		return Resource{}, err
	}
	if sc.target.Owner == "" {
		return Resource{}, ErrNotFound
	}
	list, err := s.st.Resources(ctx, ResourceQuery{Kind: r.Kind, IDs: []string{r.ID}, Limit: 1})
	if err != nil || len(list) == 0 {
		return Resource{}, orNotFound(err)
	}
	return list[0], nil
}

// Delete removes a resource from the registry, and its shares and codes. It needs resources on
// it. Of a kind that the host keeps itself it removes shares and codes; call Forget for that.
func (s *Service) Delete(ctx context.Context, p Principal, r Ref) error {
	if _, err := s.Resource(ctx, p, r); err != nil {
		return err
	}
	err := s.st.Tx(ctx, func(st Store) error {
		deleted, err := st.DeleteResource(ctx, r)
		if err != nil || !deleted {
			return orNotFound(err)
		}
		return s.audit(ctx, st, p, "resource.delete", r, nil)
	})
	if err != nil {
		return fmt.Errorf("delete resource: %w", err)
	}
	return nil
}

// Forget removes the shares and codes of a resource that is gone: hosts that keep a kind
// themselves call it when they delete one, in the transaction that does; see WithStore. An id
// that is used again would otherwise be shared from its beginning.
func (s *Service) Forget(ctx context.Context, r Ref) error {
	if !s.HasKind(r.Kind) {
		return ErrNotFound
	}
	_, err := s.st.DeleteResource(ctx, r)
	return err
}

// Owned lists the registered resources of a kind that the caller owns, by id.
func (s *Service) Owned(ctx context.Context, p Principal, name string, q PageQuery) (Page[Resource], error) {
	if _, err := s.registry(name); err != nil {
		return Page[Resource]{}, err
	}
	user, _ := p.Holder()
	if user == "" {
		return Page[Resource]{}, ErrNoHolder
	}
	if err := s.mayKeep(
		p, scopes.Target{Kind: name, Owner: user, OwnerGroups: p.GroupIDs()},
	); errors.Is(err, ErrInsufficientScope) {
		return Page[Resource]{}, err
	}
	limit, err := q.limit(validID)
	if err != nil {
		return Page[Resource]{}, err
	}
	list, err := s.st.Resources(
		ctx, ResourceQuery{Kind: name, Owners: []string{user}, After: q.Cursor, Limit: limit + 1},
	)
	return page(list, limit, err, func(r Resource) string { return r.ID })
}
