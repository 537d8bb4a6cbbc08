package sharing

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/auth"
)

// Revocation says which shares of a resource end.
type Revocation struct {
	ID    string       // one share; or
	User  auth.UserID  // all of one receiver, and
	Group auth.GroupID // of one group, and
	Code  string       // all that came from one share code
	All   bool         // all of them
}

// check refuses a revocation that names nothing, and one that has names in place of ids.
// Otherwise shares would stay of which the caller believes that they ended.
func (r Revocation) check() error {
	var f auth.FieldsError
	if r == (Revocation{}) {
		f.Add("all", auth.CodeRequired, "Say which shares, or all.")
	}
	for _, x := range []struct{ field, id string }{
		{"user", string(r.User)}, {"group", string(r.Group)}, {"code", r.Code},
	} {
		if x.id != "" && !auth.IsID(x.id) {
			f.Add(x.field, auth.CodeInvalid, "This is no id.")
		}
	}
	return f.Err()
}

// Revoke ends shares of a resource, and with them what their receivers passed on. It needs the
// scope shares on the resource; a caller who may only share on ends shares that they gave.
//
// A single share that does not exist is ErrNotFound. For the other selections it is no error if
// nothing matches. A Revocation that says nothing, or has something that can't be an id, is a
// FieldsError.
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

// revoke deletes shares, as far as the authority goes, and says how many.
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
