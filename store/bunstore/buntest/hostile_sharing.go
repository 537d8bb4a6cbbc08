package buntest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

func newCode(r auth.ResourceRef, giver auth.Holder) sharing.ShareCode {
	return sharing.ShareCode{
		ID: newID(), Hash: newHash(), Resource: r, Giver: giver, Scopes: []string{"read:notes"},
		Audience: sharing.Audience{Type: sharing.SignedIn},
		MaxUses:  5, CreatedAt: start, ExpiresAt: start.Add(time.Hour),
	}
}

// shares stores and finds records by hostile names of resources.
func (h hostileRound) shares(st sharing.Store) {
	ctx, a := h.t.Context(), newAccount(newID())
	must(h.t, h.st.CreateAccount(ctx, a))
	owner := a.ID
	r := sharing.Resource{
		ResourceRef: auth.ResourceRef{Kind: h.next(), ID: h.next() + string(owner)}, Owner: owner, CreatedAt: start,
	}
	created, err := st.PutResource(ctx, r)
	must(h.t, err)
	h.same("created", created, true)
	owners, err := st.Owners(ctx, r.Kind, []string{h.next(), r.ID})
	must(h.t, err)
	h.same("owner", owners[r.ID], owner)
	list, err := st.Resources(ctx, sharing.ResourceQuery{
		Kind: r.Kind, IDs: []string{h.next() + "?0\x01", r.ID}, Owners: []auth.UserID{owner, auth.UserID(h.next())},
		Limit: 9,
	})
	must(h.t, err)
	h.same("resources", list, []sharing.Resource{r})

	c := newCode(r.ResourceRef, auth.Holder{User: owner})
	c.Scopes, c.Label, c.Next = []string{h.next(), h.next()}, h.next(), h.next()
	c.Audience = sharing.Audience{Type: sharing.AudienceType(h.next()), Value: h.next()}
	must(h.t, st.AddShareCode(ctx, c))
	code, err := st.ShareCode(ctx, r.ResourceRef, c.ID)
	must(h.t, err)
	h.same("code", code, c)
	x := sharing.Share{
		ID: newID(), Resource: r.ResourceRef, Giver: c.Giver, User: owner, Scopes: c.Scopes, Code: c.ID,
		CreatedAt: start,
	}
	added, err := st.AddShare(ctx, x)
	must(h.t, err)
	h.same("added", added, true)
	shares, err := st.Shares(
		ctx, sharing.ShareQuery{
			Kind: r.Kind, Resources: []auth.ResourceRef{{Kind: h.next(), ID: h.next()}, r.ResourceRef},
		},
	)
	must(h.t, err)
	h.same("shares", shares, []sharing.Share{x})
	audit := auth.AuditRecord{ID: auth.AuditID(newID()), At: start, Actor: h.next(), Action: h.next(), Target: h.next()}
	audit.Detail, _ = json.Marshal(h.next())
	must(h.t, h.st.AddAudit(ctx, audit))
	deleted, err := st.DeleteResource(ctx, r.ResourceRef)
	must(h.t, err)
	h.same("deleted", deleted, true)
	_, err = st.Share(ctx, x.ID)
	h.same("share", errors.Is(err, auth.ErrNotFound), true)
}

// badResource is BadText for the names of resources.
func badResource(t *testing.T, st sharing.Store, owner auth.UserID) {
	ctx := t.Context()
	for _, s := range []string{"\x00", "1\x00", "\x00'; DELETE FROM hallpass_users; --"} {
		for _, r := range []auth.ResourceRef{{Kind: "note", ID: s}, {Kind: s, ID: "1"}} {
			if _, err := st.PutResource(
				ctx, sharing.Resource{ResourceRef: r, Owner: owner, CreatedAt: start},
			); err == nil {
				t.Errorf("stored %q", r)
			}
			owners, err := st.Owners(ctx, r.Kind, []string{r.ID, s})
			if err != nil || len(owners) > 0 {
				t.Errorf("%q is owned by %v, %v", r, owners, err)
			}
			if deleted, err := st.DeleteResource(ctx, r); err != nil || deleted {
				t.Errorf("deleted %q: %v, %v", r, deleted, err)
			}
			if _, err := st.ShareCode(ctx, r, newID()); !errors.Is(err, auth.ErrNotFound) {
				t.Errorf("a code of %q: %v", r, err)
			}
			for name, n := range badCounts(t, st, r) {
				if n != 0 {
					t.Errorf("%s of %q: %d", name, r, n)
				}
			}
		}
	}
}

// badCounts is how many are found or removed.
func badCounts(t *testing.T, st sharing.Store, r auth.ResourceRef) map[string]int {
	t.Helper()
	ctx := t.Context()
	resources, err := st.Resources(ctx, sharing.ResourceQuery{Kind: r.Kind, IDs: []string{r.ID}, Limit: 9})
	must(t, err)
	later, err := st.Resources(ctx, sharing.ResourceQuery{Kind: "note", All: true, After: r.Kind + r.ID, Limit: 9})
	must(t, err)
	shares, err := st.Shares(ctx, sharing.ShareQuery{Kind: r.Kind, Resources: []auth.ResourceRef{r}})
	must(t, err)
	codes, err := st.ShareCodes(ctx, sharing.ShareCodeQuery{Resource: r, Limit: 9})
	must(t, err)
	noCodes, err := st.DeleteShareCodes(ctx, r, "")
	must(t, err)
	noShares, err := st.DeleteShares(ctx, sharing.ShareSelection{Resource: r})
	must(t, err)
	return map[string]int{
		"Resources": len(resources), "Resources after": len(later), "Shares": len(shares), "Codes": len(codes),
		"DeleteShareCodes": noCodes, "DeleteShares": noShares,
	}
}
