package servicetest

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

// bench is a service on a store with some users. It hashes as in production.
type bench struct {
	*auth.Service
	ctx context.Context
	op  *auth.Principal
}

const benchUsers = 64

func newBench(b *testing.B, open func(testing.TB) store.Store) *bench {
	b.Helper()
	s, err := auth.New(open(b).Auth(), auth.Config{
		Secret: []byte("a secret for tests only, 32 bytes"), BaseURL: "https://app.example",
		Limits: unlimited(),
	})
	if err != nil {
		b.Fatal(err)
	}
	x := &bench{Service: s, ctx: b.Context(), op: s.Operator("bench")}
	for i := range benchUsers {
		if _, err := s.CreateUser(
			x.ctx, x.op, auth.UserInput{Username: fmt.Sprintf("user%d", i), Password: pass}, home,
		); err != nil {
			b.Fatal(err)
		}
	}
	return x
}

func (x *bench) signIn(i int) (auth.TokenAnswer, error) {
	return x.PasswordGrant(
		x.ctx, auth.SignInRequest{Login: fmt.Sprintf("user%d", i%benchUsers), Password: pass, Client: home},
	)
}

// BenchmarkPasswordSignIn compares the rate of sign-ins with a password to the rate of hashes
// alone. There are always callers waiting, as in a busy server, so that the store works while
// others hash.
func BenchmarkPasswordSignIn(b *testing.B, open func(testing.TB) store.Store) {
	x := newBench(b, open)
	h, err := password.NewHasher(password.Config{})
	if err != nil {
		b.Fatal(err)
	}
	busy := func(name string, do func(i int) error) {
		b.Run(name, func(b *testing.B) {
			var n atomic.Int64
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := do(int(n.Add(1))); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
	busy("hash", func(int) error { _, err := h.Hash(x.ctx, pass); return err })
	busy("sign-in", func(i int) error { _, err := x.signIn(i); return err })
}

// BenchmarkAuthenticate compares the check of an access token that was not seen before to the
// check of its signature alone.
func BenchmarkAuthenticate(b *testing.B, open func(testing.TB) store.Store) {
	x := newBench(b, open)
	t, err := x.signIn(0)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("ed25519", func(b *testing.B) {
		public, private, err := ed25519.GenerateKey(nil)
		if err != nil {
			b.Fatal(err)
		}
		text := []byte(t.Access)
		sig := ed25519.Sign(private, text)
		b.ReportAllocs()
		for b.Loop() {
			if !ed25519.Verify(public, text, sig) {
				b.Fatal("bad signature")
			}
		}
	})
	b.Run("first-seen", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := x.Authenticate(x.ctx, t.Access); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRefresh measures one rotation of a refresh token.
func BenchmarkRefresh(b *testing.B, open func(testing.TB) store.Store) {
	x := newBench(b, open)
	t, err := x.signIn(0)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if t, err = x.Refresh(x.ctx, auth.RefreshRequest{Token: t.Refresh.Reveal(), Client: home}); err != nil {
			b.Fatal(err)
		}
	}
}

const (
	benchOwners    = 100
	benchResources = 100_000
	benchShared    = 1000
)

// shareBench is sharing on a store with benchResources notes of benchOwners users. The caller
// received benchShared of them.
type shareBench struct {
	*auth.Service
	b      *testing.B
	ctx    context.Context
	st     store.Store
	shares *sharing.Service
	owners []*auth.Principal
	caller *auth.Principal
}

func newShareBench(b *testing.B, st store.Store) *shareBench {
	b.Helper()
	x := &shareBench{b: b, ctx: b.Context(), st: st}
	limits := unlimited()
	limits.ShareCode = limits.Account // the caller accepts one code after the other
	var err error
	x.Service, err = auth.New(st.Auth(), auth.Config{
		Secret: []byte("a secret for tests only, 32 bytes"), BaseURL: "https://app.example",
		Limits: limits, Hashing: cheap(),
		Scopes: scopes.Model{Kinds: []scopes.Kind{{Name: "note"}}, Scopes: []scopes.Definition{
			{Name: "read:notes", Filters: []string{"note", "user"}},
		}},
	})
	x.must(err)
	x.shares, err = sharing.New(x.Service, st.Sharing(), sharing.Config{Kinds: map[string]sharing.Kind{"note": {}}})
	x.must(err)
	for i := range benchOwners {
		x.owners = append(x.owners, x.person(fmt.Sprintf("owner%d", i)))
	}
	x.caller = x.person("caller")
	for first := 0; first < benchResources; first += 10_000 {
		x.must(x.Tx(x.ctx, func(tx auth.Tx) error { return x.fill(st.Sharing().In(tx), first, first+10_000) }))
	}
	return x
}

func (x *shareBench) must(err error) {
	x.b.Helper()
	if err != nil {
		x.b.Fatal(err)
	}
}

func (x *shareBench) person(name string) *auth.Principal {
	x.b.Helper()
	_, err := x.CreateUser(x.ctx, x.Operator("bench"), auth.UserInput{Username: name, Password: pass}, home)
	x.must(err)
	t, err := x.PasswordGrant(x.ctx, auth.SignInRequest{Login: name, Password: pass, Client: home})
	x.must(err)
	p, err := x.Authenticate(x.ctx, t.Access)
	x.must(err)
	return p
}

// fill adds resources and shares every hundredth with the caller.
func (x *shareBench) fill(st sharing.Store, from, to int) error {
	now := time.Now().UTC().Truncate(time.Microsecond)
	for i := from; i < to; i++ {
		r, owner := auth.ResourceRef{Kind: "note", ID: fmt.Sprintf("n%06d", i)}, idOf(x.owners[i/100%benchOwners])
		if _, err := st.PutResource(x.ctx, sharing.Resource{ResourceRef: r, Owner: owner, CreatedAt: now}); err != nil {
			return err
		}
		if i%(benchResources/benchShared) != 0 {
			continue
		}
		s := sharing.Share{ID: token.NewID(now), Resource: r, Giver: auth.Holder{User: owner}, User: idOf(x.caller),
			Scopes: []string{"read:notes"}, CreatedAt: now}
		if _, err := st.AddShare(x.ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// Floor runs statements on the driver, without the store.
type Floor struct {
	DB     *sql.DB
	Dollar bool   // placeholders are $1, $2, … instead of ?
	Begin  string // the statement that begins a transaction for writing
}

// statement is a query with its arguments.
type statement struct {
	sql    string
	values []any
}

// measure runs the reads, and then the writes in one transaction.
func (f Floor) measure(b *testing.B, reads, writes func() []statement) {
	conn, err := f.DB.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	run := func(list []statement) error {
		for _, s := range list {
			if f.Dollar {
				for n := 1; strings.Contains(s.sql, "?"); n++ {
					s.sql = strings.Replace(s.sql, "?", fmt.Sprintf("$%d", n), 1)
				}
			}
			if err := drain(b.Context(), conn, s); err != nil {
				return fmt.Errorf("%s: %w", s.sql, err)
			}
		}
		return nil
	}
	b.ReportAllocs()
	for b.Loop() {
		list := reads()
		if writes != nil {
			list = append(append(append(list, statement{sql: f.Begin}), writes()...), statement{sql: "COMMIT"})
		}
		if err := run(list); err != nil {
			b.Fatal(err)
		}
	}
}

// drain reads all rows of a statement, if it has any.
func drain(ctx context.Context, conn *sql.Conn, s statement) error {
	if !strings.HasPrefix(s.sql, "SELECT") {
		_, err := conn.ExecContext(ctx, s.sql, s.values...)
		return err
	}
	rows, err := conn.QueryContext(ctx, s.sql, s.values...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	into := make([]any, len(columns))
	for i := range into {
		into[i] = new(sql.RawBytes)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// BenchmarkVisible looks up what a caller with 1,000 shares can see among 100,000 resources,
// all of it and its first page. It compares that to the statements that are needed: the shares
// of the caller, the shares and owners of those resources, and the rights of the owners.
func BenchmarkVisible(b *testing.B, st store.Store, floor Floor) {
	x := newShareBench(b, st)
	v, err := x.shares.Visible(x.ctx, x.caller, "note", "read:notes")
	x.must(err)
	if len(v.IDs) != benchShared {
		b.Fatalf("%d resources are visible", len(v.IDs))
	}
	b.Run("raw", func(b *testing.B) {
		ids := "(SELECT resource_id FROM hallpass_shares WHERE to_user = ?)"
		me := []any{idOf(x.caller)}
		floor.measure(b, func() []statement {
			return []statement{
				{"SELECT * FROM hallpass_shares WHERE to_user = ? ORDER BY id", me},
				{"SELECT * FROM hallpass_shares WHERE kind = 'note' AND resource_id IN " + ids + " ORDER BY id", me},
				{"SELECT id, owner_id FROM hallpass_resources WHERE kind = 'note' AND id IN " + ids, me},
				{"SELECT * FROM hallpass_users WHERE id IN (SELECT giver_user FROM hallpass_shares WHERE to_user = ?)",
					me},
			}
		}, nil)
	})
	b.Run("visible", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := x.shares.Visible(x.ctx, x.caller, "note", "read:notes")
			x.must(err)
		}
	})
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			_, err := x.shares.Resources(x.ctx, x.caller, sharing.ResourceFilter{Kind: "note", Scope: "read:notes"})
			x.must(err)
		}
	})
}

// BenchmarkAcceptCode compares accepting a code to the statements that are needed. The share is
// removed again while the timer is stopped.
func BenchmarkAcceptCode(b *testing.B, st store.Store, floor Floor) {
	x := newShareBench(b, st)
	r := auth.ResourceRef{Kind: "note", ID: "n000050"}
	c, _, err := x.shares.CreateShareCode(x.ctx, x.owners[0], r, sharing.ShareCodeInput{})
	x.must(err)
	b.Run("raw", func(b *testing.B) {
		giver, me := idOf(x.owners[0]), idOf(x.caller)
		const now = "(SELECT created_at FROM hallpass_users LIMIT 1)"
		floor.measure(b, func() []statement {
			return []statement{
				{"SELECT * FROM hallpass_share_codes WHERE id = ?", []any{c.ID}},
				{"SELECT * FROM hallpass_shares WHERE code_id = ? AND to_user = ?", []any{c.ID, me}},
				{"SELECT * FROM hallpass_shares WHERE kind = 'note' AND resource_id = ?", []any{r.ID}},
				{"SELECT id, owner_id FROM hallpass_resources WHERE kind = 'note' AND id = ?", []any{r.ID}},
				{"SELECT * FROM hallpass_users WHERE id = ?", []any{giver}},
			}
		}, func() []statement {
			share := token.NewID(time.Now())
			return []statement{
				{"UPDATE hallpass_share_codes SET exchanges = exchanges + 1 WHERE id = ?", []any{c.ID}},
				{"SELECT id FROM hallpass_users WHERE id = ?", []any{giver}},
				{"SELECT id FROM hallpass_users WHERE id = ?", []any{me}},
				{"INSERT INTO hallpass_shares (id, kind, resource_id, giver_user, to_user, scopes, created_at)" +
					" VALUES (?, 'note', 'raw', ?, ?, '[\"read:notes\"]', " + now + ")", []any{share, giver, me}},
				{"SELECT id FROM hallpass_share_exchanges WHERE user_id = ? AND id = ?", []any{me, share}},
				{"INSERT INTO hallpass_share_exchanges (id, code_id, user_id, share_id, at)" +
					" VALUES (?, ?, ?, ?, " + now + ")", []any{share, c.ID, me, share}},
				{"INSERT INTO hallpass_audit (id, at, actor, action, target)" +
					" VALUES (?, " + now + ", ?, 'raw', 'raw')", []any{share, me}},
			}
		})
	})
	b.Run("accept", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			made, secret, err := x.shares.CreateShareCode(x.ctx, x.owners[0], r, sharing.ShareCodeInput{MaxUses: 1})
			x.must(err)
			b.StartTimer()
			_, err = x.shares.Accept(x.ctx, x.caller, secret.Reveal(), auth.Client{})
			x.must(err)
			b.StopTimer()
			x.must(x.shares.RevokeShareCode(x.ctx, x.owners[0], r, made.ID, true))
			b.StartTimer()
		}
	})
}
