package main

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// comparison compares an answer with a recorded one.
type comparison struct {
	r     *replay
	rules map[string]bool // that made values agree
	diffs []string
}

func (m *comparison) differ(format string, args ...any) {
	m.diffs = append(m.diffs, fmt.Sprintf(format, args...))
}

// compare compares status, shape and values. It does not compare wording, and of times, secrets
// and ids only their form and how far times are apart.
func (r *replay) compare(c *recorded, got answer) *comparison {
	m := &comparison{r: r, rules: map[string]bool{}}
	want := c.Response
	if got.status != want.Status {
		m.differ("status %d, recorded %d", got.status, want.Status)
		return m
	}
	if want.Location != nil && r.place(*want.Location) != r.place(got.header.Get("Location")) {
		m.differ("location %s, recorded %s", got.header.Get("Location"), *want.Location)
	}
	switch {
	case want.HTML != nil && want.Status == 200:
		m.page(c, got.text)
	case want.JSON != nil && want.Status >= 400:
		var body struct {
			Status  int
			Message string
		}
		if json.Unmarshal([]byte(got.text), &body) != nil || body.Status != want.Status || body.Message == "" {
			m.differ("error %s", got.text)
		}
	case want.JSON != nil:
		var body any
		if err := json.Unmarshal([]byte(got.text), &body); err != nil {
			m.differ("%v in %s", err, got.text)
			return m
		}
		m.value("", m.shareable(want.JSON), body)
	case want.Status == 204 && got.text != "":
		m.differ("body %s", got.text)
	}
	return m
}

var (
	h1         = regexp.MustCompile(`<h1>(.*?)</h1>`)
	nextShown  = regexp.MustCompile(`<code class="next">(.*?)</code>`)
	permission = regexp.MustCompile(`<li>(.*?)</li>`)
	appliesTo  = regexp.MustCompile(`Applies to server (\S*?)\.$`)
)

