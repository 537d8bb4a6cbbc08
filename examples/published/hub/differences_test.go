package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// difference is a deliberate difference from JupyterHub.
type difference struct {
	rule, reason string
	elsewhere    bool // fires in sections that are not shipped
	// explains reports whether this is the reason for a different answer. Rules without it make
	// values agree in compare_test.go.
	explains func(r *replay, c *recorded, q request, got answer) bool
	// then is a call to send afterwards, which has to get the recorded answer. So later calls
	// find the recorded state.
	then func(r *replay, c *recorded, q request) request
}

func newRequest(t *testing.T) (*http.Request, error) {
	return http.NewRequestWithContext(t.Context(), "POST", myself+"/", nil)
}

// differences lists all differences.
func differences() []difference {
	return []difference{
		{rule: "typed-filters",

			reason: "a scope takes only filters that make sense for it; what is about users and groups is not filtered to a server",
			explains: func(r *replay, c *recorded, _ request, got answer) bool {
				return c.ok() && got.status == 400 && slices.ContainsFunc(c.scopes(), r.untyped)
			}},
		{rule: "401", reason: "who shows no credential, or none that counts, is told so, with WWW-Authenticate",
			explains: func(_ *replay, c *recorded, q request, got answer) bool {
				return c.Response.Status == 403 && got.status == 401 && got.header.Get("WWW-Authenticate") != ""
			}},
		{rule: "no-500", reason: "what a client gets wrong is a 400 or a 404; the original breaks",
			explains: func(_ *replay, c *recorded, _ request, got answer) bool {
				return c.Response.Status == 500 && got.status < 500
			}},
		{rule: "allow-list", reason: "only scopes that open just a server can be shared, whoever shares",
			explains: func(r *replay, c *recorded, q request, got answer) bool {
				if q.form.Get("code") == unknown || strings.Contains(q.path, "code="+unknown) ||
					got.text == "{}\n" && r.neverShared(c.Response.JSON) {
					return c.ok() // of what was refused
				}
				return c.ok() && got.status == 403 && c.shares() &&
					slices.ContainsFunc(c.scopes(), func(text string) bool {
						name, _, _ := strings.Cut(text, "!")
						_, known := r.schema.ID(name)
						return known && !isShareable(name)
					})
			}},
		{rule: "grammar", reason: "one strict grammar of scopes: a filter that is empty is none",
			explains: func(_ *replay, c *recorded, _ request, got answer) bool {
				return c.ok() && got.status == 400 &&
					slices.ContainsFunc(c.scopes(), func(text string) bool { return strings.HasSuffix(text, "!") })
			}},
		{rule: "expired", reason: "codes that have expired are not counted in pages and totals",
			explains: func(r *replay, c *recorded, _ request, got answer) bool {
				var body any
				_ = json.Unmarshal([]byte(got.text), &body)
				return c.reads() && strings.HasPrefix(c.path(), api+"/share-codes/") && r.expired > 0 &&
					totalOf(body) >= 0 &&
					totalOf(c.Response.JSON)-totalOf(body) == r.expired && r.begin(c.Response.JSON, body)
			}},
		{rule: "one-evaluator", reason: "one function decides for tokens and for cookies: what was shared, also with a group, counts for both, with all that it implies",
			explains: func(r *replay, c *recorded, q request, got answer) bool {
				user, is := c.byToken(r)
				if !is || got.status != 200 || !c.reads() {
					return false
				}
				if c.path() == api+"/user" {
					return r.onlyShared(c, got, r.whatWasShared(user))
				}
				return c.Response.Status == 404 || c.Response.Status == 403
			}},
		{rule: "explicit-all", reason: "an id or a code that is empty is a mistake; all codes are deleted by naming none", elsewhere: true,
			explains: func(_ *replay, c *recorded, _ request, got answer) bool {
				return c.Request.Method == "DELETE" && c.Response.Status == 204 && got.status == 400 &&
					len(c.query()) > 0
			},
			then: func(_ *replay, _ *recorded, q request) request {
				q.path, _, _ = strings.Cut(q.path, "?")
				return q
			}},
		{rule: "strict-ids", reason: "an id is the whole of it, and is never used again for something else", elsewhere: true,
			explains: func(_ *replay, c *recorded, _ request, got answer) bool {
				return c.Request.Method == "DELETE" && c.Response.Status == 204 && got.status == 404 &&
					c.query().Get("id") != ""
			},
			then: func(r *replay, _ *recorded, q request) request {
				path, text, _ := strings.Cut(q.path, "?id=")
				id := wholeID.FindString(text)
				if id == "" || id == text {
					id = r.newestCode(path) // which got the number
				}
				q.path = path + "?id=" + id
				return q
			}},
		{rule: "numbers", reason: "true is no number of seconds",
			explains: func(_ *replay, c *recorded, q request, got answer) bool {
				return c.ok() && got.status == 400 && strings.Contains(q.body, `"expires_in": true`)
			}},
		{rule: "bounded-mint", reason: "a token makes none that may do more than it may itself", elsewhere: true,
			explains: func(r *replay, c *recorded, _ request, got answer) bool {
				_, is := c.byToken(r)
				return is && c.Response.Status == 201 && strings.HasSuffix(c.path(), "/tokens") &&
					(got.status == 400 || got.status == 403)
			},
			then: func(r *replay, c *recorded, q request) request {
				user, _ := c.byToken(r)
				q.auth = "token " + r.session(user)
				return q
			}},
		{rule: "repeat-accept", reason: "accepting a code again changes and counts nothing", elsewhere: true},
		{rule: "next", reason: "whoever accepts stays on this site: next is an own path, or not looked at", elsewhere: true,
			explains: func(r *replay, c *recorded, _ request, got answer) bool {
				if c.path() != "/hub/accept-share" || !c.query().Has("next") || got.status != c.Response.Status {
					return false
				}
				where := got.header.Get("Location")
				if m := nextShown.FindStringSubmatch(got.text); m != nil {
					where = m[1]
				}
				return sharing.OwnPath(where) && strings.HasPrefix(where, "/user/")
			}},
		{rule: "cascade", reason: "what somebody passed on counts no longer than they may share themselves, and neither do their codes", elsewhere: true,
			explains: func(r *replay, c *recorded, _ request, got answer) bool {
				less := got.status == 400 || got.status == 403 || got.status == 404 || got.status == 200 &&
					len(got.text) < size(c.Response.JSON)
				return c.ok() && less && r.leaning()
			}},
		{rule: "session-to-delete", reason: "an account is deleted by somebody who is signed in, and by no token", elsewhere: true,
			explains: func(_ *replay, c *recorded, _ request, got answer) bool {
				return c.Request.Method == "DELETE" && userPath.MatchString(c.path()) &&
					c.Response.Status == 204 && got.status == 403
			},
			then: func(r *replay, _ *recorded, q request) request {
				q.auth, q.cookie = "", r.keeper()
				q.header = map[string]string{"X-XSRFToken": xsrf(q.cookie)}
				return q
			}},
		{rule: "fixed-ceiling", reason: "an API token has the rights that it was made with at most; what follows its user is a session", elsewhere: true,
			explains: func(r *replay, c *recorded, _ request, got answer) bool {
				user, is := c.byToken(r)
				return is && user != "" && c.ok() && (got.status == 403 || got.status == 404)
			},
			then: func(r *replay, c *recorded, q request) request {
				user, _ := c.byToken(r)
				q.auth = "token " + r.session(user)
				return q
			}},
	}
}

