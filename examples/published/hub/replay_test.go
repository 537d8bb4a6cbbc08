package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// replay plays a recording against our hub.
type replay struct {
	*world
	postgres bool
	table    []difference
	tokens   map[string]string          // by actor
	owners   map[string]string          // users behind tokens, by actor
	captured map[string]string          // what calls told, by the name that the recording gives it
	expired  int                        // codes that were made to expire, and are not deleted yet
	accepted map[string]map[string]bool // users by code
	repeats  int                        // times that somebody accepted a code once more
}

func newReplay(t *testing.T, address string) *replay {
	t.Helper()
	return &replay{
		world: newWorld(t, address), postgres: strings.HasPrefix(address, "postgres"), table: differences(),
		tokens: map[string]string{}, owners: map[string]string{},
		captured: map[string]string{}, accepted: map[string]map[string]bool{},
	}
}

// token returns the credential of an actor: a program, a server, or a user within the user's
// own rights.
func (r *replay) token(actor string) string {
	if text := r.tokens[actor]; text != "" {
		return text
	}
	if _, is := programs[actor]; is {
		r.tokens[actor] = r.program(actor)
		return r.tokens[actor]
	}
	if name, is := strings.CutSuffix(actor, "-server"); is {
		text, err := r.serverToken(r.t.Context(), r.users[name].ID, r.server(name, ""), actor)
		r.must(err)
		r.tokens[actor], r.owners[actor] = text, name
		return text
	}
	if name, is := strings.CutSuffix(actor, "-inherit"); is {
		r.inherits(actor, name)
		return r.tokens[actor]
	}
	return ""
}

// inherits gives an actor a token that may do all that the user may, now and later: that of a
// session. Lists of tokens show another one, with the user's present rights.
func (r *replay) inherits(actor, name string) {
	r.t.Helper()
	r.mint(name, actor, []string{"inherit"})
	r.tokens[actor], r.owners[actor] = r.session(name), name
}

// mint makes an API token of a user, without the scopes that nobody can have here.
func (r *replay) mint(name, note string, list []string) string {
	r.t.Helper()
	c := &call{service: r.service, p: r.operator, names: r.newNames()}
	c.r, _ = newRequest(r.t)
	text, _ := json.Marshal(list)
	noted, _ := json.Marshal("Requested via api by service robot")
	for {
		want, err := c.newToken(input{"scopes": text, "note": noted}, r.users[name])
		var secret interface{ Reveal() string }
		if err == nil {
			_, secret, err = r.accounts.APITokens.Create(
				r.t.Context(), r.operator, auth.Holder{User: r.users[name].ID}, want,
			)
		}
		if err == nil {
			_, err = r.accounts.Authenticate(r.t.Context(), secret.Reveal()) // tokens of the recording were used
			r.must(err)
			return secret.Reveal()
		}
		kept := slices.DeleteFunc(slices.Clone(list), r.untyped)
		if len(kept) == len(list) {
			r.t.Fatalf("token %s of %s with %v: %v", note, name, list, err)
		}
		list = kept
		text, _ = json.Marshal(list)
	}
}

var (
	codeExpires = regexp.MustCompile(`code (\w+) made to expire`)
	tokenIssued = regexp.MustCompile(`token "([^"]+)" issued for user (\S+), requested scopes=(None|\[[^\]]*\])`)
	membership  = regexp.MustCompile(`user (\S+) (added to|removed from) group (\S+)`)
)

