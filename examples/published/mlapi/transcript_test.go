package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
	"github.com/hallpass-go/hallpass/examples/internal/recording"
)

// recorded is one line of a recording: a call with its answer, or a look into a token.
type recorded struct {
	Name    string
	Request *struct {
		Method, Path string
		Headers      map[string]string
		Body         struct {
			JSON any
			Form map[string]string
			Raw  *string
		}
	}
	Response struct {
		Status int
		JSON   any
		Text   *string
	}
	Claims map[string]any
}

// TestMLUsers_transcript replays a recording of the published service on both databases. Every
// call agrees, or differs as a rule in differences_test.go says. HALLPASS_VECTORS names another
// folder with such recordings.
func TestMLUsers_transcript(t *testing.T) {
	t.Parallel()
	files, shipped := recording.Files(t, "mlusers_*.jsonl")
	for _, file := range files {
		shown := map[string][]string{}
		for _, database := range slices.Sorted(maps.Keys(hosttest.Databases)) {
			t.Run(filepath.Base(file)+" on "+database, func(t *testing.T) {
				r := newReplay(t, database)
				tally := &recording.Tally{}
				for _, c := range recording.Lines[recorded](t, file) {
					rules, problem := r.play(c)
					tally.Count(t, c.Name, rules, r.adds, problem)
				}
				tally.Report(t, rules())
				if r.log.String() != "" {
					t.Errorf("the service had errors: %s", r.log)
				}
				shown[database] = r.shown
				if shipped {
					tally.EveryRuleFires(t, rules())
				}
			})
		}
		recording.SameAnswers(t, file, shown)
	}
}

// replay plays a recording, in order, against our service.
type replay struct {
	*serving
	zone    *time.Location    // of the host's clock
	ids     map[string]string // ours, by recorded number
	tokens  map[string]string // ours, by placeholder
	people  map[string]*person
	holders map[string]string // recorded ids, by token of ours
	last    string            // the token that was given last
	adds    map[string]bool   // rules of members beside the recorded ones, of this call
	shown   []string
}

// person is an account in the recording, by its recorded id.
type person struct {
	username, email string
	password, typed string // recorded, and here
	given, gone     bool   // whether the original was given a password; whether the account was removed
}

func newReplay(t *testing.T, database string) *replay {
	r := &replay{zone: time.UTC, ids: map[string]string{}, tokens: map[string]string{}, people: map[string]*person{},
		holders: map[string]string{}}
	r.serving = serve(t, database, func(c *auth.Config) { c.Now = func() time.Time { return time.Now().In(r.zone) } })
	return r
}

// play plays a line. It returns the rules by which it differs, which are none if it agrees, and
// what is wrong.
func (r *replay) play(c *recorded) (map[string]bool, string) {
	r.adds = map[string]bool{}
	r.zone = zoneOf(c.Name)
	if c.Request == nil {
		return r.claims(c)
	}
	rules := map[string]bool{}
	d := r.draft(c, rules)
	if who := r.disabled(c, d); who != "" {
		back, problem := r.enableFor(c, d, who)
		if problem != "" {
			return rules, problem
		}
		defer back()
		rules[whileDisabled] = true
	}
	got := r.Do(d.request(r.Client))
	for range 6 { // what stands in the way is taken out of it, one after the other
		if r.agrees(c, got) == "" {
			break
		}
		rule := r.explain(c, d, got)
		switch {
		case rule.name == "":
			return rules, fmt.Sprintf("%s; answered %d %s", r.agrees(c, got), got.Status, got.Text)
		case rules[rule.name]:
			return rules, fmt.Sprintf("%s once more: answered %d %s", rule.name, got.Status, got.Text)
		}
		rules[rule.name] = true
		if rule.again == nil {
			r.note(c, d, got)
			r.show(c, got)
			return rules, ""
		}
		rule.again(r, c, d)
		got = r.Do(d.request(r.Client))
	}
	if problem := r.agrees(c, got); problem != "" {
		return rules, problem
	}
	r.note(c, d, got)
	r.show(c, got)
	return rules, ""
}

// disabled returns the recorded id of the caller, or of the user who signs in, if that user is
// disabled; otherwise "".
func (r *replay) disabled(c *recorded, d *draft) string {
	who := r.holders[tokenOf(d)]
	if d.person != "" && d.json["password"] == r.people[d.person].typed {
		who = d.person
	}
	if who == "" || r.people[who].gone {
		return ""
	}
	u, err := r.accounts.User(r.T.Context(), r.operator, auth.UserID(r.ids[who]))
	if err != nil {
		r.T.Fatal(err)
	}
	if u.Status == auth.StatusActive {
		return ""
	}
	return who
}

