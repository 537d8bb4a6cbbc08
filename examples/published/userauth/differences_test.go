package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

// difference is a deliberate difference from the published service.
type difference struct {
	rule, reason string
	// adds reports whether a member that was not recorded may be there. A call without other
	// differences agrees.
	adds func(recorded map[string]any, member string) bool
	// explains reports whether this is the reason for a different answer.
	explains func(r *replay, c *recorded, d *draft, got reply) bool
	// then does what the recorded call did in another way, or undoes what it did not do, so
	// that later calls find the recorded state. It returns what went wrong.
	then func(r *replay, c *recorded, d *draft, got reply) string
	// instead reports whether the call would do something here that it did not do there, or the
	// reverse. Such a call is not sent. What it would meet is checked in a way that changes
	// nothing.
	instead func(r *replay, c *recorded, d *draft) (is bool, problem string)
}

// Rules that send other names.
const (
	weakPassword = "weak-password"
	emailSyntax  = "email-syntax"
	usernameRule = "username-rule"
	withoutCase  = "without-case"
)

// differences lists all differences. Rules without a function are applied when a call is sent:
// a value that is refused is replaced and sent again.
func differences() []difference {
	return slices.Concat(surface(), identity(), rights())
}

func surface() []difference {
	return []difference{
		{rule: "code", reason: "errors carry a stable code beside the detail, so that programs need not read words",
			adds: func(recorded map[string]any, member string) bool {
				return recorded["detail"] != nil && member == "code"
			}},
		{rule: "token-life", reason: "a token says how long it lives, and comes with one to refresh it",
			adds: func(recorded map[string]any, member string) bool {
				return recorded["access_token"] != nil && (member == "expires_in" || member == "refresh_token")
			}},
		{rule: "documented-paths",
			reason: "the paths of the documentation exist beside those of the code: each answers as its alias does",
			explains: func(r *replay, c *recorded, d *draft, got reply) bool {
				alias, is := aliasOf(c)
				if !is || c.unsafe() {
					return false
				}
				twin := *d
				twin.path = strings.Replace(d.path, c.path(), alias, 1)
				other := r.do(twin.request(r.serving))
				return other.status == got.status && other.text == got.text
			},
			instead: func(r *replay, c *recorded, _ *draft) (bool, string) {
				if _, is := aliasOf(c); !is || !c.unsafe() {
					return false, ""
				}
				if got := r.do(
					r.request(c.Request.Method, c.path(), "", "", ""),
				); got.status != 401 && got.status != 422 {
					return true, "nobody is asked who they are: " + got.text
				}
				return true, ""
			}},
		{rule: "json-bodies",
			reason: "registration and sign-in take JSON, so that nothing personal has to stand in a URL",
			explains: func(_ *replay, c *recorded, d *draft, got reply) bool {
				return c.Response.Status == 422 && d.json != nil && (c.isRegistration() || c.is("POST", "/token")) &&
					got.status < 500
			},
			then: undoJSON},
		{rule: "partial-patch", reason: "a PATCH may leave out what it does not change",
			explains: func(_ *replay, c *recorded, _ *draft, got reply) bool {
				types := c.items()
				return c.Request.Method == http.MethodPatch && len(types) > 0 &&
					!slices.ContainsFunc(types, func(t string) bool { return t != "missing" }) &&
					!strings.Contains(got.text, `"missing"`)
			},
			then: undoPatch},
		{rule: "uuid-version",
			reason: "ids are UUIDs of version 7 here; one of any version is looked up, and is nobody's",
			explains: func(_ *replay, c *recorded, _ *draft, got reply) bool {
				return slices.Equal(c.items(), []string{"uuid_version"}) && got.status == 404
			}},
		{rule: "nul", reason: "a password with a NUL is a field error; the original breaks",
			explains: func(_ *replay, c *recorded, d *draft, got reply) bool {
				pw, _, _ := d.field("password")
				return c.Response.Status == 500 && strings.Contains(pw, "\x00") && got.status == 422
			}},
		{rule: "race", reason: "of registrations that race one wins and the others conflict; the original breaks"},
	}
}

func identity() []difference {
	return []difference{
		{
			rule: weakPassword,

			reason: "a password has at least 8 characters and is not a common one; the recording goes on with a good one",
		},
		{rule: emailSyntax, reason: "an address is one; the recording goes on with another"},
		{rule: usernameRule, reason: "a username is not empty, not reserved and of letters, digits and . _ -; the recording goes on with another"},
		{rule: withoutCase, reason: "usernames and addresses are compared without case, so that nobody can look like somebody else",
			explains: func(r *replay, c *recorded, d *draft, got reply) bool {
				return c.is("POST", "/token") && c.Response.Status == 401 && got.status == 200 &&
					r.foldedTwin(d, "username")
			},
			then: undoJSON},
		{rule: "whole-password", reason: "all of a password counts; in the original its first 72 bytes",
			explains: func(r *replay, c *recorded, d *draft, got reply) bool {
				p := r.byName(c.Request.Body.Form["username"])
				pw := d.form["password"]
				return c.is("POST", "/token") && c.Response.Status == 200 && got.status == 401 && p != nil &&
					pw != p.typed &&
					len(pw) > 72 && len(p.typed) > 72 && pw[:72] == p.typed[:72]
			},
			then: func(r *replay, c *recorded, d *draft, _ reply) string {
				d.form["password"] = r.byName(c.Request.Body.Form["username"]).typed
				return r.again(c, d)
			}},
		{rule: "unissued-token", reason: "a token that we did not issue, or without an end, opens nothing; the original's key is published",
			explains: func(r *replay, c *recorded, _ *draft, got reply) bool {
				return c.bearer() != "" && r.tokens[c.bearer()] == nil && c.Response.Status < 300 && got.status == 401
			}},
		{rule: "token-of-account", reason: "a token names an account, not a username: it outlives a renaming, and never opens the account of who has the name now",
			explains: func(r *replay, c *recorded, _ *draft, got reply) bool {
				t := r.tokens[c.bearer()]
				if t == nil || r.byName(t.name) == t.of {
					return false
				}
				if t.of.gone {
					return got.status == 401
				}
				return got.status != 401 && (!strings.HasSuffix(c.path(), "/me") ||
					strings.Contains(got.text, `"`+r.ids[t.of.uuid]+`"`))
			},
			then: asTheOther,
			instead: func(r *replay, c *recorded, d *draft) (bool, string) {
				t := r.tokens[c.bearer()]
				if t == nil || r.byName(t.name) == t.of || t.of.gone || !c.unsafe() {
					return false, ""
				}
				if got := r.do(r.request("GET", "/users/me", t.text, "", "")); got.status != 200 ||
					!strings.Contains(got.text, r.ids[t.of.uuid]) {
					return true, "the token opens " + got.text
				}
				return true, asTheOther(r, c, d, reply{})
			}},
		{rule: "token-form", reason: "a token is signed by a key pair, names issuer, audience, account and session, and has a type; it lives as long"},
	}
}

