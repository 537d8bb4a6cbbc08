package auth

import (
	"context"
	"errors"

	"github.com/hallpass-go/hallpass/scopes"
)

// Question asks about one scope: "read:notes", or "read:notes!note=7", which is the same as
// with Resource note 7. Without a resource it asks for everything at once.
type Question struct {
	Scope    string
	Resource *ResourceRef
}

// ResourceRef names a resource: a user, a group, or one of a kind of the host's.
type ResourceRef struct {
	Kind string
	ID   string
}

// Resources tells what gives rights over a resource of a kind of the host's, beside roles, and
// all there is to know of it for a decision. *sharing.Service is one. nil stands for none: then
// roles decide alone, and nobody is known to own anything.
type Resources interface {
	Sources(ctx context.Context, user UserID, groups []GroupID, r ResourceRef) ([]scopes.Source, scopes.Target, error)
}

// Explanation says whether somebody may, and why.
type Explanation struct {
	Allowed bool
	Because []scopes.Source // each of these allows it, whatever the credential
	// Missing is the narrowest scope that would do; empty where nothing is missing.
	Missing string
	// Credential tells that the credential in use stands in the way: its own scopes do not
	// cover it.
	Credential bool
}

// Check tells whether the caller may, with the credential in use. It needs nothing. A
// FieldsError for a question that makes no sense; a resource that does not exist is none that a
// filter covers.
func (s *Service) Check(ctx context.Context, p *Principal, q Question, res Resources) (bool, error) {
	if p == nil {
		return false, ErrUnauthenticated
	}
	a, err := s.ask(ctx, p, q, p.User, res)
	if err != nil {
		return false, err
	}
	sets := []*scopes.Set{p.subject.Held}
	for _, src := range a.sources {
		sets = append(sets, src.Set)
	}
	sub := scopes.Subject{Held: s.schema.Merge(sets...), Ceiling: p.subject.Ceiling}
	return sub.Allows(a.scope, a.target), nil
}

// Explain tells whether a user may, and why; with an empty id, the caller, with the credential
// in use. It needs read:users for that user, except that a service may ask about itself. Errors
// as of Check.
func (s *Service) Explain(
	ctx context.Context, p *Principal, of UserID, q Question, res Resources,
) (Explanation, error) {
	if p == nil {
		return Explanation{}, ErrUnauthenticated
	}
	var sources []scopes.Source
	var who User
	ceiling := p.subject.Ceiling
	switch {
	case p.Kind == PrincipalService && of == "":
		sources = s.sources(scopes.Self{}, p.Service.Roles, p.Service.Grants, nil)
	default:
		if of == "" {
			of = p.User.ID
		}
		if err := s.AuthorizeUser(ctx, p, ActReadUser, of); err != nil {
			return Explanation{}, err
		}
		a, err := s.account(ctx, s.st, of)
		if err != nil {
			return Explanation{}, err
		}
		if of != p.User.ID {
			ceiling = nil
		}
		who = a.User
		sources = s.sources(scopes.Self{User: string(of)}, a.Roles, a.Grants, a.Groups)
	}
	a, err := s.ask(ctx, p, q, who, res)
	if err != nil {
		return Explanation{}, err
	}
	x := s.schema.Explain(append(sources, a.sources...), ceiling, a.scope, a.target)
	return Explanation{
		Allowed: x.Verdict == scopes.Allowed, Because: x.Because, Missing: x.Missing, Credential: x.CeilingMissing,
	}, nil
}

// asked is a decision to make.
type asked struct {
	scope   scopes.ID
	target  scopes.Target
	sources []scopes.Source // what gives the person asked about rights over the resource, beside roles
}

// ask turns a question about a user, who may be nobody, into a decision to make. What a bare
// filter stands for is the caller's own.
func (s *Service) ask(ctx context.Context, p *Principal, q Question, who User, res Resources) (asked, error) {
	var f FieldsError
	sc, err := s.schema.Parse(q.Scope)
	var bad *scopes.ParseError
	if errors.As(err, &bad) {
		f.Add("scope", bad.Code, bad.Error())
		return asked{}, f.Err()
	}
	r := ResourceRef{sc.Kind, sc.Value}
	if sc.Kind == scopes.KindUser && sc.Value == "" {
		r.ID = string(p.User.ID)
	}
	if q.Resource != nil {
		if sc.Kind != "" {
			f.Add("resource", CodeInvalid, "The scope has a filter, which names a resource already.")
		}
		r = *q.Resource
		if !s.hasKind(r.Kind) {
			f.Add("resource.kind", CodeUnknown, "There is no such kind.")
		}
		if r.ID == "" || len(r.ID) > 255 || !plainText(r.ID) {
			f.Add("resource.id", CodeInvalid, "An id has 1 to 255 bytes and no control characters.")
		}
	}
	if err := f.Err(); err != nil {
		return asked{}, err
	}
	var a asked
	a.scope, _ = s.schema.ID(sc.Name)
	if res == nil || r.Kind == "" || r.Kind == scopes.KindUser || r.Kind == scopes.KindGroup {
		a.target, err = s.target(ctx, r)
	} else {
		a.sources, a.target, err = res.Sources(ctx, who.ID, who.GroupIDs(), r)
	}
	return a, err
}

func (s *Service) hasKind(name string) bool {
	for _, k := range s.schema.Kinds() {
		if k.Name == name {
			return true
		}
	}
	return false
}

// target looks up what a decision about a resource has to know.
func (s *Service) target(ctx context.Context, r ResourceRef) (scopes.Target, error) {
	t := scopes.Target{Kind: r.Kind, ID: r.ID}
	if r.Kind != scopes.KindUser {
		return t, nil
	}
	t.Owner = r.ID
	a, err := s.account(ctx, s.st, UserID(r.ID))
	if errors.Is(err, ErrNotFound) {
		return t, nil
	}
	t.OwnerGroups = a.groupIDs()
	return t, err
}

// sources are all that gives somebody rights, each on its own.
func (s *Service) sources(self scopes.Self, held []RoleID, grants []Grant, groups []GroupRef) []scopes.Source {
	var out []scopes.Source
	for _, r := range held {
		if _, ok := s.builtIn[r]; ok {
			out = append(out, scopes.Source{Kind: "role", Name: string(r), Set: s.setOf(self, []RoleID{r}, nil)})
		}
	}
	for _, g := range grants {
		name := g.Name
		if name == "" {
			name = string(g.Role)
		}
		src := scopes.Source{Kind: "role", Name: name, Set: s.setOfGrant(self, g)}
		for _, group := range groups {
			if group.ID == g.Group {
				src.Kind, src.Name, src.Via = "group", group.Name, name
			}
		}
		out = append(out, src)
	}
	return out
}
