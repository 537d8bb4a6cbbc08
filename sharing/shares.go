package sharing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// NewShare is what a share is made from.
type NewShare struct {
	User      string        // id of the receiver; or
	Group     string        // id of the group that receives it
	Scopes    []string      // names, or names filtered to the resource; none means the default ones of the kind
	ExpiresIn time.Duration // whole seconds; 0 means the kind's own
}

// authority is what somebody may do with the shares of one resource.
type authority struct {
	*scene
	sub scopes.Subject
	all bool // they may manage all shares; else just those that they gave
}

// authorize looks up what the caller may do with the shares of a resource. scope is shares or
// read:shares. Of a kind that allows it receivers may share on. A ScopeError if the caller
// lacks the scope altogether, or ErrNotFound.
func (s *Service) authorize(ctx context.Context, p Principal, r Ref, scope string) (authority, error) {
	id, _ := s.schema.ID(scope)
	lacks := &ScopeError{Need: []string{scope}}
	if !s.HasKind(r.Kind) {
		if p.Subject().Held.Has(id) {
			return authority{}, ErrNotFound
		}
		return authority{}, lacks
	}
	sub, sc, err := s.subjectOn(ctx, p, r)
	if err != nil {
		return authority{}, err
	}
	a := authority{scene: sc, sub: sub}
	verdict := sub.Decide(id, sc.target)
	switch {
	case verdict == scopes.Allowed && sc.target.Owner != "":
		a.all = true
		return a, nil
	case verdict != scopes.Allowed && sc.kind.Reshare && s.received(sc, p) &&
		(sub.Ceiling == nil || scopes.Subject{Held: sub.Ceiling}.Allows(id, sc.target)):
		return a, nil
	case verdict == scopes.NotHeld:
		return authority{}, lacks
	}
	return authority{}, ErrNotFound
}

// subjectOn is subject with the whole scene.
func (s *Service) subjectOn(ctx context.Context, p Principal, r Ref) (scopes.Subject, *scene, error) {
	sc, err := s.scene(ctx, r)
	if err != nil {
		return scopes.Subject{}, nil, err
	}
	return s.complete(p, sc), sc, nil
}

// complete adds what the principal holds on the resource to what they hold by roles.
func (s *Service) complete(p Principal, sc *scene) scopes.Subject {
	sub := p.Subject()
	user, _ := p.Holder()
	sets := []*scopes.Set{sub.Held}
	for _, src := range s.sources(sc, user, p.GroupIDs()) {
		sets = append(sets, src.Set)
	}
	sub.Held = s.schema.Merge(sets...)
	return sub
}

// received tells whether the principal has a share of the resource that counts.
func (s *Service) received(sc *scene, p Principal) bool {
	user, _ := p.Holder()
	return slices.ContainsFunc(
		s.sources(sc, user, p.GroupIDs()), func(src scopes.Source) bool { return src.Kind == "share" },
	)
}

// manages tells whether the caller may change a share or a code that giver gave.
func (a authority) manages(p Principal, giver Holder) bool {
	return a.all || giver == holderOf(p)
}

func holderOf(p Principal) Holder {
	user, service := p.Holder()
	return Holder{user, service}
}

// within returns a CeilingError unless the caller holds all the scopes on the resource with the
// present credential.
func (s *Service) within(a authority, names []string) error { return s.beyond(a.sub, a.target, names) }

// beyond returns a CeilingError unless the subject has all the scopes, also by such as imply
// them.
func (s *Service) beyond(sub scopes.Subject, t scopes.Target, names []string) error {
	var over []string
	for _, n := range names {
		if id, _ := s.schema.ID(n); !sub.Allows(id, t) {
			over = append(over, n+"!"+t.Kind+"="+t.ID)
		}
	}
	if len(over) > 0 {
		return &CeilingError{Excess: over}
	}
	return nil
}

// Create gives a share. It needs shares on the resource, or a share of it where the kind lets
// receivers share on, and each scope given. Sharing the same twice makes two shares. Beside a
// ScopeError and ErrNotFound: a FieldsError, a CeilingError, and ErrNoHolder for the host
// itself. A receiver that does not exist is a FieldsError of code unknown.
func (s *Service) Create(ctx context.Context, p Principal, r Ref, in NewShare) (Share, error) {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return Share{}, err
	}
	at := s.now()
	out := Share{ID: token.NewID(at), Resource: r, Giver: holderOf(p), User: in.User, Group: in.Group, CreatedAt: at}
	var f fieldErrors
	if (in.User == "") == (in.Group == "") {
		f.add("user", CodeRequired, "Share with one user or with one group.")
	}
	out.Scopes = s.names(&f, a.kind, r, in.Scopes)
	out.ExpiresAt = a.kind.expiry(&f, at, in.ExpiresIn)
	if err := f.err(); err != nil {
		return Share{}, err
	}
	if out.Giver == (Holder{}) {
		return Share{}, ErrNoHolder
	}
	if err := s.within(a, out.Scopes); err != nil {
		return Share{}, err
	}
	err = s.st.Tx(ctx, func(st Store) error {
		if _, err := st.AddShare(ctx, out); err != nil {
			return err
		}
		return s.audit(ctx, st, p, "share.create", r, map[string]any{
			"share": out.ID, "scopes": out.Scopes, "user": out.User, "group": out.Group,
		})
	})
	if errors.Is(err, ErrNotFound) {
		return Share{}, &FieldsError{[]FieldError{{receiverField(in), CodeUnknown, "There is no such receiver."}}}
	}
	if err != nil {
		return Share{}, fmt.Errorf("create share: %w", err)
	}
	return out, nil
}

func receiverField(in NewShare) string {
	if in.Group != "" {
		return "group"
	}
	return "user"
}

