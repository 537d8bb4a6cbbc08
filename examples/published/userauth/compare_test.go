package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// meanings maps recorded error texts to codes. Texts may differ, their meanings may not.
var meanings = map[string][]string{
	"Not Found":                                                       {"not_found"},
	"Method Not Allowed":                                              {"method_not_allowed"},
	"Not authenticated":                                               {"unauthenticated"},
	"Could not validate credentials":                                  {"token_invalid", "token_expired"},
	"Incorrect username or password.":                                 {"bad_credentials"},
	"Username already exist in the server.":                           {"username_taken"},
	"Email already exist in the server.":                              {"email_taken"},
	"Only username or role attributes may be modified.":               {"read_only"},
	"Resources do not exist or you are not authorizedto access them.": {"not_found"},
	"Recognition of photo provided does match user name.":             {"claim_refused"},
}

// comparison compares an answer with a recorded one.
type comparison struct {
	r     *replay
	binds map[string]string // placeholders that this answer gives a meaning
	adds  map[string]bool   // rules of members that are there beside the recorded ones
	rules map[string]bool   // rules that replaced values
	diffs []string
}

// compare compares status, shape and values. It does not compare wording (msg, ctx and the text
// of detail, only its meaning), times beyond their form, and the order of lists, which differs
// between the two databases of the original.
func (r *replay) compare(c *recorded, got reply) *comparison {
	m := &comparison{r: r, binds: map[string]string{}, adds: map[string]bool{}, rules: map[string]bool{}}
	want := c.Response
	if got.status != want.Status {
		m.differ("status %d, recorded %d", got.status, want.Status)
		return m
	}
	if want.Status == 401 && got.header.Get("WWW-Authenticate") == "" ||
		want.Status == 405 && got.header.Get("Allow") == "" {
		m.differ("a header is missing")
	}
	kind, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
	switch {
	case want.Text != nil && *want.Text == "(html page)":
		if kind != "text/html" || !strings.Contains(got.text, "<html") {
			m.differ("no page: %s", kind)
		}
	case want.JSON == nil:
		if text := want.Text; text == nil && got.text != "" || text != nil && *text != got.text {
			m.differ("body %q", got.text)
		}
	default:
		var body any
		if err := json.Unmarshal([]byte(got.text), &body); err != nil || kind != "application/json" {
			m.differ("%s %q", kind, got.text)
			return m
		}
		m.value("", want.JSON, body)
		m.top(want.JSON, body)
	}
	return m
}

func (m *comparison) differ(format string, args ...any) {
	m.diffs = append(m.diffs, fmt.Sprintf(format, args...))
}

// top compares what only a whole answer has: the meaning of an error, and members that were not
// recorded.
func (m *comparison) top(want, got any) {
	w, _ := want.(map[string]any)
	g, _ := got.(map[string]any)
	if text, ok := w["detail"].(string); ok {
		if codes, known := meanings[text]; known && !slices.Contains(codes, fmt.Sprint(g["code"])) {
			m.differ("code %v, which is not what %q says", g["code"], text)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(g)) {
		if _, there := w[name]; there || w == nil {
			continue
		}
		i := slices.IndexFunc(m.r.table, func(d difference) bool { return d.adds != nil && d.adds(w, name) })
		if i < 0 {
			m.differ("member %s was not recorded", name)
			continue
		}
		m.adds[m.r.table[i].rule] = true
	}
}

// value compares a recorded value with ours. name is the member that it stands in.
func (m *comparison) value(name string, want, got any) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			m.differ("%s: %v is no object", name, got)
			return
		}
		m.object(w, g)
	case []any:
		g, ok := got.([]any)
		if !ok {
			m.differ("%s: %v is no list", name, got)
			return
		}
		m.list(name, w, g)
	case string:
		g, ok := got.(string)
		if !ok {
			m.differ("%s: %v is no text", name, got)
			return
		}
		m.text(name, w, g)
	default:
		if want != got {
			m.differ("%s: %v, recorded %v", name, got, want)
		}
	}
}

func (m *comparison) object(want, got map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		v, there := got[name]
		switch {
		case !there:
			m.differ("%s is missing", name)
		case name == "ctx": // what the message is made of
			w, _ := want[name].(map[string]any)
			g, _ := v.(map[string]any)
			if !slices.Equal(slices.Sorted(maps.Keys(w)), slices.Sorted(maps.Keys(g))) {
				m.differ("ctx: %v, recorded %v", v, want[name])
			}
		default:
			m.value(name, want[name], v)
		}
	}
}

func (m *comparison) text(name, want, got string) {
	switch {
	case strings.HasPrefix(want, "<jwt:"):
		m.binds[want] = got
	case strings.HasPrefix(want, "<"):
		known, ok := m.binds[want]
		if !ok {
			known, ok = m.r.ids[want]
		}
		if ok && known != got {
			m.differ("%s: %s is %s, not %s", name, want, known, got)
		}
		m.binds[want] = got
	case name == "login_time":
		if _, err := time.Parse(time.RFC3339, got); err != nil || !strings.HasSuffix(got, "Z") {
			m.differ("time %s", got)
		}
	case name == "msg", name == "detail":
	default:
		here, rule := m.r.here(name, want)
		if here != got {
			m.differ("%s: %q, recorded %q", name, got, want)
		}
		if rule != "" {
			m.rules[rule] = true
		}
	}
}

// list compares lists. Those of users and logins are sets; others have an order.
func (m *comparison) list(name string, want, got []any) {
	if !isIdentified(want) && !isIdentified(got) {
		if len(want) != len(got) {
			m.differ("%s: %d values, recorded %d: %v", name, len(got), len(want), got)
			return
		}
		for i := range want {
			m.value(name, want[i], got[i])
		}
		return
	}
	rest := slices.DeleteFunc(byTime(got), m.r.isOwn)
	if len(rest) != len(want) {
		m.differ("%d items, recorded %d: %v", len(rest), len(want), rest)
		return
	}
	for _, w := range byTime(want) {
		var last *comparison
		i := slices.IndexFunc(rest, func(g any) bool {
			last = &comparison{r: m.r, binds: maps.Clone(m.binds), rules: maps.Clone(m.rules)}
			last.value(name, w, g)
			return len(last.diffs) == 0
		})
		if i < 0 {
			m.differ("no item like %v in %v", w, rest)
			return
		}
		m.binds, m.rules = last.binds, last.rules
		rest = slices.Delete(rest, i, i+1)
	}
}

// isIdentified reports whether a list is one of users or logins.
func isIdentified(list []any) bool {
	return slices.ContainsFunc(list, func(v any) bool {
		object, _ := v.(map[string]any)
		_, ok := object["uuid"]
		return ok
	})
}

// byTime sorts logins, so that both lists have the same first login of each user.
func byTime(list []any) []any {
	at := func(v any) string { return fmt.Sprint(v.(map[string]any)["login_time"]) }
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b any) int { return strings.Compare(at(a), at(b)) })
	return list
}
