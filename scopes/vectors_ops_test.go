package scopes_test

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/scopes"
)

func (h *hub) expand(v vector) result {
	set, refused := h.compile(v.Scopes, v.Owner, v.Client)
	if v.Error != "" {
		if slices.ContainsFunc(refused, func(r refusal) bool { return r.matches(v.Error) }) {
			return agreed()
		}
		return failed("refused %v, want error %s", refused, v.Error)
	}
	want := reduce(append(set.Strings(), h.meanings(refused, v.Owner, v.Client)...))
	if !sameStrings(want, v.Expanded) {
		return failed("expanded to %v, refused %v", set.Strings(), refused)
	}
	if len(refused) > 0 {
		return differs(ruleNames(refused)...)
	}
	if v.Dropped && !h.dropsAny(v) { // the reverse does not hold: the reference's cache makes it warn only once
		return failed("drops nothing")
	}
	return agreed()
}

// dropsAny reports whether a scope of the list gives nothing because its bare filter has no
// value.
func (h *hub) dropsAny(v vector) bool {
	return slices.ContainsFunc(v.Scopes, func(text string) bool {
		set, _ := h.compile([]string{text}, v.Owner, v.Client)
		return len(set.Scopes()) == 0
	})
}

func (h *hub) exists(v vector) result {
	_, err := h.schema.Parse(v.Scope)
	switch {
	case err == nil && v.OK:
		return agreed()
	case err == nil:
		return failed("accepted, want %s", v.Error)
	case v.OK:
		return differs(ruleNames([]refusal{refuse(v.Scope, err)})...)
	case refuse(v.Scope, err).matches(v.Error):
		return agreed()
	}
	return failed("%v, want %s", err, v.Error)
}

// define compiles custom scopes on top of the model.
func (h *hub) define(v vector) result {
	custom, typed := scopes.Model{}, true
	for name, c := range v.Definitions.byName {
		d := scopes.Definition{Name: name, Implies: stringsOf(c.Subscopes)}
		if list, ok := c.Subscopes.([]any); c.Subscopes != nil && (!ok || len(list) != len(d.Implies)) {
			typed = false // Go's types rule this out
		}
		custom.Scopes = append(custom.Scopes, d)
	}
	schema, err := scopes.Compile(h.model, custom)
	switch {
	case !v.OK && (err != nil || !typed):
		return agreed()
	case !v.OK:
		return differs(map[string][]string{
			"bad-name":                            {ruleFreeNames},
			"no-description":                      {ruleLabelOptional},
			"subscope-not-in-same-definition-set": {ruleFreeImplies},
		}[v.Error]...)
	case err != nil && v.ExpandFirst == "cycle" && strings.Contains(err.Error(), "imply each other"):
		return differs(ruleCycle)
	case err != nil && strings.Contains(err.Error(), "255"):
		return differs(ruleLongName)
	case err != nil && h.redeclares(v):
		return differs(ruleRedeclared)
	case err != nil || !typed:
		return failed("refused: %v", err)
	}
	first := v.Definitions.first
	if got := schema.Set(
		[]scopes.Scope{{Name: first}}, scopes.Self{},
	).Strings(); !sameStrings(got, stringsOf(v.ExpandFirst)) {
		return failed("%s expands to %v", first, got)
	}
	return agreed()
}

func (h *hub) redeclares(v vector) bool {
	for name := range v.Definitions.byName {
		if _, ok := h.tree.Definitions[name]; ok {
			return true
		}
	}
	return false
}

func (h *hub) intersect(v vector) result {
	a, refusedA := h.compile(v.A, "", "")
	b, refusedB := h.compile(v.B, "", "")
	groupsOf := h.lookup(v.GroupsKnown)
	got := h.common(a, b, groupsOf).Strings()
	if back := h.common(b, a, groupsOf).Strings(); !slices.Equal(got, back) {
		return failed("%v one way, %v the other", got, back)
	}
	if sameStrings(got, v.Intersection) {
		return agreed()
	}
	// The reference lets two equal refused texts match.
	meaningA, meaningB := append(
		a.Strings(), h.meanings(refusedA, "", "")...,
	), append(b.Strings(), h.meanings(refusedB, "", "")...)
	for _, text := range meaningA {
		if slices.Contains(meaningB, text) {
			got = append(got, text)
		}
	}
	if sameStrings(reduce(got), v.Intersection) {
		return differs(ruleNames(append(refusedA, refusedB...))...)
	}
	if slashless(append(v.A, v.B...)) && sameStrings(
		h.withoutSlash().common(a, b, groupsOf).Strings(), v.Intersection,
	) {
		return differs(ruleServerSlash)
	}
	return failed("intersection %v", got)
}

