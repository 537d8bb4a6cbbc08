package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

// send sends a call as recorded. If values that the original accepted are refused here, it
// sends the call again with other values, which replace them from then on. The rules say why
// they are refused.
func (r *replay) send(c *recorded, d *draft) (reply, map[string]bool) {
	rules := map[string]bool{}
	r.fit(c, d)
	got := r.do(d.request(r.serving))
	for range 4 {
		rule := r.replace(c, d, got)
		if rule == "" {
			break
		}
		rules[rule] = true
		got = r.do(d.request(r.serving))
	}
	return got, rules
}

// fit replaces such values in a call that repeats them.
func (r *replay) fit(c *recorded, d *draft) {
	login, _, _ := d.field("username")
	if p := r.byName(login); p != nil && c.is("POST", "/token") {
		if pw, set, ok := d.field("password"); ok && pw == p.password {
			set(p.typed)
		}
	}
	for _, name := range []string{"username", "email"} {
		if v, set, ok := d.field(name); ok {
			v, _ = r.here(name, v)
			set(v)
		}
	}
}

// replace replaces a value that the original accepted and we refuse. It returns the rule, or ""
// if there is none.
func (r *replay) replace(c *recorded, d *draft, got reply) (rule string) {
	takes := c.Response.Status < 300 || c.Response.Status == 409 || d.json != nil && c.isRegistration()
	if !c.isRegistration() && c.Request.Method != "PATCH" || !takes {
		return ""
	}
	code, refused := whatIsWrong(got)
	took := c.Response.Status < 300
	// our answer says something else than the original
	other := took || c.isRegistration() && !slices.Contains(meanings[c.detail()], code)
	switch {
	case refused["password"]:
		return r.put(d, "password", pass, weakPassword)
	case refused["email"] && c.isRegistration():
		return r.put(d, "email", "@example.com", emailSyntax)
	case refused["username"] && other:
		return r.put(d, "username", "", usernameRule)
	case code == "username_taken" && other && r.foldedTwin(d, "username"):
		return r.put(d, "username", "", withoutCase)
	case code == "email_taken" && other && r.foldedTwin(d, "email"):
		return r.put(d, "email", "@example.com", withoutCase)
	}
	return ""
}

// put replaces a value of the draft. The replacement for a username or an address is made from
// it, with an end that fits the field.
func (r *replay) put(d *draft, field, value, rule string) string {
	old, set, ok := d.field(field)
	if !ok || old == value && field == "password" {
		return ""
	}
	if field != "password" {
		sum := sha256.Sum256([]byte(old))
		value = "in-place-of-" + hex.EncodeToString(sum[:4]) + value
		r.now[field+":"+old] = replaced{value, rule}
	}
	set(value)
	return rule
}

// foldedTwin reports whether somebody has the same value in another case.
func (r *replay) foldedTwin(d *draft, field string) bool {
	v, _, _ := d.field(field)
	return r.find(
		func(p *person) bool { return !p.gone && p.has(field) != v && strings.EqualFold(p.has(field), v) },
	) != nil
}

// whatIsWrong reads the code of an error, and the fields that were there and wrong.
func whatIsWrong(got reply) (code string, fields map[string]bool) {
	var body struct {
		Code   string
		Detail any
	}
	fields = map[string]bool{}
	if json.Unmarshal([]byte(got.text), &body) != nil {
		return "", fields
	}
	items, _ := body.Detail.([]any)
	for _, v := range items {
		item, _ := v.(map[string]any)
		if loc, _ := item["loc"].([]any); len(loc) == 2 {
			fields[loc[1].(string)] = true
		}
	}
	return body.Code, fields
}
