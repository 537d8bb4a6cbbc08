package servicetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
)

// shareModel decides in the plainest way which shares count. A share counts if a finite chain
// of shares that count leads from its giver to the owner, or to a right held by a role.
type shareModel struct {
	people map[string]*person // users and services by id
	owners map[auth.ResourceRef]string
	list   []sharing.Share
	now    time.Time
}

type person struct {
	name, id string
	service  bool
	active   bool
	groups   []string
	scopes   []string // of their roles
}

// covers reports whether a list of scopes, held by self, allows one scope on a resource.
func (m *shareModel) covers(list []string, self, scope string, r auth.ResourceRef) bool {
	return slices.ContainsFunc(list, func(text string) bool {
		name, filter, filtered := strings.Cut(text, "!")
		kind, value, concrete := strings.Cut(filter, "=")
		if kind == "user" && !concrete {
			value = self
		}
		owner := m.owners[r]
		return implies(name, scope) && (!filtered || kind == "user" && owner != "" && owner == value ||
			kind == "group" && owner != "" && slices.Contains(m.people[owner].groups, value) ||
			kind == r.Kind && value == r.ID)
	})
}

func implies(name, scope string) bool {
	return name == scope || name == "items" && scope == "read:items" || name == "shares" && scope == "read:shares"
}

// fact is a scope of a share.
type fact struct{ share, name string }

// counts reports whether a scope of a share counts, without relying on the facts that are being
// decided, which are in way.
func (m *shareModel) counts(x sharing.Share, name string, way []fact) bool {
	if at := (fact{x.ID, name}); slices.Contains(way, at) || !m.alive(x) || !slices.Contains(x.Scopes, name) {
		return false
	} else {
		way = append(slices.Clone(way), at)
	}
	giver := m.people[x.Giver.ID()]
	if !giver.active || m.owners[x.Resource] == "" || x.Resource.Kind == "memo" && name == "shares" {
		return false
	}
	onward := x.Resource.Kind != "memo" && slices.ContainsFunc([]string{
		"items", "read:items", "shares",
	}, func(any string) bool { return m.given(giver, any, x.Resource, way) })
	mayShare := onward || m.covers(giver.scopes, giver.id, "shares", x.Resource)
	holds := m.covers(giver.scopes, giver.id, name, x.Resource) || m.given(giver, name, x.Resource, way) ||
		m.owners[x.Resource] == giver.id && name != "shares"
	return mayShare && holds
}

// given reports whether somebody has a scope on a resource by a share that counts.
func (m *shareModel) given(p *person, scope string, r auth.ResourceRef, way []fact) bool {
	return slices.ContainsFunc(m.list, func(x sharing.Share) bool {
		mine := x.Resource == r && !p.service &&
			(string(x.User) == p.id || x.Group != "" && slices.Contains(p.groups, string(x.Group)))
		return mine && slices.ContainsFunc(
			x.Scopes, func(name string) bool { return implies(name, scope) && m.counts(x, name, way) },
		)
	})
}

func (m *shareModel) alive(x sharing.Share) bool {
	return x.ExpiresAt.IsZero() || x.ExpiresAt.After(m.now)
}

// allows decides. A nil ceiling is no ceiling.
func (m *shareModel) allows(p *person, ceiling []string, scope string, r auth.ResourceRef) bool {
	return (ceiling == nil || m.covers(ceiling, p.id, scope, r)) &&
		(m.covers(p.scopes, p.id, scope, r) || m.owners[r] == p.id && scope != "shares" || m.given(p, scope, r, nil))
}

// modelWorld is a world that changes at random, together with its model.
type modelWorld struct {
	*shareWorld
	*shareModel
	r      *rand.Rand
	users  []*person
	bot    *person
	groups []string
	refs   []auth.ResourceRef
	roles  map[string][]string
}

