package sharing

import (
	"context"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// Decide decides whether the principal may use a scope, by name, on a resource. They may by
// role, as its owner, or by shares that count now, and only within what their credential
// allows. Nobody may use a scope that the model does not have, and nobody owns a resource that
// does not exist. auth.Denied turns the verdict into an error.
//
// If roles alone allow it, Decide reads nothing. Otherwise it reads the shares of the resource,
// its owner, and what their givers hold: three statements, or four if services share it.
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
	// Every user holds the scopes of a kind for whatever they own of it. So they do not lack
	// the scope: this resource is out of their reach.
	if v == scopes.NotHeld && p.Holder().User != "" && s.kinds[r.Kind].owner.Has(id) &&
		(sub.Ceiling == nil || sub.Ceiling.Has(id)) {
		return scopes.Filtered, nil
	}
	return v, nil
}

// subjectOn returns what the principal holds on a resource, by role and by everything else, and
// the scene that shows it.
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

// sources returns what a user gets on a resource by owning it, and by each share.
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

// Sources returns what a user, who is in the groups, gets on a resource by owning it and by
// each share that counts now. It also returns the target for a decision. There are no sources
// for a kind that can't be shared. auth.Service explains decisions with it.
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
