package sharing

import (
	"context"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// Decide decides whether the principal may use a scope, by name, on a resource: by role, as its
// owner, or by shares that count now, and within what the credential allows. Nobody holds a
// scope that the model does not have, and nobody owns a resource that does not exist.
// auth.Denied turns the verdict into an error.
func (s *Service) Decide(
	ctx context.Context, p *auth.Principal, scope string, r auth.ResourceRef,
) (scopes.Verdict, error) {
	id, known := s.schema.ID(scope)
	if !known {
		return scopes.NotHeld, nil
	}
	// A scope without a filter, or with one that names the resource, costs nothing to find.
	if v := p.Subject().Decide(id, scopes.Target{Kind: r.Kind, ID: r.ID}); v == scopes.Allowed || !s.HasKind(r.Kind) {
		return v, nil
	}
	sub, sc, err := s.subjectOn(ctx, p, r)
	if err != nil {
		return scopes.NotHeld, err
	}
	v := sub.Decide(id, sc.target)
	// Every user holds the scopes of a kind as far as they own something of it. So a resource
	// that is not theirs is out of their reach; it is not the scope that they lack.
	if v == scopes.NotHeld && p.Holder().User != "" && s.kinds[r.Kind].owner.Has(id) &&
		(sub.Ceiling == nil || sub.Ceiling.Has(id)) {
		return scopes.Filtered, nil
	}
	return v, nil
}

// subjectOn is what the principal holds on a resource, by role and by everything else, and the
// scene that says so.
func (s *Service) subjectOn(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef,
) (scopes.Subject, *scene, error) {
	sc, err := s.scene(ctx, r)
	if err != nil {
		return scopes.Subject{}, nil, err
	}
	sub := p.Subject()
	sets := []*scopes.Set{sub.Held}
	for _, src := range s.sources(sc, p.Holder().User, p.GroupIDs()) {
		sets = append(sets, src.Set)
	}
	sub.Held = s.schema.Merge(sets...)
	return sub, sc, nil
}

// sources are what ownership and shares give to a user on a resource, each on its own.
func (s *Service) sources(sc *scene, user auth.UserID, groups []auth.GroupID) []scopes.Source {
	if user == "" {
		return nil
	}
	var out []scopes.Source
	if sc.target.Owner == string(user) {
		out = append(out, scopes.Source{Kind: "owner", Name: sc.target.Kind + "=" + sc.target.ID, Set: s.ownedSet(sc)})
	}
	counted := s.counting(sc)
	for _, sh := range sc.shares {
		names := counted[sh.ID]
		if len(names) > 0 && (sh.User == user || sh.Group != "" && slices.Contains(groups, sh.Group)) {
			out = append(
				out, scopes.Source{Kind: "share", Name: sh.ID, Via: sh.Giver.ID(), Set: s.on(sh.Resource, names...)},
			)
		}
	}
	return out
}

// Sources returns what ownership and shares that count now give to a user, who is in the
// groups, on a resource, each on its own; and all there is to know of the resource for a
// decision. For a kind that can't be shared there are none. auth.Service explains decisions
// with it.
func (s *Service) Sources(
	ctx context.Context, user auth.UserID, groups []auth.GroupID, r auth.ResourceRef,
) ([]scopes.Source, scopes.Target, error) {
	if !s.HasKind(r.Kind) {
		return nil, scopes.Target{Kind: r.Kind, ID: r.ID}, nil
	}
	sc, err := s.scene(ctx, r)
	if err != nil {
		return nil, scopes.Target{}, err
	}
	return s.sources(sc, user, groups), sc.target, nil
}
