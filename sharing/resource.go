package sharing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// Resource is an entry of the built-in registry.
type Resource struct {
	auth.ResourceRef // ID has 1 to 255 characters, as the filter of a scope takes them

	Owner     auth.UserID
	CreatedAt time.Time
}

// ResourceQuery selects resources of one kind, by id ascending: all of them, or those that have
// one of the owners or one of the ids.
type ResourceQuery struct {
	Kind   string
	All    bool // Owners and IDs do not matter
	Owners []auth.UserID
	IDs    []string
	After  string // only ids greater than this, by bytes
	Limit  int
}

// registry returns a kind whose resources are in the built-in registry. ErrNotFound for other
// kinds.
func (s *Service) registry(name string) (kind, error) {
	k, ok := s.kinds[name]
	if !ok || k.Owners != nil {
		return kind{}, auth.ErrNotFound
	}
	return k, nil
}

// Put registers a resource and makes the caller its owner. It reports whether the resource is
// new; it is no error if the caller owns it already. A new resource starts without shares, even
// if its id was used before.
//
// The caller needs the scope resources for what they own. Put returns ErrResourceTaken if
// somebody else owns the resource, ErrNoHolder if the caller is not a user, and
// auth.ErrNotFound for a kind that the host keeps itself.
func (s *Service) Put(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef,
) (res Resource, created bool, err error) {
	if _, err := s.registry(r.Kind); err != nil {
		return Resource{}, false, err
	}
	user := p.Holder().User
	if user == "" {
		return Resource{}, false, ErrNoHolder
	}
	if err := s.mayKeep(p, ownTarget(p, r)); err != nil {
		return Resource{}, false, err
	}
	if !validID(r.ID) {
		return Resource{}, false, fieldError(
			"id", auth.CodeInvalid, "Use 1 to 255 printable ASCII characters, but no space, quote, backslash or !.",
		)
	}
	res = Resource{ResourceRef: r, Owner: user, CreatedAt: s.now()}
	err = s.tx(ctx, func(tx auth.Tx, st Store) error {
		if created, err = st.PutResource(ctx, res); err != nil {
			return err
		}
		if created {
			if err := forgetShares(ctx, st, r); err != nil {
				return err
			}
			return s.audit(ctx, tx, p, change{"resource.create", r, nil})
		}
		if res, err = registered(ctx, st, r); err == nil && res.Owner != user {
			err = ErrResourceTaken
		}
		return err
	})
	if err != nil {
		return Resource{}, false, fmt.Errorf("put resource: %w", err)
	}
	return res, created, nil
}

// ownTarget returns the target for a resource that the user owns.
func ownTarget(p *auth.Principal, r auth.ResourceRef) scopes.Target {
	return scopes.Target{
		Kind: r.Kind, ID: r.ID, Owner: string(p.User.ID), OwnerGroups: textsOf(p.GroupIDs()),
	}
}

// forgetShares deletes shares and codes of an earlier resource with the same id, which went
// with its owner.
func forgetShares(ctx context.Context, st Store, r auth.ResourceRef) error {
	if _, err := st.DeleteShares(ctx, ShareSelection{Resource: r}); err != nil {
		return err
	}
	_, err := st.DeleteShareCodes(ctx, r, "")
	return err
}

// registered finds a resource in the registry.
func registered(ctx context.Context, st Store, r auth.ResourceRef) (Resource, error) {
	list, err := st.Resources(ctx, ResourceQuery{Kind: r.Kind, IDs: []string{r.ID}, Limit: 1})
	if err != nil || len(list) == 0 {
		return Resource{}, orNotFound(err)
	}
	return list[0], nil
}

// mayKeep decides on the scope resources for a target.
func (s *Service) mayKeep(p *auth.Principal, t scopes.Target) error {
	id, _ := s.schema.ID("resources")
	return auth.Denied(p, p.Subject().Decide(id, t), "resources")
}

// Resource returns a registered resource. The caller needs the scope resources on it.
func (s *Service) Resource(ctx context.Context, p *auth.Principal, r auth.ResourceRef) (Resource, error) {
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
		return Resource{}, auth.ErrNotFound
	}
	return registered(ctx, s.st, r)
}

// Delete removes a resource from the registry, together with its shares and codes. The caller
// needs the scope resources on it. For a kind that the host keeps itself, use Forget.
func (s *Service) Delete(ctx context.Context, p *auth.Principal, r auth.ResourceRef) error {
	if _, err := s.Resource(ctx, p, r); err != nil {
		return err
	}
	err := s.tx(ctx, func(tx auth.Tx, st Store) error {
		deleted, err := st.DeleteResource(ctx, r)
		if err != nil || !deleted {
			return orNotFound(err)
		}
		return s.audit(ctx, tx, p, change{"resource.delete", r, nil})
	})
	if err != nil {
		return fmt.Errorf("delete resource: %w", err)
	}
	return nil
}

// Forget deletes the shares and codes of a resource that is gone. If the host keeps a kind
// itself, it must call Forget when it deletes a resource, in the same transaction (see
// WithStore). Otherwise somebody who reuses the id gets the old shares too.
func (s *Service) Forget(ctx context.Context, r auth.ResourceRef) error {
	if !s.HasKind(r.Kind) {
		return auth.ErrNotFound
	}
	_, err := s.st.DeleteResource(ctx, r)
	return err
}

// Owned lists the registered resources of a kind that the caller owns, by id. The caller needs
// the scope resources. Owned returns ErrNoHolder if the caller is not a user.
func (s *Service) Owned(
	ctx context.Context, p *auth.Principal, name string, q auth.PageQuery,
) (auth.Page[Resource], error) {
	if _, err := s.registry(name); err != nil {
		return auth.Page[Resource]{}, err
	}
	user := p.Holder().User
	if user == "" {
		return auth.Page[Resource]{}, ErrNoHolder
	}
	// A scope that is filtered to single resources is enough, because the list has only the
	// caller's own.
	err := s.mayKeep(p, ownTarget(p, auth.ResourceRef{Kind: name}))
	if err != nil && !errors.Is(err, auth.ErrNotFound) {
		return auth.Page[Resource]{}, err
	}
	return s.resources(ctx, ResourceQuery{Kind: name, Owners: []auth.UserID{user}}, q)
}

// resources reads a page. Its cursors are ids of resources, which the host chooses.
func (s *Service) resources(ctx context.Context, rq ResourceQuery, q auth.PageQuery) (auth.Page[Resource], error) {
	if q.Cursor != "" && !validID(q.Cursor) {
		return auth.Page[Resource]{}, auth.ErrBadCursor
	}
	size, err := auth.PageQuery{Limit: q.Limit}.Size()
	if err != nil {
		return auth.Page[Resource]{}, err
	}
	rq.After, rq.Limit = q.Cursor, size+1
	list, err := s.st.Resources(ctx, rq)
	return auth.NewPage(list, size, err, func(r Resource) string { return r.ID })
}

// OwnersOf returns the owners of resources, and leaves out resources that do not exist. It
// checks no rights.
func (s *Service) OwnersOf(
	ctx context.Context, refs []auth.ResourceRef,
) (map[auth.ResourceRef]auth.UserID, error) {
	ids := map[string][]string{}
	for _, r := range refs {
		ids[r.Kind] = append(ids[r.Kind], r.ID)
	}
	out := make(map[auth.ResourceRef]auth.UserID, len(refs))
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
			out[auth.ResourceRef{Kind: name, ID: id}] = owner
		}
	}
	return out, nil
}
