package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
)

// replay plays a recording, in order, against our service.
type replay struct {
	*serving
	p      place
	clock  *shifted
	table  []difference
	ids    map[string]string // placeholders of users and logins
	tokens map[string]*issued
	people []*person
	now    map[string]replaced // usernames and addresses that are others in this call, by field and recorded value
	own    map[string]bool     // ids of what the test itself made
	before auth.User           // who a PATCH is about, as they were
	shown  []string            // every answer, without what differs between runs
	names  map[string]string   // in shown, for ids
}

// person is an account as the recording knows it.
type person struct {
	uuid string
	text map[string]replaced // username and address here, by field
	gone bool

	username, email string // recorded
	password, typed string // recorded, and here
}

// issued is a token.
type issued struct {
	text string
	of   *person
	name string // username for which the original issued it
}

func newReplay(t *testing.T, p place) *replay {
	t.Helper()
	clock := &shifted{}
	return &replay{
		serving: p.serve(func(c *auth.Config) { c.Now = clock.now }), p: p, clock: clock, table: differences(),
		ids: map[string]string{}, tokens: map[string]*issued{}, own: map[string]bool{}, names: map[string]string{},
	}
}

// result is the result of one line. It agreed if rules is empty, and failed if there is a
// problem.
type result struct {
	rules, adds map[string]bool
	problem     string
}

func failed(format string, args ...any) result { return result{problem: fmt.Sprintf(format, args...)} }

func (r *replay) play(c *recorded) result {
	r.now = map[string]replaced{}
	switch {
	case c.Request != nil:
		return r.call(c)
	case c.Stdout != nil:
		return r.commandLine(c)
	case c.Statuses != nil:
		return r.race(c)
	case c.Claims != nil:
		return r.claims(c)
	}
	return failed("a line of an unknown form")
}

var (
	placeholder = regexp.MustCompile(`<(uuid|login|jwt)[^<>]*>`)
	tokenHolder = regexp.MustCompile(`<jwt[^<>]*>`)
)

// call plays a call. A token that nobody was given is a forged one: all ways to forge it have
// to get the same answer.
func (r *replay) call(c *recorded) result {
	holder := tokenHolder.FindString(c.Request.Headers["Authorization"])
	if holder == "" || r.tokens[holder] != nil {
		return r.once(c, forgery{})
	}
	var all result
	for _, f := range r.forgeries(holder) {
		one := r.once(c, f)
		if one.problem != "" {
			return failed("forged %s: %s", f.how, one.problem)
		}
		if all.rules != nil && !maps.Equal(one.rules, all.rules) {
			return failed("forged %s: %v, others %v", f.how, one.rules, all.rules)
		}
		all = one
	}
	return all
}

// once sends a call and compares the answer with the recorded one.
func (r *replay) once(c *recorded, f forgery) result {
	unknown := ""
	d := c.draft(r.t, func(text string) string {
		return placeholder.ReplaceAllStringFunc(text, func(name string) string {
			if known := r.tokens[name]; known != nil {
				return known.text
			}
			if strings.HasPrefix(name, "<jwt") {
				return f.text
			}
			if r.ids[name] == "" {
				unknown = name
			}
			return r.ids[name]
		})
	})
	if unknown != "" {
		return failed("nothing says what %s is", unknown)
	}
	defer r.clock.shift(f.later)()
	for _, diff := range r.table {
		if diff.instead == nil {
			continue
		}
		if is, problem := diff.instead(r, c, d); is {
			return result{rules: map[string]bool{diff.rule: true}, problem: problem}
		}
	}
	r.remember(c, d)
	got, rules := r.send(c, d)
	r.show(c, got)
	m := r.compare(c, got)
	if len(m.diffs) == 0 {
		r.note(c, d, m)
		maps.Copy(rules, m.rules)
		return result{rules: rules, adds: m.adds}
	}
	for _, diff := range r.table {
		if diff.explains == nil || !diff.explains(r, c, d, got) {
			continue
		}
		rules[diff.rule] = true
		out := result{rules: rules}
		if diff.then != nil {
			out.problem = diff.then(r, c, d, got)
		}
		r.note(c, d, m)
		return out
	}
	return failed("%s\nanswered %d %s", strings.Join(m.diffs, "\n"), got.status, got.text)
}

// again sends a changed draft, and expects the recorded answer.
func (r *replay) again(c *recorded, d *draft) string {
	got, _ := r.send(c, d)
	m := r.compare(c, got)
	if len(m.diffs) > 0 {
		return fmt.Sprintf("then: %s\nanswered %d %s", strings.Join(m.diffs, "\n"), got.status, got.text)
	}
	r.note(c, d, m)
	return ""
}