// page compares what a page shows.
func (m *comparison) page(c *recorded, text string) {
	want := c.Response.HTML
	if got := h1.FindStringSubmatch(text); want.Title != nil && (got == nil || got[1] != *want.Title) {
		m.differ("heading %v, recorded %s", got, *want.Title)
	}
	if got := nextShown.FindStringSubmatch(text); want.Next != nil &&
		(got == nil || m.r.place(html.UnescapeString(got[1])) != m.r.place(*want.Next)) {
		m.differ("next %v, recorded %s", got, *want.Next)
	}
	if got := strings.Contains(text, `class="warning"`); got != want.Down {
		m.differ("warns %v, recorded %v", got, want.Down)
	}
	on := func(list []string) (out []string) {
		for _, p := range list {
			if a := appliesTo.FindStringSubmatch(p); a != nil {
				out = append(out, a[1])
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	var shown []string
	for _, p := range permission.FindAllStringSubmatch(text, -1) {
		shown = append(shown, p[1])
	}
	if len(want.Permissions) > 0 && (len(shown) == 0 || !slices.Equal(on(shown), on(want.Permissions))) {
		m.differ("permissions %q, recorded %q", shown, want.Permissions)
	}
}

// place writes an address in one form: without its host, with names for codes, and with a
// sorted query.
func (r *replay) place(text string) string {
	for name, value := range r.captured {
		if strings.HasPrefix(value, "hp_shr_") {
			text = strings.ReplaceAll(text, value, "<code:"+name+">")
		}
	}
	text = strings.NewReplacer("%3C", "<", "%3E", ">", "%3A", ":").Replace(text)
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	q := u.Query()
	for name, list := range q {
		for i, v := range list {
			if strings.Contains(v, "?") {
				q[name][i] = r.place(v)
			}
		}
	}
	if len(q) == 0 {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + q.Encode()
}

// shareable removes from a recorded list what can't be shared here.
func (m *comparison) shareable(want any) any {
	w, _ := want.(map[string]any)
	items, isList := w["items"].([]any)
	page, isPage := w["_pagination"].(map[string]any)
	if !isList || !isPage {
		return want
	}
	kept := slices.DeleteFunc(slices.Clone(items), m.r.neverShared)
	if len(kept) == len(items) {
		return want
	}
	m.rules["allow-list"] = true
	w, page = maps.Clone(w), maps.Clone(page)
	page["total"] = page["total"].(float64) - float64(len(items)-len(kept))
	w["items"], w["_pagination"] = kept, page
	return w
}

// neverShared reports whether a share or a code has only scopes that can't be shared here.
func (r *replay) neverShared(item any) bool {
	m, _ := item.(map[string]any)
	list := texts(m["scopes"])
	return m["server"] != nil && len(list) > 0 && !slices.ContainsFunc(
		list, func(text string) bool { return !r.untyped(text) },
	)
}

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
		if name == "scopes" {
			m.scopes(w, g)
			return
		}
		if name == "users" || name == "groups" || name == "roles" {
			if !slices.Equal(texts(w), texts(g)) {
				m.differ("%s: %v, recorded %v", name, g, w)
			}
			return
		}
		if len(w) != len(g) {
			m.differ("%s: %d items, recorded %d: %v", name, len(g), len(w), g)
			return
		}
		for i := range w {
			m.value("", w[i], g[i])
		}
	case string:
		g, ok := got.(string)
		if !ok {
			m.differ("%s: %v is no text, recorded %s", name, got, w)
			return
		}
		m.text(name, w, g)
	case float64:
		g, _ := got.(float64)
		if name == "exchange_count" && g < w && int(w-g) <= m.r.repeats {
			m.rules["repeat-accept"] = true
			return
		}
		if want != got {
			m.differ("%s: %v, recorded %v", name, got, want)
		}
	default:
		if want != got {
			m.differ("%s: %v, recorded %v", name, got, want)
		}
	}
}

func (m *comparison) object(want, got map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, there := got[name]; !there {
			m.differ("%s is missing", name)
			continue
		}
		m.value(name, want[name], got[name])
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, there := want[name]; !there {
			m.differ("member %s was not recorded", name)
		}
	}
	if w, ok := life(want); ok {
		if g, _ := life(got); (g - w).Abs() > 2*time.Second {
			m.differ("lives %v, recorded %v", g, w)
		}
	}
}

// life returns how long something lives.
func life(in map[string]any) (time.Duration, bool) {
	created, _ := in["created_at"].(string)
	expires, ok := in["expires_at"].(string)
	a, err1 := time.Parse(time.RFC3339Nano, created)
	b, err2 := time.Parse(time.RFC3339Nano, expires)
	return b.Sub(a), ok && err1 == nil && err2 == nil
}

var (
	wireTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`)
	wireID   = regexp.MustCompile(`^(sc_|a)\d+$`)
	ourID    = regexp.MustCompile(`^(sc_|a)[0-9a-f-]{36}$`)
)

func (m *comparison) text(name, want, got string) {
	switch {
	case wireTime.MatchString(want):
		if !wireTime.MatchString(got) {
			m.differ("%s: time %s", name, got)
		}
	case wireID.MatchString(want):
		if a, b := wireID.FindStringSubmatch(want), ourID.FindStringSubmatch(got); b == nil || a[1] != b[1] {
			m.differ("%s: id %s, recorded %s", name, got, want)
		}
	case strings.HasPrefix(want, "<code"):
		if !strings.HasPrefix(got, "hp_shr_") {
			m.differ("%s: code %s", name, got)
		}
	case strings.HasPrefix(want, "<"):
		if !strings.HasPrefix(got, "hp_api_") {
			m.differ("%s: token %s", name, got)
		}
	case name == "accept_url":
		if rest, ok := strings.CutPrefix(got, "/hub/accept-share?code="); !ok || !strings.HasPrefix(rest, "hp_shr_") {
			m.differ("accept_url %s", got)
		}
	case name == "url" && strings.HasPrefix(want, "http"):
		if !strings.HasPrefix(got, myself+"/") || m.r.place(want) != m.r.place(got) {
			m.differ("url %s, recorded %s", got, want)
		}
	case want != got:
		m.differ("%s: %q, recorded %q", name, got, want)
	}
}

// scopes compares lists of scopes as sets. A recorded scope with a filter that it does not take
// here is ignored.
func (m *comparison) scopes(want, got []any) {
	w, g := texts(want), texts(got)
	kept := slices.DeleteFunc(slices.Clone(w), m.r.untyped)
	if !slices.Equal(kept, g) {
		m.differ("scopes %v, recorded %v", g, w)
		return
	}
	if len(kept) < len(w) {
		m.rules["typed-filters"] = true
	}
}

// untyped reports whether a scope has a filter that it does not take.
func (r *replay) untyped(text string) bool {
	name, filter, filtered := strings.Cut(text, "!")
	kind, _, valued := strings.Cut(filter, "=")
	if _, known := r.schema.ID(name); !known || !filtered || !valued {
		return false
	}
	_, err := r.schema.Parse(name + "!" + kind + "=x")
	return err != nil
}