func (h *hub) hasScope(v vector) result {
	held, refused := h.compile(v.Held, "", "")
	name, filter, filtered := strings.Cut(v.Required, "!")
	kind, value, _ := strings.Cut(filter, "=")
	if v.Error != "" {
		switch {
		case v.Error == "requirement-not-expanded" && filtered && value == "", // a Target has an ID
			v.Error == "post-filter-needs-unfiltered-requirement" && v.PostFilter && filtered, // a list has no Target
			slices.ContainsFunc(refused, func(r refusal) bool { return r.matches(v.Error) }):
			return agreed()
		}
		return failed("no error, want %s", v.Error)
	}
	decide := func(h *hub) scopes.Verdict {
		id, _ := h.schema.ID(name)
		switch {
		case v.PostFilter && held.Has(id):
			return scopes.Allowed
		case v.PostFilter:
			return scopes.NotHeld
		case filtered:
			return scopes.Subject{Held: held}.Decide(id, h.target(kind, value, h.lookup(v.GroupsKnown)))
		}
		return scopes.Subject{Held: held}.Decide(id, scopes.Target{})
	}
	verdict := decide(h)
	switch {
	case v.answers(verdict):
		return agreed()
	case v.answers(max(verdict, h.refusedVerdict(refused, v.Required))):
		return differs(ruleNames(refused)...)
	case slashless([]string{v.Required}) && v.answers(decide(h.withoutSlash())):
		return differs(ruleServerSlash)
	}
	return failed("%v", verdict)
}

// answers reports whether the verdict is the recorded one.
func (v vector) answers(verdict scopes.Verdict) bool {
	return v.allows() == (verdict == scopes.Allowed) && v.HTTP == status(verdict)
}

// refusedVerdict returns what the reference lets a holder of refused texts do: what an equal or
// an unfiltered text allows.
func (h *hub) refusedVerdict(refused []refusal, required string) scopes.Verdict {
	verdict := scopes.NotHeld
	name, _, filtered := strings.Cut(required, "!")
	for _, m := range h.meanings(refused, "", "") {
		held, _, _ := strings.Cut(m, "!")
		switch {
		case m == required || m == name:
			return scopes.Allowed
		case held == name && filtered:
			verdict = scopes.Filtered
		}
	}
	return verdict
}

func (v vector) allows() bool {
	var ok bool
	return json.Unmarshal(v.Allowed, &ok) == nil && ok
}

func status(v scopes.Verdict) int {
	return map[scopes.Verdict]int{scopes.NotHeld: 403, scopes.Filtered: 404, scopes.Allowed: 200}[v]
}

func (h *hub) resourceFilter(v vector) result {
	held, refused := h.compile(v.Held, "", "")
	id, _ := h.schema.ID(v.Scope)
	got := scopes.Subject{Held: held}.Allows(id, h.target(v.Kind, v.Resource, h.groupsOf))
	switch {
	case got == v.allows():
		return agreed()
	case v.allows() && v.Kind == "server" && holdsByName(held, v.Scope, v.Resource):
		return differs(ruleServerSlash)
	case v.allows() && h.refusedVerdict(refused, v.Scope+"!"+v.Kind+"="+v.Resource) == scopes.Allowed:
		return differs(ruleNames(refused)...)
	}
	return failed("allowed: %v", got)
}

// holdsByName is the reference's row filter: a server without / matches any of that name.
func holdsByName(held *scopes.Set, scope, server string) bool {
	_, name, _ := strings.Cut(server, "/")
	return slices.Contains(held.Strings(), scope+"!server="+name)
}

