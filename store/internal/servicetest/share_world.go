package servicetest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
)

// shareWorld is a world in which notes and memos, kept by the registry, and docs, kept by the
// host, are shared. Notes and docs may be shared on.
type shareWorld struct {
	*world
	shares *sharing.Service
	docs   docOwners
}

// docOwners are the documents of a host, by id.
type docOwners struct {
	mu     *sync.Mutex
	owners map[string]auth.UserID
}

func (d docOwners) set(id string, owner auth.UserID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.owners[id] = owner
}

func (d docOwners) find(_ context.Context, ids []string) (map[string]auth.UserID, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := maps.Clone(d.owners)
	maps.DeleteFunc(out, func(id string, _ auth.UserID) bool { return !slices.Contains(ids, id) })
	return out, nil
}

const day = 24 * time.Hour

func setupShares(t *testing.T, open Open) *shareWorld {
	t.Helper()
	filters := []string{"note", "memo", "doc", "user", "group"}
	w := setup(t, open, func(c *auth.Config) {
		c.Limits = unlimited()
		c.Scopes = scopes.Model{
			Kinds: []scopes.Kind{{Name: "note"}, {Name: "memo"}, {Name: "doc"}},
			Scopes: []scopes.Definition{
				{Name: "items", Label: "Edit items", Implies: []string{"read:items"}, Filters: filters},
				{Name: "read:items", Label: "Read items", Filters: filters},
			},
		}
		c.Roles = []auth.Role{
			{Name: "keeper", Scopes: []string{"items", "shares"}}, {Name: "looker", Scopes: []string{"read:items"}},
		}
	})
	s := &shareWorld{world: w, docs: docOwners{new(sync.Mutex), map[string]auth.UserID{}}}
	s.shares = s.shareReplica(w.Service)
	return s
}

// shareReplica is another sharing.Service on the same store.
func (w *shareWorld) shareReplica(accounts *auth.Service) *sharing.Service {
	w.t.Helper()
	all := []string{"items", "read:items", "shares"}
	s, err := sharing.New(accounts, w.st.Sharing(), sharing.Config{
		Kinds: map[string]sharing.Kind{
			"note": {Shareable: all, Default: []string{"read:items"}, Reshare: true},
			"memo": {Shareable: []string{"items", "read:items"}, Expiry: time.Hour, MaxExpiry: day},
			"doc":  {Shareable: all, Default: []string{"read:items"}, Reshare: true, Owners: w.docs.find},
		},
		AcceptURL: "https://app.example/share", Now: w.clock.Now,
	})
	w.must(err)
	return s
}

// persons makes users and signs them in.
func (w *shareWorld) persons(names ...string) []*auth.Principal {
	w.t.Helper()
	out := make([]*auth.Principal, len(names))
	for i, name := range names {
		w.signUp(name)
		out[i] = w.principal(name)
	}
	return out
}

func idOf(p *auth.Principal) auth.UserID { return p.User.ID }

// note registers a note.
func (w *shareWorld) note(p *auth.Principal, id string) auth.ResourceRef {
	w.t.Helper()
	r := auth.ResourceRef{Kind: "note", ID: id}
	_, _, err := w.shares.Put(w.ctx, p, r)
	w.must(err)
	return r
}

// give shares with a user; without scopes, for reading.
func (w *shareWorld) give(p *auth.Principal, r auth.ResourceRef, to *auth.Principal, names ...string) sharing.Share {
	w.t.Helper()
	s, err := w.shares.Create(w.ctx, p, r, sharing.ShareInput{User: idOf(to), Scopes: names})
	w.must(err)
	return s
}

// code makes a share code and returns its secret, too.
func (w *shareWorld) code(p *auth.Principal, r auth.ResourceRef, in sharing.ShareCodeInput) (sharing.ShareCode, string) {
	w.t.Helper()
	c, secret, err := w.shares.CreateShareCode(w.ctx, p, r, in)
	w.must(err)
	return c, secret.Reveal()
}

// accept is Accept without what it gives.
func (w *shareWorld) accept(p *auth.Principal, secret string) error {
	_, err := w.shares.Accept(w.ctx, p, secret, auth.Client{})
	return err
}

// readers checks who may read a resource now: those who are wanted, by name, and nobody else of
// the persons. Decide, Check, Explain and Visible all have to say so.
func (w *shareWorld) readers(when string, r auth.ResourceRef, of []*auth.Principal, want ...string) {
	w.t.Helper()
	for _, p := range of {
		p = w.principal(p.User.Username)
		should := slices.Contains(want, p.User.Username)
		v, err := w.shares.Decide(w.ctx, p, "read:items", r)
		w.must(err)
		q := auth.Question{Scope: "read:items", Resource: &auth.ResourceRef{Kind: r.Kind, ID: r.ID}}
		checked, err := w.Check(w.ctx, p, q, w.shares)
		w.must(err)
		why, err := w.Explain(w.ctx, p, "", q, w.shares)
		w.must(err)
		seen, err := w.shares.Visible(w.ctx, p, r.Kind, "read:items")
		w.must(err)
		in := seen.All || slices.Contains(seen.IDs, r.ID)
		if owners, err := w.shares.OwnersOf(w.ctx, []auth.ResourceRef{r}); err != nil ||
			slices.Contains(seen.Owners, owners[r]) {
			in = true
			w.must(err)
		}
		if v == scopes.Allowed != should || checked != should || why.Allowed != should || in != should ||
			should != (len(why.Because) > 0) {
			w.t.Errorf("%s: %s: decide %v, check %v, visible %v, explain %+v; want %v", when, p.User.Username, v,
				checked, in, why, should)
		}
		if !should && why.Missing == "" {
			w.t.Errorf("%s: %s: nothing is said to be missing", when, p.User.Username)
		}
	}
}

// uses is how often a code was accepted, by its count and by its records, which have to agree.
func (w *shareWorld) uses(p *auth.Principal, c sharing.ShareCode) int {
	w.t.Helper()
	list, err := w.shares.Exchanges(w.ctx, p, c.Resource, c.ID, auth.PageQuery{Limit: 200})
	w.must(err)
	stored, err := w.st.Sharing().ShareCode(w.ctx, c.Resource, c.ID)
	w.must(err)
	if len(list.Items) != stored.Exchanges || stored.LastExchangedAt.IsZero() != (stored.Exchanges == 0) {
		w.t.Fatalf("%d exchanges are recorded and %d counted, the last at %s", len(list.Items), stored.Exchanges,
			stored.LastExchangedAt)
	}
	return stored.Exchanges
}