var wholeID = regexp.MustCompile(`sc_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// begin reports whether two pages begin with the same items.
func (r *replay) begin(want, got any) bool {
	m := &comparison{r: r, rules: map[string]bool{}}
	w, _ := want.(map[string]any)["items"].([]any)
	g, _ := got.(map[string]any)["items"].([]any)
	n := min(len(w), len(g))
	m.value("", w[:n], g[:n])
	return len(m.diffs) == 0
}

// onlyShared reports whether two answers to whoami differ only in scopes from shares.
func (r *replay) onlyShared(c *recorded, got answer, shared []string) bool {
	body := got.json(r.t)
	recorded := texts(c.Response.JSON.(map[string]any)["scopes"])
	var kept []any
	for _, text := range texts(body["scopes"]) {
		if !slices.Contains(shared, text) || slices.Contains(recorded, text) {
			kept = append(kept, text)
		}
	}
	body["scopes"] = kept
	text, err := json.Marshal(body)
	r.must(err)
	return len(r.compare(c, answer{got.status, got.header, string(text)}).diffs) == 0
}

// newestCode returns the id of the newest code of the server in a path.
func (r *replay) newestCode(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, api+"/share-codes/"), "/")
	codes, err := r.service.shares.ShareCodes(r.t.Context(), r.operator, r.server(parts[0], parts[1]).ref(),
		auth.PageQuery{Limit: 200})
	r.must(err)
	if len(codes.Items) == 0 {
		return unknown
	}
	return codeID + codes.Items[len(codes.Items)-1].ID
}

var userPath = regexp.MustCompile(`^` + api + `/users/[^/]+$`)

// keeper signs in an administrator, whom the recording does not have.
func (w *world) keeper() (cookie string) {
	w.t.Helper()
	if w.cookies["keeper"] == "" {
		_, err := w.accounts.CreateUser(w.t.Context(), w.operator, auth.UserInput{Username: "keeper", Password: pass, Roles: []string{"user", "admin"}}, auth.Client{})
		w.must(err)
	}
	return w.cookie("keeper")
}

// totalOf returns the total of a page, or -1 for other answers.
func totalOf(body any) int {
	m, _ := body.(map[string]any)
	p, _ := m["_pagination"].(map[string]any)
	n, ok := p["total"].(float64)
	if !ok {
		return -1
	}
	return int(n)
}

func size(v any) int {
	text, _ := json.Marshal(v)
	return len(text) + 64 // ours has longer ids
}

// whatWasShared returns the scopes that a user has by shares, as a cookie shows them.
func (r *replay) whatWasShared(user string) (out []string) {
	got := r.do(request{method: "GET", path: api + "/user", cookie: r.cookie(user)})
	for _, text := range texts(got.json(r.t)["scopes"]) {
		if strings.Contains(text, "!server=") {
			out = append(out, text)
		}
	}
	return out
}
