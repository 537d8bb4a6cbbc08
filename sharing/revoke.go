package sharing

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/auth"
)

// Revocation says which shares of a resource end: those that match every field that is set. If
// only All is set, all of them end.
type Revocation struct {
	ID    string
	User  auth.UserID  // the receiver
	Group auth.GroupID // the receiver
	Code  string       // id of the share code that they came from
	All   bool
}

// check refuses a revocation that selects nothing, and one that has names where ids belong.
// Otherwise shares could remain that the caller believes to have ended.
func (r Revocation) check() error {
	var f auth.FieldsError
	if r == (Revocation{}) {
		f.Add("all", auth.CodeRequired, "Say which shares to revoke, or all.")
	}
	for _, x := range []struct{ field, id string }{
		{"user", string(r.User)}, {"group", string(r.Group)}, {"code", r.Code},
	} {
		if x.id != "" && !auth.IsID(x.id) {
			f.Add(x.field, auth.CodeInvalid, "This is not an id.")
		}
	}
	return f.Err()
}

// Revoke ends shares of a resource, and thereby whatever their receivers passed on. The caller
// needs the scope shares on the resource. A caller who may only reshare ends shares that they
// gave themselves.
//
// Revoke returns auth.ErrNotFound if a single share does not exist. For other selections it is
// no error if nothing matches. It returns a FieldsError if the Revocation selects nothing, or
// has something that can't be an id.
func (s *Service) Revoke(ctx context.Context, p *auth.Principal, r auth.ResourceRef, which Revocation) error {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return err
	}
	if err := which.check(); err != nil {
		return err
	}
	err = s.tx(ctx, func(tx auth.Tx, st Store) error {
		n, err := s.revoke(ctx, st, a, which)
		if err != nil {
			return err
		}
		if n == 0 && which.ID != "" {
			return auth.ErrNotFound
		}
		return s.audit(ctx, tx, p, change{"shares.revoke", r, map[string]any{
			"count": n, "share": which.ID, "user": which.User, "group": which.Group, "code": which.Code,
		}})
	})
	if err != nil {
		return fmt.Errorf("revoke shares: %w", err)
	}
	return nil
}

// revoke deletes shares, as far as the authority goes, and returns their number.
func (s *Service) revoke(ctx context.Context, st Store, a authority, which Revocation) (int, error) {
	sel := ShareSelection{Resource: a.ref, ID: which.ID, User: which.User, Group: which.Group, Code: which.Code}
	if a.all {
		return st.DeleteShares(ctx, sel)
	}
	own, err := st.Shares(ctx, ShareQuery{Resources: []auth.ResourceRef{a.ref}, Giver: a.giver(), Now: s.now()})
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
