package auth

import (
	"context"
	"errors"

	"github.com/hallpass-go/hallpass/scopes"
)

// Question asks whether somebody may use a scope on a resource. The resource can be given as
// Resource or as a filter of the scope: "read:notes!note=7" is the same question as
// "read:notes" with the note 7 as Resource. Without a resource the question is about everything
// at once, such as creating and listing.
type Question struct {
	Scope    string
	Resource *ResourceRef
}

// ResourceRef names a resource: a user, a group, or a resource of the host.
type ResourceRef struct {
	Kind string
	ID   string
}

// Resources looks up the host's resources for a decision. *sharing.Service implements it. Where
// a Resources may be nil, nil means that only roles decide and that no resource has an owner.
type Resources interface {
	// Sources returns what gives the user rights over r beside roles, such as ownership and
	// shares, and the target that r is in a decision. user is empty if nobody or a service
	// asks. A resource that does not exist is not an error.
	Sources(ctx context.Context, user UserID, groups []GroupID, r ResourceRef) ([]scopes.Source, scopes.Target, error)
}

// Explanation is the answer to a Question, with the reasons.
type Explanation struct {
	Allowed bool
	Because []scopes.Source // each of these is enough, if the credential in use does not limit it
	Missing string          // the narrowest scope that would be enough; empty if none is missing
	// Credential is true if the scopes of the credential in use do not allow it.
	Credential bool
}

// Check reports whether the caller may do what the question asks about, with the credential in
// use. It needs no scope. res may be nil. A resource that does not exist is not an error. It
// has no owner, so only a filter that names it covers it.
//
// Check returns ErrUnauthenticated for a nil caller, and a FieldsError if the scope or the
// resource of the question is not valid.
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

// Explain is Check for any user, and also tells the reasons. If the id is empty or the caller's
// own, it answers for the caller, with the credential in use. It needs the scope read:users for
// the user; a service may ask about itself without it.
//
// Explain returns the errors of Check and of AuthorizeUser.
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

// asked is a question, ready to be decided.
type asked struct {
	scope   scopes.ID
	target  scopes.Target
	sources []scopes.Source // what gives the user rights over the resource, beside roles
}

// ask looks up what it takes to decide a question about who, which is zero for a service and
// for a guest. A bare filter in the question stands for the caller's own id.
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
			f.Add("resource", CodeInvalid, "The filter of the scope already names a resource. Leave one of them out.")
		}
		r = *q.Resource
		if !s.hasKind(r.Kind) {
			f.Add("resource.kind", CodeUnknown, "There is no such kind of resource.")
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

// hasKind reports whether the model has the kind.
func (s *Service) hasKind(name string) bool {
	for _, k := range s.schema.Kinds() {
		if k.Name == name {
			return true
		}
	}
	return false
}

// target looks up what a decision about a user or a group depends on. A resource of another
// kind is taken as it is, without an owner.
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

// sources lists the roles and groups that give somebody rights, each on its own.
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