// note stores what a call means for later calls. It follows the recording, because the rules
// restore its state.
func (r *replay) note(c *recorded, d *draft, m *comparison) {
	if len(m.diffs) == 0 {
		for name, id := range m.binds {
			if !strings.HasPrefix(name, "<jwt:") {
				r.ids[name] = id
				continue
			}
			login := c.Request.Body.Form["username"]
			r.tokens[name] = &issued{text: id, of: r.byName(login), name: login}
		}
	}
	status := c.Response.Status
	switch {
	case c.isRegistration() && status == 201:
		if r.byID(c.member("uuid")) != nil {
			return
		}
		typed, _, _ := d.field("password")
		p := &person{
			uuid: c.member("uuid"), username: c.member("username"), email: c.member("email"),
			password: c.Request.Body.Form["password"], typed: typed,
			text: map[string]replaced{},
		}
		p.takes(r.now)
		r.people = append(r.people, p)
	case c.Request.Method == "PATCH" && status == 200:
		p := r.byID(c.member("uuid"))
		if name := c.member("username"); name != p.username {
			p.username = name
			delete(p.text, "username")
		}
		p.takes(r.now)
	case c.Request.Method == "DELETE" && status == 204:
		r.byID(placeholder.FindString(c.path())).gone = true
	}
}

// as sends a call with a token of the account that it acted for in the original.
func (r *replay) as(p *person, c *recorded, d *draft) string {
	login, _ := r.here("username", p.username)
	t, err := r.accounts.PasswordGrant(r.t.Context(), auth.SignInRequest{Login: login, Password: p.typed})
	if err != nil {
		return err.Error()
	}
	r.disown(t.Access)
	d.auth = "Bearer " + t.Access
	return r.again(c, d)
}

// byName finds the user with a username, or nil.
func (r *replay) byName(username string) *person {
	return r.find(func(p *person) bool { return p.username == username && !p.gone })
}

func (r *replay) byID(uuid string) *person {
	return r.find(func(p *person) bool { return p.uuid == uuid })
}

func (r *replay) find(is func(*person) bool) *person {
	if i := slices.IndexFunc(r.people, is); i >= 0 {
		return r.people[i]
	}
	return nil
}

// replaced returns the value that stands for a recorded one here, and the rule that refuses the
// recorded one.
type replaced struct{ value, rule string }

// here returns what a recorded username or address is here. rule is empty if it is the same.
func (r *replay) here(field, value string) (text, rule string) {
	to, ok := r.now[field+":"+value]
	if !ok {
		if p := r.find(func(p *person) bool { return !p.gone && p.has(field) == value }); p != nil {
			to, ok = p.text[field]
		}
	}
	if ok {
		return to.value, to.rule
	}
	return value, ""
}

// has returns the recorded username or address.
func (p *person) has(field string) string {
	if field == "email" {
		return p.email
	}
	return p.username
}

// takes stores the values that stand for recorded ones from now on.
func (p *person) takes(now map[string]replaced) {
	for _, field := range []string{"username", "email"} {
		if to, ok := now[field+":"+p.has(field)]; ok {
			p.text[field] = to
		}
	}
}

// remember stores the user of a PATCH as they are before it.
func (r *replay) remember(c *recorded, d *draft) {
	if c.Request.Method == "PATCH" {
		r.before, _ = r.accounts.User(
			r.t.Context(), r.operator, auth.UserID(d.path[strings.LastIndexByte(d.path, '/')+1:]),
		)
	}
}

// isOwn reports whether the test itself made an item of a list.
func (r *replay) isOwn(item any) bool {
	object, _ := item.(map[string]any)
	return r.own[fmt.Sprint(object["uuid"])] || r.own[fmt.Sprint(object["user_uuid"])]
}

// ownUser makes a user for the test itself.
func (r *replay) ownUser(name string, roles ...string) auth.User {
	r.t.Helper()
	u, err := r.accounts.CreateUser(r.t.Context(), r.operator, auth.UserInput{
		Username: name, Email: name + "@test.invalid", Password: pass, Roles: append(roles, "normal"),
	}, auth.Client{})
	if err != nil {
		r.t.Fatal(err)
	}
	r.own[string(u.ID)] = true
	return u
}

var (
	idText    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	variable  = regexp.MustCompile(`"(access_token|refresh_token|login_time)":"[^"]*"`)
	isSecret  = `"$1":"…"`
	shortName = "id-%d"
)

// show writes an answer without what differs between runs: ids are numbered in order of
// appearance, tokens and times are left out.
func (r *replay) show(c *recorded, got reply) {
	text := idText.ReplaceAllStringFunc(variable.ReplaceAllString(got.text, isSecret), func(id string) string {
		if r.names[id] == "" {
			r.names[id] = fmt.Sprintf(shortName, len(r.names))
		}
		return r.names[id]
	})
	r.shown = append(r.shown, fmt.Sprintf("%s: %d %s", c.Name, got.status, text))
}