func (h *hub) request(v vector) result {
	have, refusedHave := h.compile(v.Have, v.Owner, v.Client)
	var allowed, disallowed []string
	refused := refusedHave
	for _, raw := range v.Requested {
		need, r := h.compile([]string{raw}, v.Owner, v.Client)
		refused = append(refused, r...)
		// A refused text that the reference drops entirely asks for nothing.
		if len(h.uncovered(have, need)) == 0 && len(h.meanings(r, v.Owner, v.Client)) == 0 {
			allowed = append(allowed, raw)
			continue
		}
		disallowed = append(disallowed, raw)
		allowed = append(allowed, h.common(have, need, h.groupsOf).Strings()...)
	}
	var want []string
	if err := json.Unmarshal(v.Allowed, &want); err != nil {
		return failed("%v", err)
	}
	if !sameStrings(allowed, want) || !sameStrings(disallowed, v.Disallowed) {
		return failed("allowed %v, disallowed %v, refused %v", allowed, disallowed, refused)
	}
	if names := ruleNames(refused); len(names) > len(ruleNames(refusedHave)) {
		return differs(names...)
	}
	return agreed()
}

// owner returns the rights of a user: from roles, roles of groups, and shares.
func (h *hub) owner(v vector, expandShares, groupShares bool) *scopes.Set {
	roles := slices.Clone(v.RoleScopes)
	groups := h.groupsOf(v.User)
	for g, list := range v.GroupRoleScopes {
		if slices.Contains(groups, g) {
			roles = append(roles, list...)
		}
	}
	own, _ := h.compile(roles, "user:"+v.User, "")
	var shared []string
	for _, s := range v.Shares {
		kind, name, _ := strings.Cut(s.To, ":")
		if kind == "user" && name == v.User || kind == "group" && groupShares && slices.Contains(groups, name) {
			shared = append(shared, s.Scopes...)
		}
	}
	if expandShares {
		set, _ := h.compile(shared, "user:"+v.User, "")
		return h.schema.Merge(own, set)
	}
	set, _ := h.flat.SetOf(append(own.Strings(), shared...), scopes.Self{User: v.User})
	return set
}

// token returns the rights of a token of that owner.
func (h *hub) token(v vector, owner *scopes.Set) []string {
	if slices.Contains(v.TokenScopes, "inherit") {
		return owner.Strings()
	}
	list := append(slices.Clone(v.TokenScopes), "read:users:name!user", "read:users:groups!user")
	switch kind, _, _ := strings.Cut(v.Client, ":"); kind {
	case "server", "service":
		list = append(list, "access:"+kind+"s!"+kind)
	}
	set, _ := h.compile(list, "user:"+v.User, v.Client)
	return h.common(owner, set, h.groupsOf).Strings()
}

func (h *hub) effective(v vector) result {
	owner := h.owner(v, true, true)
	if !sameStrings(owner.Strings(), reduce(v.UserEffective)) {
		return failed("user has %v", owner.Strings())
	}
	var names []string
	if !sameStrings(owner.Strings(), v.UserEffective) {
		names = append(names, ruleReduced)
	}
	if token := h.token(v, owner); sameStrings(token, reduce(v.TokenEffective)) {
		if !sameStrings(token, v.TokenEffective) {
			names = append(names, ruleReduced)
		}
	} else if rules := h.shareBugs(v); rules != nil {
		names = append(names, rules...)
	} else {
		return failed("token has %v", token)
	}
	if len(names) == 0 {
		return agreed()
	}
	return differs(names...)
}

// shareBugs finds which of the reference's faults with shares explains the recorded rights of
// the token.
func (h *hub) shareBugs(v vector) []string {
	for _, bug := range []struct {
		expand, groups bool
		rules          []string
	}{
		{false, true, []string{ruleShareUnexpanded}},
		{true, false, []string{ruleShareForgotten}},
		{false, false, []string{ruleShareUnexpanded, ruleShareForgotten}},
	} {
		owner := h.owner(v, bug.expand, bug.groups)
		if sameStrings(h.token(v, owner), reduce(v.TokenEffective)) {
			return bug.rules
		}
	}
	return nil
}
