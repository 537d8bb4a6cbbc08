package sharing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// Share is a grant of scopes on one resource from a giver to a user or a group. A scope of it
// counts only while the giver could give it: as the owner, by role, or by a share that counts
// itself.
type Share struct {
	ID        string // UUIDv7
	Resource  auth.ResourceRef
	Giver     auth.Holder
	User      auth.UserID  // the receiver; empty for a group
	Group     auth.GroupID // the receiver; empty for a user
	Scopes    []string     // names, sorted; each is filtered to the resource
	Code      string       // id of the share code that it came from; empty if it was given directly
	CreatedAt time.Time
	ExpiresAt time.Time // zero means never
}

// ShareQuery selects shares that have not expired, by id ascending. Zero fields do not filter.
// A list that is empty but not nil selects nothing.
type ShareQuery struct {
	Kind      string
	Resources []auth.ResourceRef
	User      auth.UserID    // received by this user
	Groups    []auth.GroupID // or by one of these groups
	Giver     auth.Holder
	Code      string    // id of a share code
	Now       time.Time // only those whose ExpiresAt is zero or after this
	After     string    // only ids greater than this
	Limit     int       // 0 for all
}

// ShareSelection selects shares to delete. Resource is required. A share must match all other
// fields that are set.
type ShareSelection struct {
	Resource auth.ResourceRef
	ID       string
	User     auth.UserID  // the receiver
	Group    auth.GroupID // the receiver
	Code     string       // id of a share code
}

// ShareInput is the input of Create. It has either User or Group.
type ShareInput struct {
	User      auth.UserID   // the receiver
	Group     auth.GroupID  // the receiver
	Scopes    []string      // names, or names filtered to the resource; none means the defaults of the kind
	ExpiresIn time.Duration // whole seconds; 0 means as the kind says
}

// Create gives a share. The caller needs the scope shares on the resource, or a share of it
// where the kind lets people reshare. They must also hold each scope that they give, with the
// credential in use. Sharing the same thing twice makes two shares.
//
// The errors are those of Authorize, a FieldsError, a CeilingError, and ErrNoHolder if the host
// itself calls. If the receiver does not exist, the error is a FieldsError with the reason code
// unknown.
func (s *Service) Create(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef, in ShareInput,
) (Share, error) {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return Share{}, err
	}
	out, err := s.newShare(a, in)
	if err != nil {
		return Share{}, err
	}
	err = s.tx(ctx, func(tx auth.Tx, st Store) error { return s.addShare(ctx, tx, st, p, out) })
	if errors.Is(err, auth.ErrNotFound) {
		field := "user"
		if in.Group != "" {
			field = "group"
		}
		return Share{}, fieldError(field, auth.CodeUnknown, "There is no such receiver.")
	}
	if err != nil {
		return Share{}, fmt.Errorf("create share: %w", err)
	}
	return out, nil
}

// newShare checks an input and makes a share of it.
func (s *Service) newShare(a authority, in ShareInput) (Share, error) {
	at := s.now()
	out := Share{
		ID: token.NewID(at), Resource: a.ref, Giver: a.p.Holder(), User: in.User, Group: in.Group, CreatedAt: at,
	}
	var f auth.FieldsError
	if (in.User == "") == (in.Group == "") {
		f.Add("user", auth.CodeRequired, "Share with one user or with one group.")
	}
	out.Scopes = s.names(&f, a.kind, a.ref, in.Scopes)
	out.ExpiresAt = a.kind.expiry(&f, at, in.ExpiresIn)
	if err := f.Err(); err != nil {
		return Share{}, err
	}
	if out.Giver == (auth.Holder{}) {
		return Share{}, ErrNoHolder
	}
	return out, s.within(a, out.Scopes)
}

// addShare stores a share and its audit record.
func (s *Service) addShare(ctx context.Context, tx auth.Tx, st Store, p *auth.Principal, x Share) error {
	if _, err := st.AddShare(ctx, x); err != nil {
		return err
	}
	return s.audit(ctx, tx, p, change{"share.create", x.Resource, map[string]any{
		"share": x.ID, "scopes": x.Scopes, "user": x.User, "group": x.Group,
	}})
}

