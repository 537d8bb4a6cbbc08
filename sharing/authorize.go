package sharing

import (
	"context"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// Authorize decides whether the caller may work with the shares of a resource. scope is shares
// or read:shares, and the error is that of auth.Denied. The other methods check this
// themselves. An adapter asks it before it tells what is wrong with the fields of a request.
func (s *Service) Authorize(ctx context.Context, p *auth.Principal, r auth.ResourceRef, scope string) error {
	_, err := s.authorize(ctx, p, r, scope)
	return err
}

// authority is what somebody may do with the shares of one resource.
type authority struct {
	*scene
	ref auth.ResourceRef
	p   *auth.Principal
	sub scopes.Subject // what p holds on the resource, with the credential in use
	all bool           // p manages all shares, not only those that p gave
}

// authorize does what Authorize does, and also finds out how far the authority goes. Where the
// kind lets people reshare, receivers manage the shares that they gave.
func (s *Service) authorize(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef, scope string,
) (authority, error) {
	id, _ := s.schema.ID(scope)
	if !s.HasKind(r.Kind) {
		v := scopes.NotHeld
		if p.Subject().Held.Has(id) {
			v = scopes.Filtered
		}
		return authority{}, auth.Denied(p, v, scope)
	}
	sub, sc, err := s.subjectOn(ctx, p, r)
	if err != nil {
		return authority{}, err
	}
	v := sub.Decide(id, sc.target)
	if v == scopes.Allowed {
		if sc.target.Owner != "" {
			return authority{sc, r, p, sub, true}, nil
		}
		v = scopes.Filtered // the resource does not exist
	} else if sc.kind.Reshare && s.received(sc, p) &&
		(sub.Ceiling == nil || scopes.Subject{Held: sub.Ceiling}.Allows(id, sc.target)) {
		return authority{sc, r, p, sub, false}, nil
	}
	return authority{}, auth.Denied(p, v, scope)
}

// received reports whether the principal has a share of the resource that counts.
func (s *Service) received(sc *scene, p *auth.Principal) bool {
	return slices.ContainsFunc(
		s.sources(sc, p.Holder().User, p.GroupIDs()), func(src scopes.Source) bool { return src.Kind == "share" },
	)
}

// manages reports whether the caller may change a share or a code of the giver.
func (a authority) manages(giver auth.Holder) bool { return a.all || giver == a.p.Holder() }

// giver returns whose shares and codes the caller may see, for a query. The zero Holder means
// everybody's.
func (a authority) giver() auth.Holder {
	if a.all {
		return auth.Holder{}
	}
	return a.p.Holder()
}

// within returns a CeilingError unless the caller holds all the scopes on the resource with the
// credential in use.
func (s *Service) within(a authority, names []string) error { return s.beyond(a.sub, a.target, names) }

// beyond returns a CeilingError that lists the scopes which the subject does not hold, not even
// through scopes that imply them.
func (s *Service) beyond(sub scopes.Subject, t scopes.Target, names []string) error {
	var over []string
	for _, n := range names {
		if id, _ := s.schema.ID(n); !sub.Allows(id, t) {
			over = append(over, n+"!"+t.Kind+"="+t.ID)
		}
	}
	if len(over) > 0 {
		return &auth.CeilingError{Excess: over}
	}
	return nil
}
