package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/recording"
)

// TestUserauth_transcript replays a recording of the published service on both databases. Every
// call agrees, or differs as a rule in differences_test.go says. HALLPASS_VECTORS names another
// folder with such recordings.
func TestUserauth_transcript(t *testing.T) {
	t.Parallel()
	files, shipped := recording.Files(t, "userauth_*.jsonl")
	for _, file := range files {
		shown := map[string][]string{}
		for _, database := range slices.Sorted(maps.Keys(places)) {
			t.Run(filepath.Base(file)+" on "+database, func(t *testing.T) {
				r := newReplay(t, places[database](t))
				tally := r.file(file)
				shown[database] = r.shown
				if shipped {
					tally.EveryRuleFires(t, rulesOf(r.table))
				}
			})
		}
		recording.SameAnswers(t, file, shown)
	}
}

// file plays a file, prints the counts and returns them.
func (r *replay) file(file string) *recording.Tally {
	tally := &recording.Tally{}
	for _, c := range recording.Lines[recorded](r.t, file) {
		res := r.play(c)
		tally.Count(r.t, c.Name, res.rules, res.adds, res.problem)
	}
	tally.Report(r.t, rulesOf(r.table))
	if r.log.Len() > 0 {
		r.t.Errorf("the service had errors: %s", r.log)
	}
	return tally
}

// rulesOf returns the names of the differences with their reasons.
func rulesOf(table []difference) (rules []recording.Rule) {
	for _, d := range table {
		rules = append(rules, recording.Rule{Name: d.rule, Reason: d.reason, Adds: d.adds != nil})
	}
	return rules
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

// claims checks a token of the user whom the recorded claims name.
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
	if header["alg"] != "EdDSA" || header["typ"] != "at+jwt" || header["kid"] == nil ||
		claims["sub"] != r.ids[token.of.uuid] {
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
