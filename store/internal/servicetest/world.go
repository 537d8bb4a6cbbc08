package servicetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

// Open opens an empty, migrated store, and closes it after the test.
type Open func(t *testing.T) store.Store

// pass is a password that the rules accept.
const pass = "tiny horse 42 staple"

// world is a store with a service on it.
type world struct {
	*auth.Service
	t     *testing.T
	ctx   context.Context
	clock *authtest.Clock
	st    store.Store
	cfg   auth.Config
	op    *auth.Principal

	devices *device.Service
}

// setup opens a store and makes a service with open sign-up; edit may change its configuration.
func setup(t *testing.T, open Open, edit ...func(*auth.Config)) *world {
	t.Helper()
	w := &world{
		t: t, ctx: t.Context(), clock: authtest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), st: open(t),
	}
	w.cfg = auth.Config{
		Secret: []byte("a secret for tests only, 32 bytes"), BaseURL: "https://app.example",
		Settings: policy.Settings{SignUp: policy.SignUpOpen},
		Hashing:  cheap(),
		Roles: []auth.Role{
			{Name: "helper", Scopes: []string{"users", "sessions", "read:logins"}},
			{Name: "eraser", Scopes: []string{"delete:users"}},
		},
		Scopes: scopes.Model{
			Kinds:  []scopes.Kind{{Name: "note"}},
			Scopes: []scopes.Definition{{Name: "read:notes", Label: "Read notes", Filters: []string{"note", "user"}}},
		},
		Now: w.clock.Now,
	}
	for _, e := range edit {
		e(&w.cfg)
	}
	w.Service = w.replica()
	w.op = w.Operator("test")
	var err error
	w.devices, err = device.New(w.Service, w.st.Devices())
	w.must(err)
	return w
}

// cheap makes hashing fast. Its queue is long enough for all callers of race.
func cheap() password.Config {
	return password.Config{
		Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true, Queue: 4096,
	}
}

// unlimited returns limits that are counted like others and never reached.
func unlimited() limit.Limits {
	l := limit.Limit{Burst: 1_000_000, Interval: 1e6}
	return limit.Limits{Account: l, AccountLong: l, Pair: l, Network: l, Device: l, Rename: l, SignUp: l}
}