// event does what happened between calls.
func (r *replay) event(c *recorded) {
	r.t.Helper()
	if m := codeExpires.FindStringSubmatch(c.Event); m != nil {
		id := r.captured[m[1]]
		if id == "" {
			id = r.captured[strings.Replace(m[1], "C", "I", 1)]
		}
		past := any(time.Now().Add(-time.Hour))
		if !r.postgres {
			past = time.Now().Add(-time.Hour).UnixMicro()
		}
		r.must(r.servers.exec(r.t.Context(), "UPDATE hallpass_share_codes SET expires_at = ? WHERE id = ?", past,
			strings.TrimPrefix(id, codeID)))
		r.expired++
		return
	}
	if m := tokenIssued.FindStringSubmatch(c.Event); m != nil {
		if m[3] == "None" {
			r.inherits(m[1], m[2])
			return
		}
		var list []string
		r.must(json.Unmarshal([]byte(strings.ReplaceAll(m[3], "'", `"`)), &list))
		r.tokens[m[1]], r.owners[m[1]] = r.mint(m[2], m[1], list), m[2]
		return
	}
	if m := membership.FindStringSubmatch(c.Event); m != nil {
		change := r.accounts.Groups.AddMember
		if m[2] == "removed from" {
			change = r.accounts.Groups.RemoveMember
		}
		r.must(change(r.t.Context(), r.operator, m[3], r.users[m[1]].ID))
		return
	}
	if !strings.HasPrefix(c.Event, "fixture") {
		r.t.Logf("%d: nothing is done for %q", c.N, c.Event)
	}
}

// unknown is a value that no call has told.
const unknown = "unknown"

var placeholder = regexp.MustCompile(`\{([A-Z]\w*)\}`)

// fill fills in values that earlier calls told.
func (r *replay) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		if v, ok := r.captured[strings.Trim(name, "{}")]; ok {
			return v
		}
		return unknown
	})
}

var (
	ofActor   = regexp.MustCompile(`<token:([^>]+)>`)
	validXSRF = "<valid xsrf>"
)

// draft is a recorded call with everything filled in.
func (r *replay) draft(c *recorded) (q request, problem string) {
	q = request{method: c.Request.Method, path: r.fill(c.Request.Path), header: c.Request.Headers}
	fill := func(text string) string {
		return ofActor.ReplaceAllStringFunc(
			r.fill(text), func(name string) string { return r.token(ofActor.FindStringSubmatch(name)[1]) },
		)
	}
	q.path = fill(q.path)
	if c.Request.Body != nil {
		q.body = strings.ReplaceAll(fill(*c.Request.Body), `"password": "pw"`, `"password": "`+pass+`"`)
	}
	proof := ""
	switch actor := c.actor(); {
	case actor == "":
	case actor == "raw":
		q.auth = fill(c.Request.Authorization)
	case strings.HasPrefix(actor, "cookie:"):
		q.cookie = r.cookie(strings.TrimPrefix(actor, "cookie:"))
		proof = xsrf(q.cookie)
	default:
		token := r.token(actor)
		if token == "" {
			token = r.captured[strings.Trim(actor, "{}")]
		}
		if token == "" {
			return q, "nobody knows this actor"
		}
		q.auth = "token " + token
	}
	q.path = strings.ReplaceAll(q.path, validXSRF, proof)
	if c.Request.Form != nil {
		q.form = url.Values{}
		for name, v := range c.Request.Form {
			q.form.Set(name, strings.ReplaceAll(fill(v), validXSRF, proof))
		}
	}
	for name, v := range q.header {
		if strings.Contains(v, validXSRF) {
			q.header[name] = strings.ReplaceAll(v, validXSRF, proof)
		}
	}
	return q, ""
}

// play sends a call and compares the answer with the recorded one. It agrees if no rule is
// returned, and failed if there is a problem.
func (r *replay) play(c *recorded) (rules map[string]bool, problem string) {
	q, problem := r.draft(c)
	if problem != "" {
		return nil, problem
	}
	if strings.Contains(c.Note, "expired token") {
		r.ahead = 25 * time.Hour
		defer func() { r.ahead = 0 }()
	}
	got := r.do(q)
	m := r.compare(c, got)
	rules = m.rules
	if len(m.diffs) > 0 {
		i := slices.IndexFunc(r.table, func(d difference) bool { return d.explains != nil && d.explains(r, c, q, got) })
		if i < 0 {
			return nil, fmt.Sprintf("%s\nanswered %d %s %s\nto %s %v", strings.Join(m.diffs, "\n"), got.status,
				got.header.Get("Location"), got.text, q.body, q.form)
		}
		rules = map[string]bool{r.table[i].rule: true}
		if then := r.table[i].then; then != nil {
			got = r.do(then(r, c, q))
			m := r.compare(c, got)
			maps.Copy(rules, m.rules)
			if len(m.diffs) > 0 {
				return nil, fmt.Sprintf("then %s\nanswered %d %s", strings.Join(m.diffs, "\n"), got.status, got.text)
			}
		}
	}
	r.note(c, q, got)
	return rules, ""
}