// enableFor checks that the call is refused, and enables the disabled user until it was made.
func (r *replay) enableFor(c *recorded, d *draft, who string) (back func(), problem string) {
	status := http.StatusUnauthorized
	if c.is("POST", "/token") {
		status = http.StatusForbidden
	}
	if got := r.Do(d.request(r.Client)); got.Status != status {
		return nil, fmt.Sprintf("who is disabled is answered %d %s", got.Status, got.Text)
	}
	r.set(who, auth.StatusActive)
	if old := tokenOf(d); old != "" {
		p := r.people[who]
		t, err := r.accounts.PasswordGrant(r.T.Context(), auth.SignInRequest{Login: p.username, Password: p.typed})
		if err != nil {
			return nil, err.Error()
		}
		d.auth, d.path = strings.ReplaceAll(d.auth, old, t.Access), strings.ReplaceAll(d.path, old, t.Access)
	}
	return func() { r.set(who, auth.StatusDisabled) }, ""
}

func (r *replay) set(who string, status auth.Status) {
	if _, err := r.accounts.UpdateUser(
		r.T.Context(), r.operator, auth.UserID(r.ids[who]), auth.UserPatch{Status: &status},
	); err != nil {
		r.T.Fatal(err)
	}
}

// tokenOf returns the token of a call, or "".
func tokenOf(d *draft) string {
	if token, ok := strings.CutPrefix(d.path, "/token_status/"); ok {
		return token
	}
	return strings.TrimPrefix(d.auth, "Bearer ")
}

// isHeld reports whether somebody has the address.
func (r *replay) isHeld(email any) bool {
	for _, p := range r.people {
		if !p.gone && p.email == email {
			return true
		}
	}
	return false
}

// zoneOf returns the time zone of the host for a call.
func zoneOf(name string) *time.Location {
	var hours int
	if _, err := fmt.Sscanf(name, "host zone UTC%d", &hours); err != nil {
		return time.UTC
	}
	return time.FixedZone("", hours*3600)
}

// draft is a request to send.
type draft struct {
	method, path, auth, kind string
	json                     map[string]any // nil for another body
	body                     string
	person                   string // recorded id of who it registers, or signs in
}

var (
	placeholder = regexp.MustCompile(`<jwt[^<>]*>`)
	pathID      = regexp.MustCompile(`^(/(?:toggle-user-permission|remove-user)/)(\d+)`)
)

// draft fills in our values for placeholders and numbers.
func (r *replay) draft(c *recorded, rules map[string]bool) *draft {
	fill := func(text string) string {
		return placeholder.ReplaceAllStringFunc(text, func(name string) string {
			if known, ok := r.tokens[name]; ok {
				return known
			}
			return r.last[:len(r.last)-1] // one that was cut
		})
	}
	d := &draft{method: c.Request.Method, path: fill(c.Request.Path), auth: fill(
		c.Request.Headers["Authorization"],
	), kind: c.Request.Headers["Content-Type"]}
	if m := pathID.FindStringSubmatch(d.path); m != nil {
		if r.ids[m[2]] == "" {
			r.ids[m[2]] = uuid.Must(uuid.NewV7()).String() // nobody's
		}
		d.path = m[1] + r.ids[m[2]] + d.path[len(m[0]):]
	}
	b := c.Request.Body
	switch v := b.JSON.(type) {
	case map[string]any:
		d.json = maps.Clone(v)
	case nil:
		if b.Raw != nil {
			d.body = *b.Raw
		}
		for name, value := range b.Form {
			d.body += name + "=" + value + "&"
		}
	default:
		text, err := json.Marshal(v)
		if err != nil {
			r.T.Fatal(err)
		}
		d.body = string(text)
	}
	if c.is("POST", "/token") && d.json != nil {
		d.person = r.named(d.json["username"])
		if p := r.people[d.person]; p != nil && p.given && p.password == d.json["password"] {
			d.json["username"], d.json["password"] = p.username, p.typed
			if p.password != p.typed {
				rules[passwordRule] = true
			}
		}
	}
	return d
}

// named returns the recorded id of the user who has a recorded username now, or "".
func (r *replay) named(username any) string {
	for id, p := range r.people {
		if text, _ := username.(string); !p.gone && p.username == text {
			return id
		}
	}
	for id, p := range r.people { // who was registered without a name has another one here
		if username == nil && !p.gone && strings.HasPrefix(p.username, nameless) {
			return id
		}
	}
	return ""
}

func (d *draft) request(c hosttest.Client) *http.Request {
	body := d.body
	if d.json != nil {
		text, err := json.Marshal(d.json)
		if err != nil {
			c.T.Fatal(err)
		}
		body = string(text)
	}
	r := c.Request(d.method, d.path, body)
	r.Header.Set("Content-Type", d.kind)
	if d.auth != "" {
		r.Header.Set("Authorization", d.auth)
	}
	return r
}

// is reports whether the call has a method and a path, or a path below it.
func (c *recorded) is(method, path string) bool {
	return c.Request != nil && c.Request.Method == method &&
		(c.Request.Path == path || strings.HasPrefix(c.Request.Path, path+"/"))
}

// member returns a value of the recorded answer.
func (c *recorded) member(name string) any {
	body, _ := c.Response.JSON.(map[string]any)
	return body[name]
}