func rights() []difference {
	return []difference{
		{rule: "plain-403", reason: "who may not list or hand out roles is told so; hiding is for single objects",
			explains: func(_ *replay, c *recorded, _ *draft, got reply) bool {
				list := c.Response.Status == 404 && (c.is("GET", "/users") || c.is("GET", "/logins"))
				role := c.Response.Status == 405 && c.Request.Method == http.MethodPatch
				code, _ := whatIsWrong(got)
				return got.status == 403 && (list && code == "insufficient_scope" || role && code == "field_forbidden")
			}},
		{rule: "owner-in-path", reason: "a login is below the path of its owner, and of nobody else",
			explains: func(_ *replay, c *recorded, _ *draft, got reply) bool {
				owner := placeholder.FindString(c.path())
				return strings.Contains(c.path(), "/logins/") && strings.HasPrefix(c.path(), "/users/") &&
					c.Response.Status == 200 &&
					c.member("user_uuid") != owner && got.status == 404
			}},
		{rule: "last-admin", reason: "the last admin stays one",
			explains: func(_ *replay, c *recorded, _ *draft, got reply) bool {
				code, _ := whatIsWrong(got)
				return c.Response.Status < 300 && got.status == 409 && code == "last_admin"
			},
			then: func(r *replay, c *recorded, d *draft, _ reply) string {
				r.ownUser("keeper-of-the-test", string(auth.RoleAdmin))
				return r.again(c, d)
			}},
		{rule: "photo", reason: "photos are judged, for the account of the path, and shown to be nobody's here; the published placeholder always breaks",
			explains: func(_ *replay, c *recorded, _ *draft, got reply) bool {
				code, _ := whatIsWrong(got)
				return c.Response.Status == 500 && strings.HasSuffix(c.path(), "/validate_photo") &&
					(got.status == 403 && code == "claim_refused" || got.status == 404 || got.status == 422 ||
						got.status == 429)
			}},
	}
}

// aliasOf returns the path in the published code for a path that only its documentation has.
func aliasOf(c *recorded) (path string, is bool) {
	path = c.path()
	switch {
	case c.detail() != "Not Found":
		return "", false
	case path == "/redocs":
		return "/redoc", true
	case path == "/user" || strings.HasPrefix(path, "/user/"):
		return strings.Replace(path, "/user", "/users", 1), true
	}
	return "", false
}

// asTheOther does what a token did in the original, with a token of the account that it opened
// there.
func asTheOther(r *replay, c *recorded, d *draft, _ reply) string {
	if c.Response.Status > 299 {
		return ""
	}
	return r.as(r.byName(r.tokens[c.bearer()].name), c, d)
}

// undoJSON undoes a call that the original refused.
func undoJSON(r *replay, c *recorded, _ *draft, got reply) string {
	if got.status > 299 {
		return ""
	}
	if c.is("POST", "/token") {
		r.disown(read[tokenJSON](r.serving, got).Access)
		return ""
	}
	var made userJSON
	err := json.Unmarshal([]byte(got.text), &made)
	if err == nil {
		err = r.accounts.DeleteUser(r.t.Context(), r.operator, made.UUID)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// undoPatch restores a user.
func undoPatch(r *replay, _ *recorded, _ *draft, got reply) string {
	if got.status != http.StatusOK {
		return ""
	}
	roles := make([]string, len(r.before.Roles))
	for i, role := range r.before.Roles {
		roles[i] = string(role)
	}
	if _, err := r.accounts.UpdateUser(r.t.Context(), r.operator, r.before.ID,
		auth.UserPatch{Username: &r.before.Username, Roles: &roles}); err != nil {
		return err.Error()
	}
	return ""
}

// disown keeps a login out of the lists if the original did not give the token behind it.
func (r *replay) disown(token string) {
	p, err := r.accounts.Authenticate(r.t.Context(), token)
	if err != nil {
		r.t.Fatal(err)
	}
	list, err := r.accounts.History.Logins(r.t.Context(), r.operator, p.User.ID,
		auth.LoginFilter{Outcome: auth.Success, PageQuery: auth.PageQuery{Limit: 1}})
	if err != nil || len(list.Items) == 0 {
		r.t.Fatal(list, err)
	}
	r.own[string(list.Items[0].ID)] = true
}