// note stores what a call means for later calls.
func (r *replay) note(c *recorded, q request, got answer) {
	var body any
	_ = json.Unmarshal([]byte(got.text), &body)
	for name, value := range c.Captures {
		if path, ok := place(c.Response.JSON, value); ok {
			r.captured[name] = at(body, path)
			if user, of := strings.CutPrefix(
				strings.TrimSuffix(c.path(), "/tokens"), api+"/users/",
			); of && strings.HasPrefix(r.captured[name], "hp_api_") {
				r.owners["{"+name+"}"] = user
			}
		}
	}
	switch {
	case c.path() == "/hub/accept-share" && c.Request.Method == "POST" && got.status == 302:
		code := q.form.Get("code")
		if r.accepted[code] == nil {
			r.accepted[code] = map[string]bool{}
		}
		if r.accepted[code][c.actor()] {
			r.repeats++
		}
		r.accepted[code][c.actor()] = true
	case strings.HasPrefix(c.path(), api+"/share-codes/") && c.Request.Method == "DELETE" && got.status == 204 &&
		r.expired > 0:
		r.expired = r.countExpired()
	}
}

// countExpired counts expired codes that are still stored.
func (r *replay) countExpired() (n int) {
	now := any(time.Now())
	if !r.postgres {
		now = time.Now().UnixMicro()
	}
	row := r.servers.db.QueryRowContext(
		r.t.Context(), r.servers.text("SELECT count(*) FROM hallpass_share_codes WHERE expires_at < ?"), now,
	)
	r.must(row.Scan(&n))
	return n
}

// leaning reports whether there are shares, or codes, that no longer count in full because
// their giver lost the right.
func (r *replay) leaning() bool {
	ctx := r.t.Context()
	var to []sharing.Receiver
	for _, u := range r.users {
		to = append(to, sharing.Receiver{User: u.ID})
	}
	for _, name := range []string{"team", "class-a", "empty"} {
		if id, err := r.accounts.Groups.ID(ctx, name); err == nil {
			to = append(to, sharing.Receiver{Group: id})
		}
	}
	for _, x := range to {
		page, err := r.service.shares.Received(ctx, r.operator, x, auth.PageQuery{Limit: 200})
		r.must(err)
		for _, s := range page.Items {
			if len(s.Counts) < len(s.Scopes) {
				return true
			}
		}
	}
	for _, u := range r.users {
		list, err := r.servers.of(ctx, string(u.ID))
		r.must(err)
		for _, v := range list {
			codes, err := r.service.shares.ShareCodes(ctx, r.operator, v.ref(), auth.PageQuery{Limit: 200})
			r.must(err)
			for _, x := range codes.Items {
				if !r.mayGive(v, x) {
					return true
				}
			}
		}
	}
	return false
}

// mayGive tells whether the giver of a code may still share the server.
func (r *replay) mayGive(v server, x sharing.ShareCode) bool {
	if x.Giver.Service != "" {
		return true
	}
	for name, u := range r.users {
		if u.ID == x.Giver.User {
			p, err := r.accounts.Authenticate(r.t.Context(), r.session(name))
			r.must(err)
			return r.service.shares.Authorize(r.t.Context(), p, v.ref(), "shares") == nil
		}
	}
	return false
}