// note stores what a call means for later calls: what the recording says where the original did
// as asked, and otherwise ours.
func (r *replay) note(c *recorded, d *draft, got hosttest.Reply) {
	if got.Status > 299 {
		return
	}
	switch {
	case c.is("POST", "/register-user"):
		id := fmt.Sprint(c.member("user_id"))
		if c.member("user_id") == nil {
			id = fmt.Sprint("of ", c.Name)
		}
		r.ids[id] = got.Member("user_id")
		in, _ := c.Request.Body.JSON.(map[string]any)
		p := &person{}
		p.password, p.given = in["password"].(string)
		p.username, _ = d.json["username"].(string)
		p.email, _ = d.json["email"].(string)
		p.typed, _ = d.json["password"].(string)
		r.people[id] = p
	case c.is("POST", "/token"):
		r.last = got.Member("token")
		r.holders[r.last] = d.person
		if name, ok := c.member("token").(string); ok {
			r.tokens[name] = r.last
		}
	case c.is("DELETE", "/remove-user"):
		if p := r.people[pathID.FindStringSubmatch(c.Request.Path)[2]]; p != nil {
			p.gone = true
		}
	}
}

var idText = regexp.MustCompile(
	`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|ey[\w-]+\.[\w-]+\.[\w-]+`,
)

// show writes an answer without what differs between runs.
func (r *replay) show(c *recorded, got hosttest.Reply) {
	r.shown = append(r.shown, fmt.Sprintf("%s: %d %s", c.Name, got.Status, idText.ReplaceAllString(got.Text, "…")))
}

// agrees compares status, shape and values with the recorded ones, but not the wording of
// errors in values. It returns the difference.
func (r *replay) agrees(c *recorded, got hosttest.Reply) string {
	want := c.Response
	if got.Status != want.Status {
		return fmt.Sprintf("status %d, recorded %d", got.Status, want.Status)
	}
	if want.Text != nil && *want.Text == "(html page)" {
		if !strings.Contains(got.Text, "<html") {
			return "no page"
		}
		return ""
	}
	var body any
	if err := json.Unmarshal([]byte(got.Text), &body); err != nil {
		return err.Error()
	}
	w, isObject := want.JSON.(map[string]any)
	g, ok := body.(map[string]any)
	if !isObject || !ok {
		if fmt.Sprint(want.JSON) != fmt.Sprint(body) {
			return fmt.Sprintf("%v, recorded %v", body, want.JSON)
		}
		return ""
	}
	return r.object(w, g)
}

func (r *replay) object(want, got map[string]any) string {
	for name, w := range want {
		g, there := got[name]
		switch text := fmt.Sprint(w); {
		case !there:
			return name + " is missing"
		case name == "user_id": // which of ours it is, notes say
			if known := r.ids[text]; known != "" && known != g || g == "" {
				return fmt.Sprintf("user %v, not %s", g, known)
			}
		case name == "token":
		case name == "detail":
			if problem := items(w, g); problem != "" {
				return problem
			}
		case text != fmt.Sprint(g):
			return fmt.Sprintf("%s: %v, recorded %v", name, g, w)
		}
	}
	for name := range got {
		if _, there := want[name]; !there && name != "code" {
			return name + " was not recorded"
		} else if !there {
			r.adds["code"] = true
		}
	}
	return ""
}

// items compares the lists of wrong values.
func items(want, got any) string {
	w, isList := want.([]any)
	g, ok := got.([]any)
	if isList != ok || len(w) != len(g) {
		return fmt.Sprintf("detail %v, recorded %v", got, want)
	}
	for i := range w {
		a, b := w[i].(map[string]any), g[i].(map[string]any)
		for _, name := range []string{"type", "loc", "input"} {
			if fmt.Sprint(a[name]) != fmt.Sprint(b[name]) {
				return fmt.Sprintf("%s: %v, recorded %v", name, b[name], a[name])
			}
		}
	}
	return ""
}

// claims checks the token that was given last.
func (r *replay) claims(c *recorded) (map[string]bool, string) {
	if c.Claims == nil {
		return nil, "a line of an unknown form"
	}
	x, err := r.accounts.Introspect(r.T.Context(), r.operator, r.last)
	if err != nil || !x.Active {
		return nil, fmt.Sprintf("%+v, %v", x, err)
	}
	recordedLife := c.Claims["exp"].(float64) - c.Claims["iat"].(float64)
	if life := x.ExpiresAt.Sub(x.IssuedAt).Seconds(); life != recordedLife {
		return nil, fmt.Sprintf("lives %v s, recorded %v s", life, recordedLife)
	}
	if left := time.Until(x.ExpiresAt); left < 59*time.Minute || left > time.Hour {
		return nil, fmt.Sprintf("%v are left", left)
	}
	if want := r.ids[fmt.Sprint(c.Claims["sub"])]; string(x.User.ID) != want {
		return nil, fmt.Sprintf("names %s, not %s", x.User.ID, want)
	}
	return map[string]bool{"token-form": true}, ""
}
