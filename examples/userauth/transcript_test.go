package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
)

// TestUserauth_transcript replays what was recorded from the published service, on both databases. Every call agrees, or differs as a
// rule in differences_test.go says it must. HALLPASS_VECTORS names another folder with recordings of the same form.
func TestUserauth_transcript(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("HALLPASS_VECTORS")
	shipped := dir == ""
	if shipped {
		dir = "testdata"
	}
	files, err := filepath.Glob(filepath.Join(dir, "userauth_*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no userauth_*.jsonl in %s (%v)", dir, err)
	}
	for _, file := range files {
		shown := map[string][]string{}
		for _, database := range slices.Sorted(maps.Keys(places)) {
			t.Run(filepath.Base(file)+" on "+database, func(t *testing.T) {
				r := newReplay(t, places[database](t))
				fired := r.file(file)
				shown[database] = r.shown
				if shipped {
					everyRuleFires(t, r.table, fired)
				}
			})
		}
		for i, line := range shown["postgres"] { // missing where there is no PostgreSQL
			if want := shown["sqlite"]; i >= len(want) || line != want[i] {
				t.Errorf("%s: the databases differ: %s", filepath.Base(file), line)
			}
		}
	}
}

// file plays a file, prints its tally and returns how often each rule explained something.
func (r *replay) file(file string) map[string]int {
	agree, differ, fail, fired := 0, 0, 0, map[string]int{}
	for _, c := range readRecording(r.t, file) {
		res := r.play(c)
		for rule := range res.adds {
			fired[rule]++
		}
		switch {
		case res.problem != "":
			fail++
			r.t.Errorf("%s: %s", c.Name, res.problem)
		case len(res.rules) == 0:
			agree++
		default:
			differ++
			for rule := range res.rules {
				fired[rule]++
			}
		}
	}
	report := fmt.Sprintf("%s: %d agree, %d differ, %d fail", r.t.Name(), agree, differ, fail)
	for _, d := range r.table {
		if fired[d.rule] > 0 {
			report += fmt.Sprintf("\n  %4d %s: %s", fired[d.rule], d.rule, d.reason)
			if d.adds != nil {
				report += " (counted as agreeing where nothing else differs)"
			}
		}
	}
	fmt.Println(report)
	r.t.Log(report)
	if r.log.Len() > 0 {
		r.t.Errorf("the service had errors: %s", r.log)
	}
	return fired
}

// everyRuleFires finds rules that explain nothing any more.
func everyRuleFires(t *testing.T, table []difference, fired map[string]int) {
	t.Helper()
	for _, d := range table {
		if fired[d.rule] == 0 || d.reason == "" {
			t.Errorf("rule %s: fires %d times", d.rule, fired[d.rule])
		}
	}
}

// commandLine plays a command that was run beside the service.
func (r *replay) commandLine(c *recorded) result {
	words := strings.Fields(strings.TrimPrefix(c.Name, "cli: userauth "))
	out := *c.Stdout
	for i, word := range words {
		if here, rule := r.here("username", word); rule != "" {
			words[i], out = here, strings.Replace(out, word, here, 1)
		}
	}
	status, said, errOut := r.p.command("", words...)
	if status != c.RC || said != out {
		return failed("status %d, %q %q; recorded %d, %q", status, said, errOut, c.RC, *c.Stdout)
	}
	return result{}
}

// race plays registrations of one username at the same time.
func (r *replay) race(c *recorded) result {
	wins, conflicts, id := raceToRegister(r.serving, "racer-of-the-test", len(c.Statuses))
	if wins != 1 || wins+conflicts != len(c.Statuses) {
		return failed("%d win and %d conflict, of %d", wins, conflicts, len(c.Statuses))
	}
	r.own[id] = true
	for i, status := range slices.Sorted(slices.Values(c.Statuses)) {
		if i == 0 && status != 201 || i > 0 && status != 409 {
			return result{rules: map[string]bool{"race": true}}
		}
	}
	return result{}
}

// raceToRegister registers one username n times at once.
func raceToRegister(s *serving, name string, n int) (wins, conflicts int, id string) {
	var all sync.WaitGroup
	replies := make([]reply, n)
	start := make(chan struct{})
	for i := range n {
		query := url.Values{"username": {name}, "name": {"Ada"}, "surname": {"Lovelace"}}
		form := url.Values{"password": {pass}, "email": {fmt.Sprintf("%s%d@example.com", name, i)}}
		r := s.request("POST", "/users?"+query.Encode(), "", formURL, form.Encode())
		all.Go(func() {
			<-start
			replies[i] = s.do(r)
		})
	}
	close(start)
	all.Wait()
	for _, got := range replies {
		switch got.status {
		case 201:
			var made userJSON
			if json.Unmarshal([]byte(got.text), &made) == nil {
				wins, id = wins+1, string(made.UUID)
			}
		case 409:
			conflicts++
		default:
			s.t.Errorf("%d %s", got.status, got.text)
		}
	}
	return wins, conflicts, id
}

// claims looks into a token of the one whom the recorded claims name.
func (r *replay) claims(c *recorded) result {
	name, _ := c.Claims["sub"].(string)
	var token *issued
	for _, t := range r.tokens {
		if t.name == name {
			token = t
		}
	}
	if token == nil {
		return failed("nobody has a token for %q", name)
	}
	header, claims := part(r, token.text, 0), part(r, token.text, 1)
	if header["alg"] != "EdDSA" || header["typ"] != "at+jwt" || header["kid"] == nil || claims["sub"] != r.ids[token.of.uuid] {
		return failed("header %v, claims %v", header, claims)
	}
	for _, claim := range []string{"iss", "aud", "sid", "jti"} {
		if claims[claim] == nil {
			return failed("%s is missing in %v", claim, claims)
		}
	}
	life := claims["exp"].(float64) - claims["iat"].(float64)
	if late := int(life) - c.Lifetime; late < 0 || late > 5 { // it was looked at some seconds later
		return failed("lives %v s, recorded %d s", life, c.Lifetime)
	}
	if _, err := r.accounts.User(r.t.Context(), r.operator, auth.UserID(r.ids[token.of.uuid])); err != nil {
		return failed("%v", err)
	}
	return result{rules: map[string]bool{"token-form": true}}
}

// part decodes one part of a token.
func part(r *replay, token string, i int) (out map[string]any) {
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[i])
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}