// anyOf picks an element at random.
func anyOf[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func newModelWorld(t *testing.T, open Open, r *rand.Rand) *modelWorld {
	w := &modelWorld{shareWorld: setupShares(t, open), r: r,
		shareModel: &shareModel{people: map[string]*person{}, owners: map[auth.ResourceRef]string{}}}
	for i := range 2 {
		w.groups = append(w.groups, string(w.group(fmt.Sprintf("group%d", i)).ID))
	}
	w.roles = map[string][]string{
		"user": {"shares!user"}, "keeper": {"items", "shares"}, "looker": {"read:items"},
		"leader": {"items!group=" + w.groups[0], "shares!group=" + w.groups[0]},
		"single": {"read:items!note=r1", "shares!note=r1", "items!doc=r0", "items!note=none"},
	}
	for i := range 6 {
		u := w.signUp(fmt.Sprintf("user%d", i))
		w.users = append(
			w.users, &person{name: u.Username, id: string(u.ID), active: true, scopes: slices.Clone(w.roles["user"])},
		)
	}
	w.roles["fan"] = []string{"read:items!user=" + w.users[0].id}
	for _, name := range []string{"leader", "single", "fan"} {
		w.putRole(name, w.roles[name]...)
	}
	v, err := w.Services.Create(w.ctx, w.op, auth.ServiceInput{Name: "bot"})
	w.must(err)
	w.must(w.Services.AddRole(w.ctx, w.op, "bot", "keeper"))
	w.bot = &person{name: "bot", id: string(v.ID), service: true, active: true, scopes: w.roles["keeper"]}
	for _, p := range append(w.users, w.bot) {
		w.people[p.id] = p
	}
	for _, kind := range []string{"note", "memo", "doc"} {
		for i := range 4 {
			ref, owner := auth.ResourceRef{Kind: kind, ID: fmt.Sprintf("r%d", i)}, anyOf(r, w.users).id
			w.refs = append(w.refs, ref)
			if i == 3 {
				owner = "" // this resource does not exist
			} else if kind == "doc" {
				w.docs.set(ref.ID, auth.UserID(owner))
			} else {
				_, err := w.st.Sharing().PutResource(
					w.ctx, sharing.Resource{ResourceRef: ref, Owner: auth.UserID(owner), CreatedAt: w.clock.Now()},
				)
				w.must(err)
			}
			w.owners[ref] = owner
		}
	}
	for range 30 {
		w.share()
	}
	return w
}

// share adds a random share. It goes into the store directly, so no rule applies.
func (w *modelWorld) share() {
	now := w.clock.Now().UTC().Truncate(time.Microsecond)
	x := sharing.Share{ID: token.NewID(now), Resource: anyOf(w.r, w.refs),
		Giver: auth.Holder{User: auth.UserID(anyOf(w.r, w.users).id)}, CreatedAt: now}
	if w.r.IntN(4) > 0 { // makes chains and loops more likely
		x.Resource = w.refs[0]
	}
	if n := len(
		slices.DeleteFunc(slices.Clone(w.list), func(y sharing.Share) bool { return y.Resource != x.Resource }),
	); n > 7 {
		return
	}
	x.Scopes = anyOf(
		w.r, [][]string{{"read:items"}, {"items"}, {"items", "shares"}, {"read:items", "shares"}, {"shares"}},
	)
	if owner := w.owners[x.Resource]; owner != "" && w.r.IntN(3) == 0 {
		x.Giver.User = auth.UserID(owner)
	} else if w.r.IntN(8) == 0 {
		x.Giver = auth.Holder{Service: auth.ServiceID(w.bot.id)}
	}
	if w.r.IntN(4) == 0 {
		x.Group = auth.GroupID(anyOf(w.r, w.groups))
	} else {
		x.User = auth.UserID(anyOf(w.r, w.users).id)
	}
	if w.r.IntN(4) == 0 {
		x.ExpiresAt = now.Add(time.Duration(w.r.IntN(4)) * time.Minute)
	}
	added, err := w.st.Sharing().AddShare(w.ctx, x)
	w.must(err)
	if added {
		w.list = append(w.list, x)
	}
}

// change makes one random change.
func (w *modelWorld) change() {
	p := anyOf(w.r, w.users)
	id := auth.UserID(p.id)
	switch w.r.IntN(8) {
	case 0, 1:
		w.share()
	case 2:
		if i := len(w.list); i > 0 {
			i = w.r.IntN(i)
			_, err := w.st.Sharing().DeleteShares(
				w.ctx, sharing.ShareSelection{Resource: w.list[i].Resource, ID: w.list[i].ID},
			)
			w.must(err)
			w.list = slices.Delete(w.list, i, i+1)
		}
	case 3:
		p.active = !p.active
		status := map[bool]auth.Status{true: auth.StatusActive, false: auth.StatusDisabled}[p.active]
		_, err := w.UpdateUser(w.ctx, w.op, id, auth.UserPatch{Status: &status})
		w.must(err)
	case 4:
		g := anyOf(w.r, w.groups)
		if slices.Contains(p.groups, g) {
			p.groups = slices.DeleteFunc(p.groups, func(x string) bool { return x == g })
			w.must(w.Groups.RemoveMember(w.ctx, w.op, g, id))
		} else {
			p.groups = append(p.groups, g)
			w.must(w.Groups.AddMember(w.ctx, w.op, g, id))
		}
	case 5:
		names := []string{
			anyOf(w.r, []string{"user", "keeper", "looker", "leader", "single", "fan"}), "user",
		}[w.r.IntN(2):]
		slices.Sort(names)
		names, p.scopes = slices.Compact(names), nil
		for _, name := range names {
			p.scopes = append(p.scopes, w.roles[name]...)
		}
		_, err := w.UpdateUser(w.ctx, w.op, id, auth.UserPatch{Roles: &names})
		w.must(err)
	case 6:
		doc := auth.ResourceRef{Kind: "doc", ID: "r0"}
		w.owners[doc] = p.id
		w.docs.set(doc.ID, auth.UserID(p.id))
	case 7:
		w.clock.Advance(time.Minute)
		w.now = w.clock.Now()
	}
}

// capped returns a user who acts by an API token with the scopes. The token goes into the store
// directly, so no rule applies.
func (w *modelWorld) capped(id auth.UserID, scopes []string) *auth.Principal {
	w.t.Helper()
	secret, now := token.New(token.API), w.clock.Now().UTC().Truncate(time.Microsecond)
	w.must(w.st.Auth().AddAPIToken(w.ctx, auth.APIToken{
		ID: auth.APITokenID(token.NewID(now)), Owner: auth.Holder{User: id}, Hash: secret.Hash(), Scopes: scopes,
		CreatedAt: now,
	}))
	p, err := w.Authenticate(w.ctx, secret.Reveal())
	w.must(err)
	return p
}

// compare compares service and model on all resources of a random kind.
func (w *modelWorld) compare(p *person) {
	w.t.Helper()
	texts := anyOf(w.r, [][]string{
		nil, {}, {"read:items"}, {"items!user", "shares!user"}, {
			"items!note=r0", "read:items!doc=r1", "shares!doc=r0", "items!note=none",
		},
		{"items!group=" + w.groups[0]}, {"read:items!user=" + w.users[1].id, "read:items!memo=r0", "shares"},
	})
	who := w.principal(p.name)
	if texts != nil {
		who = w.capped(who.User.ID, texts)
	}
	kind := anyOf(w.r, []string{"note", "memo", "doc"})
	ids := []string{"r0", "r1", "r2", "r3", "none"}
	for _, scope := range []string{"read:items", "items", "shares"} {
		v, err := w.shares.Visible(w.ctx, who, kind, scope)
		w.must(err)
		var want, decided, seen []string
		for _, id := range ids {
			r := auth.ResourceRef{Kind: kind, ID: id}
			if w.allows(p, texts, scope, r) {
				want = append(want, id)
			}
			verdict, err := w.shares.Decide(w.ctx, who, scope, r)
			w.must(err)
			if verdict == scopes.Allowed {
				decided = append(decided, id)
			}
			if v.All || slices.Contains(v.IDs, id) ||
				w.owners[r] != "" && slices.Contains(v.Owners, auth.UserID(w.owners[r])) {
				seen = append(seen, id)
			}
		}
		if fmt.Sprint(decided) != fmt.Sprint(want) || fmt.Sprint(seen) != fmt.Sprint(want) {
			w.t.Fatalf("%s with %q, %s of %s: decided %v, visible %v (%+v), want %v\n%s", p.name, texts, scope,
				kind, decided, seen, v, want, w)
		}
		if kind == "doc" {
			continue
		}
		var there []string // the registry lists only resources that exist
		for _, id := range want {
			if w.owners[auth.ResourceRef{Kind: kind, ID: id}] != "" {
				there = append(there, id)
			}
		}
		pages(w.shareWorld, "visible of the registry", append([]string{}, there...),
			func(r sharing.Resource) string { return r.ID },
			func(q auth.PageQuery) (auth.Page[sharing.Resource], error) {
				return w.shares.Resources(w.ctx, who, sharing.ResourceFilter{Kind: kind, Scope: scope, PageQuery: q})
			})
	}
}

// String describes the world in a failure.
func (w *modelWorld) String() string {
	var b strings.Builder
	for _, p := range w.people {
		fmt.Fprintf(&b, "%s %s active %v groups %v scopes %q\n", p.name, p.id, p.active, p.groups, p.scopes)
	}
	for r, owner := range w.owners {
		fmt.Fprintln(&b, r, "of", owner)
	}
	for _, x := range w.list {
		fmt.Fprintf(&b, "%v from %v to %s%s %q alive %v\n", x.Resource, x.Giver, x.User, x.Group, x.Scopes, w.alive(x))
	}
	return b.String()
}

// sharesCountAsTheModelSays checks that decisions and lists agree with the model in a world
// that changes at random. There are chains, loops, groups, services, kinds of the host, and
// credentials with few scopes.
func sharesCountAsTheModelSays(t *testing.T, open Open) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	w := newModelWorld(t, open, rand.New(rand.NewPCG(seed, 0)))
	w.now = w.clock.Now()
	allowed := 0
	for range 40 {
		w.change()
		for _, p := range w.users {
			if !p.active {
				continue
			}
			w.compare(p)
			for _, r := range w.refs {
				if w.allows(p, nil, "read:items", r) && w.given(p, "read:items", r, nil) {
					allowed++
				}
			}
		}
	}
	if allowed == 0 {
		t.Error("no share ever counted, so nothing was tested")
	}
}
