package sharing

import (
	"context"
	"slices"

	"github.com/hallpass-go/hallpass/scopes"
)

// Decide tells whether the principal may use a scope, by name, on a resource: by roles, as its
// owner, or by shares that count now, and within what the credential allows. A scope that the
// model does not know is held by nobody; a resource that does not exist is nobody's.
func (s *Service) Decide(ctx context.Context, p Principal, scope string, r Ref) (scopes.Verdict, error) {
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
	return s.verdict(p, sub, id, sc.target), nil
}

// verdict is the decision for a subject that was completed. Every user holds the scopes of a
// kind as far as they own something of it, so that a resource that is not theirs is out of
// reach for them, and not a scope that they lack.
func (s *Service) verdict(p Principal, sub scopes.Subject, id scopes.ID, t scopes.Target) scopes.Verdict {
	v := sub.Decide(id, t)
	user, _ := p.Holder()
	if v == scopes.NotHeld && user != "" && s.ownable(id, t.Kind) && (sub.Ceiling == nil || sub.Ceiling.Has(id)) {
		return scopes.Filtered
	}
	return v
}

// ownable tells whether owners of a kind hold the scope.
func (s *Service) ownable(id scopes.ID, kind string) bool {
	return s.kinds[kind].owner.Has(id)
}

// scene looks up one resource, with shares beside those that are stored.
func (s *Service) scene(ctx context.Context, r Ref, more ...Share) (*scene, error) {
	if !validID(r.ID) || !s.HasKind(r.Kind) {
		return &scene{target: scopes.Target{Kind: r.Kind, ID: r.ID}}, nil
	}
	shares, err := s.st.Shares(ctx, ShareQuery{Resources: []Ref{r}, Now: s.now()})
	if err != nil {
		return nil, err
	}
	all, err := s.load(ctx, s.kinds[r.Kind], []string{r.ID}, append(shares, more...))
	if err != nil {
		return nil, err
	}
	return all[r.ID], nil
}

// sources are what ownership and shares give to a user on a resource, each on its own.
func (s *Service) sources(sc *scene, user string, groups []string) []scopes.Source {
	if user == "" {
		return nil
	}
	var out []scopes.Source
	if sc.target.Owner == user {
		out = append(out, scopes.Source{Kind: "owner", Name: sc.target.Kind + "=" + sc.target.ID, Set: s.ownedSet(sc)})
	}
	counted := s.counting(sc)
	for _, sh := range sc.shares {
		if names := counted[sh.ID]; len(names) > 0 && (sh.User == user ||
			sh.Group != "" && slices.Contains(groups, sh.Group)) {
			out = append(
				out, scopes.Source{Kind: "share", Name: sh.ID, Via: sh.Giver.ID(), Set: s.on(sh.Resource, names...)},
			)
		}
	}
	return out
}

// Sources are what ownership and shares that count now give to a user, who is in the groups, on
// a resource, each on its own; and all there is to know of the resource for a decision. For a
// kind that can't be shared there are none. It is what auth.Service explains decisions with.
func (s *Service) Sources(
	ctx context.Context, user string, groups []string, kind, id string,
) ([]scopes.Source, scopes.Target, error) {
	if !s.HasKind(kind) {
		return nil, scopes.Target{Kind: kind, ID: id}, nil
	}
	sc, err := s.scene(ctx, Ref{kind, id})
	if err != nil {
		return nil, scopes.Target{}, err
	}
	return s.sources(sc, user, groups), sc.target, nil
}