// replica is another service on the same store.
func (w *world) replica() *auth.Service {
	w.t.Helper()
	s, err := auth.New(w.st.Auth(), w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// signUp makes a user with the password pass.
func (w *world) signUp(name string, roles ...string) auth.User {
	w.t.Helper()
	in := auth.UserInput{Username: name, Password: pass}
	if len(roles) > 0 {
		in.Roles = append(roles, "user")
	}
	u, err := w.CreateUser(w.ctx, w.op, in, auth.Client{})
	w.must(err)
	return u
}

// client returns a client with an IP address.
func client(ip string) auth.Client {
	return auth.Client{IP: netip.MustParseAddr(ip), UserAgent: "test"}
}

var home = client("192.0.2.1")

// tokens signs a user in and returns their tokens.
func (w *world) tokens(name string, scope ...string) auth.TokenAnswer {
	w.t.Helper()
	t, err := w.PasswordGrant(w.ctx, auth.SignInRequest{Login: name, Password: pass, Client: home, Scopes: scope})
	w.must(err)
	return t
}

// principal signs a user in and returns their principal.
func (w *world) principal(name string, scope ...string) *auth.Principal {
	w.t.Helper()
	p, err := w.Authenticate(w.ctx, w.tokens(name, scope...).Access)
	w.must(err)
	return p
}

func (w *world) refresh(t string, scope ...string) (auth.TokenAnswer, error) {
	return w.Refresh(w.ctx, auth.RefreshRequest{Token: t, Scopes: scope, Client: home})
}

func (w *world) guess(s *auth.Service, login, pw string, c auth.Client) error {
	_, err := s.SignIn(w.ctx, auth.SignInRequest{Login: login, Password: pw, Client: c})
	return err
}

// putRole makes or changes a role.
func (w *world) putRole(name string, list ...string) auth.Role {
	w.t.Helper()
	r, _, err := w.Roles.Put(w.ctx, w.op, name, auth.RoleInput{Scopes: list})
	w.must(err)
	return r
}

func (w *world) group(name string) auth.Group {
	w.t.Helper()
	g, err := w.Groups.Create(w.ctx, w.op, auth.GroupInput{Name: name})
	w.must(err)
	return g
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) want(err, target error) {
	w.t.Helper()
	if !errors.Is(err, target) {
		w.t.Fatalf("got error %v, want %v", err, target)
	}
}

// race runs n calls at the same time and returns their errors.
func race(n int, call func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = call(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// count counts errors that match target; nil counts successes.
func count(errs []error, target error) (n int) {
	for _, err := range errs {
		if target == nil && err == nil || target != nil && errors.Is(err, target) {
			n++
		}
	}
	return n
}

func errOf[T any](_ T, err error) error { return err }

func errOf2[T, U any](_ T, _ U, e error) error { return e }

func ptr[T any](v T) *T { return &v }

// mailWorld is a world whose service sends mail to box.
type mailWorld struct {
	*world
	box *mail.Memory
}

func setupMail(t *testing.T, open Open, edit ...func(*auth.Config)) *mailWorld {
	t.Helper()
	box := mail.NewMemory()
	w := setup(t, open, append([]func(*auth.Config){func(c *auth.Config) { c.Mailer = box }}, edit...)...)
	return &mailWorld{w, box}
}

// passwordless lets accounts have just an address, and raises the limits of mail.
func passwordless(c *auth.Config) {
	c.Identifiers = policy.Identifiers{Username: policy.Optional, Email: policy.Required}
	often := limit.Limit{Burst: 1000, Interval: time.Second}
	c.Limits.Mail, c.Limits.MailLong = often, often
}

// member makes a user with an address and the password pass.
func (w *mailWorld) member(email string, roles ...string) auth.User {
	w.t.Helper()
	name, _, _ := strings.Cut(email, "@")
	in := auth.UserInput{Username: name, Email: email, Password: pass}
	if len(roles) > 0 {
		in.Roles = append(roles, "user")
	}
	u, err := w.CreateUser(w.ctx, w.op, in, auth.Client{})
	w.must(err)
	return u
}

// proven marks an address as proven. The password stays.
func (w *mailWorld) proven(email string) error {
	a, err := w.st.Auth().AccountByLogin(w.ctx, strings.ToLower(email))
	if err != nil {
		return err
	}
	_, err = w.st.Auth().UpdateAccount(w.ctx, a.ID, func(a *auth.Account) error { a.EmailVerified = true; return nil })
	return err
}

func (w *mailWorld) mustUser(login string) auth.User {
	w.t.Helper()
	u, err := w.UserByLogin(w.ctx, w.op, login)
	w.must(err)
	return u
}

// stored returns an account as the store has it.
func (w *mailWorld) stored(id auth.UserID) auth.Account {
	w.t.Helper()
	a, err := w.st.Auth().Account(w.ctx, id)
	w.must(err)
	return a
}

// sessionsOf counts a user's sessions.
func (w *mailWorld) sessionsOf(id auth.UserID) int {
	w.t.Helper()
	list, err := w.Sessions.List(w.ctx, w.op, id, auth.PageQuery{})
	w.must(err)
	return len(list.Items)
}

// begun is a flow and the mail that was sent for it.
type begun struct {
	emailcode.Started
	authtest.Letter
}

// typed is the proof by the code.
func (b begun) typed() emailcode.Evidence {
	return emailcode.Evidence{Flow: b.Started.ID, Secret: b.Secret.Reveal(), Code: b.Code}
}

// mailed is the proof by the link.
func (b begun) mailed() emailcode.Evidence { return emailcode.Evidence{Token: b.Token} }

// wrong is a proof by a wrong code.
func (b begun) wrong() emailcode.Evidence {
	p := b.typed()
	p.Code = "BBBB-BBBB"
	if b.Code == p.Code {
		p.Code = "CCCC-CCCC"
	}
	return p
}

// letter sends waiting mail and returns the newest one to an address.
func (w *mailWorld) letter(to string) authtest.Letter {
	w.t.Helper()
	return authtest.Mailed(w.t, w.Service, w.box, to)
}

// linkToken returns the token in a link.
func linkToken(t *testing.T, link string) string {
	t.Helper()
	_, fragment, _ := strings.Cut(link, "#token=")
	token, _, found := strings.Cut(fragment, "&")
	if !found {
		t.Fatalf("%q has no token in its fragment", link)
	}
	return token
}

// begin begins a flow and returns it with its mail.
func (w *mailWorld) begin(email string, p emailcode.Purpose) begun {
	w.t.Helper()
	_, err := w.Outbox.Deliver(w.ctx) // earlier mail goes out first
	w.must(err)
	f, err := w.BeginEmailCode(w.ctx, email, p, home)
	w.must(err)
	return begun{f, w.letter(email)}
}

// silently begins a flow, and checks that no mail is sent for it.
func (w *mailWorld) silently(email string, p emailcode.Purpose) emailcode.Started {
	w.t.Helper()
	_, err := w.Outbox.Deliver(w.ctx)
	w.must(err)
	before := len(w.box.All())
	f, err := w.BeginEmailCode(w.ctx, email, p, home)
	w.must(err)
	_, err = w.Outbox.Deliver(w.ctx)
	w.must(err)
	if n := len(w.box.All()) - before; n != 0 {
		w.t.Fatalf("%d mails were sent for %s, want none", n, email)
	}
	return f
}

// byCode signs in for a cookie and returns its principal.
func (w *mailWorld) byCode(p emailcode.Evidence) (*auth.Principal, error) {
	in, err := w.SignInByCode(w.ctx, p, auth.SignInRequest{Client: home})
	if err != nil {
		return nil, err
	}
	return w.AuthenticateCookie(w.ctx, in.Secret.Reveal())
}

// shareWorld is a world with things to share: notes and memos, which the registry keeps, and
// docs, which the host keeps. Receivers may share notes and docs on.
type shareWorld struct {
	*world
	shares *sharing.Service
	docs   docOwners
}

// docOwners are the owners of the host's documents, by id.
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

// give shares a resource with a user, for reading if there are no names of scopes.
func (w *shareWorld) give(p *auth.Principal, r auth.ResourceRef, to *auth.Principal, names ...string) sharing.Share {
	w.t.Helper()
	s, err := w.shares.Create(w.ctx, p, r, sharing.ShareInput{User: idOf(to), Scopes: names})
	w.must(err)
	return s
}

// code makes a share code and returns it with its secret.
func (w *shareWorld) code(
	p *auth.Principal, r auth.ResourceRef, in sharing.ShareCodeInput,
) (sharing.ShareCode, string) {
	w.t.Helper()
	c, secret, err := w.shares.CreateShareCode(w.ctx, p, r, in)
	w.must(err)
	return c, secret.Reveal()
}

// accept calls Accept and returns only its error.
func (w *shareWorld) accept(p *auth.Principal, secret string) error {
	_, err := w.shares.Accept(w.ctx, p, secret, auth.Client{})
	return err
}

// readers checks that, of the given persons, exactly those in want may read a resource now.
// Decide, Check, Explain and Visible must agree.
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
			w.t.Errorf("%s: %s: the explanation does not say what is missing", when, p.User.Username)
		}
	}
}

// uses returns how often a code was accepted, and checks that its count and its records agree.
func (w *shareWorld) uses(p *auth.Principal, c sharing.ShareCode) int {
	w.t.Helper()
	list, err := w.shares.Exchanges(w.ctx, p, c.Resource, c.ID, auth.PageQuery{Limit: 200})
	w.must(err)
	stored, err := w.st.Sharing().ShareCode(w.ctx, c.Resource, c.ID)
	w.must(err)
	if len(list.Items) != stored.Exchanges || stored.LastExchangedAt.IsZero() != (stored.Exchanges == 0) {
		w.t.Fatalf("%d exchanges are recorded, but %d are counted, the last at %s", len(list.Items), stored.Exchanges,
			stored.LastExchangedAt)
	}
	return stored.Exchanges
}

// pages reads a list in pages of two and checks that it has exactly the ids in want.
func pages[T any](
	w *shareWorld, what string, want []string, id func(T) string, read func(auth.PageQuery) (auth.Page[T], error),
) {
	w.t.Helper()
	got, q := []string{}, auth.PageQuery{Limit: 2}
	for {
		p, err := read(q)
		w.must(err)
		if p.Items == nil || len(p.Items) > 2 || p.Next != "" && len(p.Items) != 2 {
			w.t.Fatalf("%s: a page has %d items and the cursor %q", what, len(p.Items), p.Next)
		}
		for _, x := range p.Items {
			got = append(got, id(x))
		}
		if q.Cursor = p.Next; q.Cursor == "" {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("%s: the list is %v, want %v", what, got, want)
	}
	for _, bad := range []auth.PageQuery{{Cursor: "a b"}, {Cursor: "\x00"}, {Cursor: string(make([]byte, 300))}} {
		if _, err := read(bad); !errors.Is(err, auth.ErrBadCursor) {
			w.t.Errorf("%s: cursor %.10q: got error %v, want ErrBadCursor", what, bad.Cursor, err)
		}
	}
	for _, n := range []int{-1, 201} {
		if _, err := read(auth.PageQuery{Limit: n}); !errors.Is(err, auth.ErrInvalidInput) {
			w.t.Errorf("%s: limit %d: got error %v, want ErrInvalidInput", what, n, err)
		}
	}
}