// Shares lists the shares of a resource. It needs read:shares on it; who only may share on sees
// those that they gave.
func (s *Service) Shares(ctx context.Context, p Principal, r Ref, q PageQuery) (Page[Share], error) {
	a, err := s.authorize(ctx, p, r, "read:shares")
	if err != nil {
		return Page[Share]{}, err
	}
	sq := ShareQuery{Resources: []Ref{r}, Now: s.now(), After: q.Cursor}
	if !a.all {
		sq.Giver = holderOf(p)
	}
	return s.shares(ctx, sq, q)
}

func (s *Service) shares(ctx context.Context, sq ShareQuery, q PageQuery) (Page[Share], error) {
	limit, err := q.limit(canonicalID)
	if err != nil {
		return Page[Share]{}, err
	}
	sq.Limit = limit + 1
	list, err := s.st.Shares(ctx, sq)
	return page(list, limit, err, func(x Share) string { return x.ID })
}

// SharePatch narrows a share; nil fields stay as they are.
type SharePatch struct {
	Scopes    *[]string      // all of them; none is a FieldsError
	ExpiresIn *time.Duration // from now, whole seconds
}

// Update narrows a share: it may lose scopes, keep those that another of its scopes implies,
// and end earlier, nothing else; wider is a CeilingError. It needs shares on the resource, or
// to have given the share.
func (s *Service) Update(ctx context.Context, p Principal, r Ref, id string, patch SharePatch) (Share, error) {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return Share{}, err
	}
	var out Share
	err = s.st.Tx(ctx, func(st Store) error {
		old, err := st.Share(ctx, id)
		if err == nil && (old.Resource != r || !a.manages(p, old.Giver) || ended(old.ExpiresAt, s.now())) {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		out, err = st.UpdateShare(ctx, id, func(now *Share) error { return s.narrow(a.kind, now, patch) })
		if err != nil {
			return err
		}
		return s.audit(ctx, st, p, "share.update", r, map[string]any{"share": id, "scopes": out.Scopes})
	})
	if err != nil {
		return Share{}, fmt.Errorf("update share: %w", err)
	}
	return out, nil
}

func ended(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }

// narrow is the edit of a patch.
func (s *Service) narrow(k kind, x *Share, patch SharePatch) error {
	var f fieldErrors
	if patch.Scopes != nil {
		if len(*patch.Scopes) == 0 {
			f.add("scopes", CodeRequired, "Delete the share instead.")
		} else {
			names := s.names(&f, k, x.Resource, *patch.Scopes)
			if over := s.beyond(scopes.Subject{
				Held: s.on(x.Resource, x.Scopes...),
			}, scopes.Target{Kind: x.Resource.Kind, ID: x.Resource.ID}, names); over != nil && len(f) == 0 {
				return over
			}
			x.Scopes = names
		}
	}
	if patch.ExpiresIn != nil {
		if *patch.ExpiresIn < time.Second || *patch.ExpiresIn > 3650*day || *patch.ExpiresIn%time.Second != 0 {
			f.add("expires_in", CodeInvalid, "Whole seconds.")
			return f.err()
		}
		end := s.now().Add(*patch.ExpiresIn)
		if !x.ExpiresAt.IsZero() && end.After(x.ExpiresAt) {
			return &CeilingError{Excess: []string{"expires_in"}}
		}
		x.ExpiresAt = end
	}
	return f.err()
}

// Revocation says which shares of a resource end.
type Revocation struct {
	ID    string // one share; or
	User  string // all of one receiver, and
	Group string
	Code  string // all that came from one code
	All   bool   // all of them
}

// check refuses what names nothing, and names in the place of ids: else shares would stay of
// which the caller believes that they ended.
func (r Revocation) check() error {
	var f fieldErrors
	if r == (Revocation{}) {
		f.add("all", CodeRequired, "Say which shares, or all.")
	}
	for _, x := range []struct{ field, id string }{{"user", r.User}, {"group", r.Group}, {"code", r.Code}} {
		if x.id != "" && !canonicalID(x.id) {
			f.add(x.field, CodeInvalid, "This is no id.")
		}
	}
	return f.err()
}

// Revoke ends shares of a resource, and with them what their receivers passed on. It needs
// shares on the resource; who only may share on ends what they gave. One share that is not
// there is ErrNotFound; of the others none is no error. A Revocation that says nothing, or
// names what can be no id, is a FieldsError.
func (s *Service) Revoke(ctx context.Context, p Principal, r Ref, which Revocation) error {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return err
	}
	if err := which.check(); err != nil {
		return err
	}
	err = s.st.Tx(ctx, func(st Store) error {
		n, err := s.revoke(ctx, st, p, a, r, which)
		if err != nil {
			return err
		}
		if n == 0 && which.ID != "" {
			return ErrNotFound
		}
		return s.audit(ctx, st, p, "shares.revoke", r, map[string]any{
			"count": n, "share": which.ID, "user": which.User, "group": which.Group, "code": which.Code,
		})
	})
	if err != nil {
		return fmt.Errorf("revoke shares: %w", err)
	}
	return nil
}

func (s *Service) revoke(
	ctx context.Context, st Store, p Principal, a authority, r Ref, which Revocation,
) (int, error) {
	sel := ShareSelection{Resource: r, ID: which.ID, User: which.User, Group: which.Group, Code: which.Code}
	if a.all {
		return st.DeleteShares(ctx, sel)
	}
	own, err := st.Shares(ctx, ShareQuery{Resources: []Ref{r}, Giver: holderOf(p), Now: s.now()})
	if err != nil {
		return 0, err
	}
	total := 0
	for _, x := range own {
		if which.ID != "" && x.ID != which.ID {
			continue
		}
		sel.ID = x.ID
		n, err := st.DeleteShares(ctx, sel)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}