// Shares lists the shares of a resource, by id. The caller needs the scope read:shares on it. A
// caller who may only reshare sees the shares that they gave.
func (s *Service) Shares(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef, q auth.PageQuery,
) (auth.Page[Share], error) {
	a, err := s.authorize(ctx, p, r, "read:shares")
	if err != nil {
		return auth.Page[Share]{}, err
	}
	return s.sharesPage(ctx, ShareQuery{Resources: []auth.ResourceRef{r}, Giver: a.giver()}, q)
}

func (s *Service) sharesPage(ctx context.Context, sq ShareQuery, q auth.PageQuery) (auth.Page[Share], error) {
	size, err := q.Size()
	if err != nil {
		return auth.Page[Share]{}, err
	}
	sq.Now, sq.After, sq.Limit = s.now(), q.Cursor, size+1
	list, err := s.st.Shares(ctx, sq)
	return auth.NewPage(list, size, err, func(x Share) string { return x.ID })
}

// SharePatch narrows a share. Fields that are nil stay as they are.
type SharePatch struct {
	Scopes    *[]string      // all that remain; an empty list is a FieldsError
	ExpiresIn *time.Duration // from now, whole seconds
}

// Update narrows a share. The share may lose scopes, swap a scope for one that it implies, and
// end earlier. Anything wider is a CeilingError. The caller needs the scope shares on the
// resource, or must have given the share.
func (s *Service) Update(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef, id string, patch SharePatch,
) (Share, error) {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return Share{}, err
	}
	var out Share
	err = s.tx(ctx, func(tx auth.Tx, st Store) error {
		old, err := st.Share(ctx, id)
		if err == nil && (old.Resource != r || !a.manages(old.Giver) || ended(old.ExpiresAt, s.now())) {
			err = auth.ErrNotFound
		}
		if err != nil {
			return err
		}
		out, err = st.UpdateShare(ctx, id, func(x *Share) error { return s.narrow(a.kind, x, patch) })
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, p, change{"share.update", r, map[string]any{"share": id, "scopes": out.Scopes}})
	})
	if err != nil {
		return Share{}, fmt.Errorf("update share: %w", err)
	}
	return out, nil
}

// ended reports whether something has ended that ends at a time, or never if that is zero.
func ended(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }

// narrow applies a patch to a share.
func (s *Service) narrow(k kind, x *Share, patch SharePatch) error {
	var f auth.FieldsError
	if patch.Scopes != nil {
		if len(*patch.Scopes) == 0 {
			f.Add("scopes", auth.CodeRequired, "A share has at least one scope. Delete it instead.")
		} else {
			names := s.names(&f, k, x.Resource, *patch.Scopes)
			has := scopes.Subject{Held: s.on(x.Resource, x.Scopes...)}
			over := s.beyond(has, scopes.Target{Kind: x.Resource.Kind, ID: x.Resource.ID}, names)
			if over != nil && len(f.Fields) == 0 {
				return over
			}
			x.Scopes = names
		}
	}
	if patch.ExpiresIn != nil {
		if *patch.ExpiresIn < time.Second || *patch.ExpiresIn > 3650*day || *patch.ExpiresIn%time.Second != 0 {
			f.Add("expires_in", auth.CodeInvalid, "Use whole seconds, at most 3,650 days.")
			return f.Err()
		}
		end := s.now().Add(*patch.ExpiresIn)
		if !x.ExpiresAt.IsZero() && end.After(x.ExpiresAt) {
			return &auth.CeilingError{Excess: []string{"expires_in"}}
		}
		x.ExpiresAt = end
	}
	return f.Err()
}

// names reads the scopes of a share or a code: names, or names filtered to the resource. An
// empty list means the defaults of the kind.
func (s *Service) names(f *auth.FieldsError, k kind, r auth.ResourceRef, list []string) []string {
	if len(list) == 0 {
		return slices.Clone(k.Default)
	}
	var out []string
	for _, text := range list {
		sc, err := s.schema.Parse(text)
		var bad *scopes.ParseError
		switch {
		case errors.As(err, &bad):
			f.Add("scopes", bad.Code, bad.Error())
		case sc.Kind != "" && (sc.Kind != r.Kind || sc.Value != r.ID):
			f.Add("scopes", auth.CodeInvalid, "Filter the scope to this resource, or leave the filter out.")
		case !slices.Contains(k.Shareable, sc.Name):
			f.Add("scopes", CodeNotShareable, sc.Name+" can't be shared.")
		default:
			out = append(out, sc.Name)
		}
	}
	return sorted(out)
}
