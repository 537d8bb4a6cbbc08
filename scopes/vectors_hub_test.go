package scopes_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

// scopeTree is the reference's own model, as recorded.
type scopeTree struct {
	Op          string
	Definitions map[string][]string
	SelfBases   []string `json:"self_bases"`
}

// hub stands in for the reference. It has what only the reference has (metascopes, clients, and
// servers whose name contains the user that they belong to), and asks package scopes for all
// else.
type hub struct {
	world struct {
		Groups       map[string][]string
		CustomScopes map[string]customScope `json:"custom_scopes"`
	}
	tree   scopeTree
	model  scopes.Model
	schema *scopes.Schema
	flat   *scopes.Schema // the same, without implied scopes

	// slashless makes a server without / the default server of the user with that name, as the
	// reference does.
	slashless bool
}

func newHub(t *testing.T, header []byte, tree scopeTree) *hub {
	t.Helper()
	h := &hub{tree: tree}
	var head struct{ World any }
	if err := json.Unmarshal(header, &struct{ World any }{World: &h.world}); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(header, &head); err != nil || head.World == nil {
		t.Fatalf("the first line does not describe a world (%v)", err)
	}
	definitions := map[string][]string{}
	for name, c := range h.world.CustomScopes {
		definitions[name] = stringsOf(c.Subscopes)
	}
	for name, implies := range tree.Definitions {
		definitions[name] = implies
	}
	h.model.Kinds = []scopes.Kind{{Name: "server"}, {Name: "service"}}
	flat := scopes.Model{Kinds: h.model.Kinds}
	for name, implies := range definitions {
		d := scopes.Definition{Name: name, Implies: implies, Filters: []string{"user", "group", "service", "server"}}
		switch {
		case name == "self" || name == "inherit":
			d.Filters = nil
		case strings.HasPrefix(name, "read:user"):
			d.Filters = d.Filters[:3] // a server is not a user
		}
		h.model.Scopes = append(h.model.Scopes, d)
		d.Implies = nil
		flat.Scopes = append(flat.Scopes, d)
	}
	h.schema, h.flat = compile(t, h.model), compile(t, flat)
	return h
}

// stringsOf reads a JSON list of strings. It returns nil for anything else.
func stringsOf(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, x := range list {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// compile reads a list of the owner's, used by the client. It returns refused texts separately.
func (h *hub) compile(list []string, owner, client string) (set *scopes.Set, refused []refusal) {
	var parsed []scopes.Scope
	for _, text := range list {
		sc, err := h.schema.Parse(text)
		switch {
		case err != nil:
			refused = append(refused, refuse(text, err))
		case text == "self":
			for _, base := range h.tree.SelfBases {
				parsed = append(parsed, scopes.Scope{Name: base, Kind: "user"})
			}
		default:
			parsed = append(parsed, sc)
		}
	}
	return h.set(parsed, owner, client), refused
}

func (h *hub) set(list []scopes.Scope, owner, client string) *scopes.Set {
	var sets []*scopes.Set
	for _, self := range selves(owner, client) {
		sets = append(sets, h.schema.Set(list, self))
	}
	return h.schema.Merge(sets...)
}

// selves returns what bare filters mean. The service that uses a token comes before one that
// owns it.
func selves(owner, client string) []scopes.Self {
	clientKind, clientID, _ := strings.Cut(client, ":")
	out := []scopes.Self{{Kind: clientKind, ID: clientID}}
	if user, ok := strings.CutPrefix(owner, "user:"); ok {
		out[0].User = user
	}
	if service, ok := strings.CutPrefix(owner, "service:"); ok && clientKind != "service" {
		out = append(out, scopes.Self{Kind: "service", ID: service})
	}
	return out
}

// groupsOf looks up memberships in the recorded world.
func (h *hub) groupsOf(user string) []string {
	var out []string
	for g, members := range h.world.Groups {
		if slices.Contains(members, user) {
			out = append(out, g)
		}
	}
	return out
}

func noGroups(string) []string { return nil }

func (h *hub) lookup(known bool) func(string) []string {
	if known {
		return h.groupsOf
	}
	return noGroups
}

// target returns the thing that a filter names, with its owner. A server's name contains its
// owner.
func (h *hub) target(kind, value string, groupsOf func(string) []string) scopes.Target {
	t := scopes.Target{Kind: kind, ID: value}
	switch kind {
	case "user":
		t.Owner = value
	case "server":
		if owner, _, ok := strings.Cut(value, "/"); ok || h.slashless {
			t.Owner = owner
		}
	}
	if t.Owner != "" {
		t.OwnerGroups = groupsOf(t.Owner)
	}
	return t
}

// withoutSlash returns a copy that reads servers without / as the reference does.
func (h *hub) withoutSlash() *hub {
	c := *h
	c.slashless = true
	return &c
}

// common is Effective, plus the servers of one side that the other side covers through their
// owner.
func (h *hub) common(a, b *scopes.Set, groupsOf func(string) []string) *scopes.Set {
	sets := []*scopes.Set{scopes.Subject{Held: a, Ceiling: b}.Effective(groupsOf)}
	for _, sides := range [2][2]*scopes.Set{{a, b}, {b, a}} {
		for _, sc := range sides[0].Scopes() {
			id, _ := h.schema.ID(sc.Name)
			if sc.Kind == "server" && (scopes.Subject{Held: sides[1]}).Allows(
				id, h.target("server", sc.Value, groupsOf),
			) {
				one, _ := h.flat.SetOf([]string{sc.String()}, scopes.Self{})
				sets = append(sets, one)
			}
		}
	}
	for i, s := range sets { // into the schema without implied scopes, which adds nothing to a list
		sets[i], _ = h.flat.SetOf(s.Strings(), scopes.Self{})
	}
	return h.flat.Merge(sets...)
}

// uncovered is Excess without the servers that are covered through their owner.
func (h *hub) uncovered(have, need *scopes.Set) []string {
	subject := scopes.Subject{Held: have}
	return slices.DeleteFunc(subject.Excess(need, "", h.groupsOf), func(text string) bool {
		name, value, server := strings.Cut(text, "!server=")
		id, _ := h.schema.ID(name)
		return server && subject.Allows(id, h.target("server", value, h.groupsOf))
	})
}

// meaning returns what the reference takes a refused text to mean.
func (h *hub) meaning(text, owner, client string) []string {
	name, filter, _ := strings.Cut(text, "!")
	for _, self := range selves(owner, client) {
		switch {
		case filter == "user" && self.User != "":
			filter = "user=" + self.User
		case filter == self.Kind && self.Kind != "" && filter != "user":
			filter += "=" + self.ID
		}
	}
	if filter == "user" || filter == "server" || filter == "service" {
		return nil // there is no value to fill in
	}
	var out []string
	for _, n := range h.schema.Set([]scopes.Scope{{Name: name}}, scopes.Self{}).Strings() {
		switch {
		case filter == "":
			out = append(out, n)
		case !strings.HasPrefix(filter, "server") || !strings.HasPrefix(n, "read:user"):
			out = append(out, n+"!"+filter)
		}
	}
	return out
}

func (h *hub) meanings(refused []refusal, owner, client string) []string {
	var out []string
	for _, r := range refused {
		out = append(out, h.meaning(r.text, owner, client)...)
	}
	return out
}
