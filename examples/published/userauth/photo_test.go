package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
)

const photoPath = "/user/me/validate_photo"

// A photo of the person with the account's name makes the user a celebrity. Other roles stay.
func TestPhotoProof(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	tom, obama := s.register("tom", "Tom", "Cruise"), s.admin("barack", "Barack", "Obama")
	token, admin := s.token("tom"), s.token("barack")
	photo := photoOfWhom("Tom Cruise", "0.99")

	// the probability has to be higher
	s.want(s.upload(photoPath, token, "image/jpeg", photoOfWhom("Tom Cruise", "0.95")), 403, "claim_refused")
	s.want(s.upload(photoPath, token, "image/jpeg", photoOfWhom("tom cruise", "1")), 403, "claim_refused")
	s.want(s.upload(photoPath, admin, "image/jpeg", photo), 403, "claim_refused")
	got := s.upload("/users/"+string(tom.UUID)+"/validate_photo", token, "image/jpeg", photo)
	s.want(got, 200, "")
	if u := read[userJSON](s, got); u.Role != "celebrity user" || u.UUID != tom.UUID {
		t.Errorf("%+v", u)
	}
	// already a celebrity: nothing is judged
	s.want(s.upload(photoPath, token, "image/jpeg", photoOfWhom("Nobody", "1")), 200, "")

	got = s.upload(photoPath, admin, "image/jpeg", photoOfWhom("Barack Obama", "0.96"))
	s.want(got, 200, "")
	if u := read[userJSON](s, got); u.Role != "admin user" || !slices.Contains(s.roles(obama.UUID), celebrity) {
		t.Errorf("%+v holds %v", u, s.roles(obama.UUID))
	}
	// An account without a name can't be in a photo.
	s.register("mononym", "", "")
	s.want(s.upload(photoPath, s.token("mononym"), "image/jpeg", photoOfWhom(" ", "1")), 403, "claim_refused")
}

// The path names the account of the claim, which has to be the caller's own.
func TestPhotoIsForTheOwnAccount(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	tom := s.register("tom", "Tom", "Cruise")
	s.admin("root1", "Tom", "Cruise")
	photo := photoOfWhom("Tom Cruise", "0.99")
	for path, want := range map[string]int{
		"/users/" + string(tom.UUID): 404, "/users/not-a-uuid": 422, "/user/3fa85f64-5717-4562-b3fc-2c963f66afa6": 404,
	} {
		s.want(s.upload(path+"/validate_photo", s.token("root1"), "image/jpeg", photo), want, "")
	}
	s.want(s.upload(photoPath, "", "image/jpeg", photo), 401, "unauthenticated")
	if held := s.roles(tom.UUID); len(held) != 1 {
		t.Errorf("roles %v", held)
	}
}

// judge does what the photo says.
type judge struct{}

func (judge) recognise(ctx context.Context, photo []byte) (string, float64, error) {
	switch text := string(photo); {
	case strings.Contains(text, "fail"):
		return "", 0, errors.New("no model at 10.0.0.5")
	case strings.Contains(text, "panic"):
		panic("no model at 10.0.0.5")
	case strings.Contains(text, "hang"):
		<-ctx.Done()
		select {} // heeds nothing
	}
	return "Nobody", 1, nil
}

// Each kind of failure has its own answer, and each is recorded: wrong type, too large,
// missing, unreadable, refused, failing, hanging, too many, and no verifier.
func TestPhotoAnswers(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve(func(c *auth.Config) {
		rule := claims(judge{})[string(celebrity)]
		rule.Timeout, rule.Attempts = 50*time.Millisecond, limit.Limit{Burst: 9, Interval: time.Hour}
		c.RoleClaims[string(celebrity)] = rule
	})
	tom := s.register("tom", "Tom", "Cruise")
	token := s.token("tom")
	jpeg := func(text string) []byte { return []byte("\xff\xd8\xff " + text) }
	for _, c := range []struct {
		kind   string
		photo  []byte
		status int
		code   string
	}{
		{"image/gif", jpeg(""), 415, "evidence_type"},
		{"", jpeg(""), 415, "evidence_type"},
		{"image/jpeg", make([]byte, maxPhoto+1), 413, "too_large"},
		{"image/jpeg", nil, 422, "invalid_input"},
		{"image/png", jpeg(""), 403, "claim_refused"},
		{"image/jpeg", jpeg("of somebody else"), 403, "claim_refused"},
		{"image/jpeg", jpeg("fail"), 503, "verifier_failed"},
		{"image/jpeg", jpeg("panic"), 503, "verifier_failed"},
		{"image/jpeg", jpeg("hang"), 503, "verifier_failed"},
		{"image/jpeg", jpeg(""), 429, "too_many_attempts"},
	} {
		got := s.upload(photoPath, token, c.kind, c.photo)
		s.want(got, c.status, c.code)
		if retry := got.header.Get("Retry-After"); (retry != "") != (c.status == 429 || c.status == 503) ||
			strings.Contains(got.text, "10.0.0.5") {
			t.Errorf("Retry-After %q, %s", retry, got.text)
		}
	}
	s.want(s.do(s.request("POST", photoPath, token, "application/json", "{}")), 422, "invalid_input")
	s.want(s.do(s.request("POST", photoPath, token, "multipart/form-data; boundary=x",
		"--x\r\nContent-Disposition: form-data; name=\"photo\"\r\n\r\nx\r\n--x--")), 422, "invalid_input")
	s.want(s.do(s.request(
		"POST", photoPath, token, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"fi",
	)), 422, "invalid_input")

	fresh := newPlace(t).serve(func(c *auth.Config) { c.RoleClaims = claims(nil) })
	other := fresh.register("tom", "Tom", "Cruise")
	fresh.want(fresh.upload(photoPath, fresh.token("tom"), "image/jpeg", jpeg("")), 501, "no_verifier")
	broken := "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n" +
		"Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff and then"
	third := newPlace(t).serve()
	last := third.register("tom", "Tom", "Cruise")
	third.want(third.do(
		third.request("POST", photoPath, third.token("tom"), "multipart/form-data; boundary=x", broken),
	), 422, "invalid_input")

	for what, n := range map[string]int{
		"wrong_type": 2, "too_large": 1, "unreadable": 1, "refused": 2, "verifier_failed": 3, "throttled": 1,
	} {
		if got := s.outcomes(tom.UUID)[what]; got != n {
			t.Errorf("%s is recorded %d times, want %d", what, got, n)
		}
	}
	if fresh.outcomes(other.UUID)["no_verifier"] != 1 || third.outcomes(last.UUID)["unreadable"] != 1 {
		t.Errorf("recorded: %v, %v", fresh.outcomes(other.UUID), third.outcomes(last.UUID))
	}
}

// outcomes counts the recorded claims of a user by outcome.
func (s *serving) outcomes(id auth.UserID) map[string]int {
	s.t.Helper()
	records, err := s.accounts.History.Audits(
		s.t.Context(), s.operator, auth.AuditFilter{Action: "role.claim", Target: string(id)},
	)
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string]int{}
	for _, r := range records.Items {
		_, rest, _ := strings.Cut(string(r.Detail), `"outcome":"`)
		outcome, _, _ := strings.Cut(rest, `"`)
		out[outcome]++
	}
	return out
}

// A celebrity can't change the name that the photo showed, on any route. After losing the role,
// the user can.
func TestNameStaysAfterProof(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	tom := s.register("tom", "Tim", "Cruise")
	token := s.token("tom")
	s.want(s.call("PATCH", "/auth/users/me", token, `{"name":"Tom"}`), 200, "")
	s.want(s.upload(photoPath, token, "image/jpeg", photoOfWhom("Tom Cruise", "0.99")), 200, "")
	for _, body := range []string{`{"name":"Barack"}`, `{"attributes":{"surname":"Obama"}}`, `{"attributes":{}}`,
		`{"name":"Tom Cruise","attributes":{"surname":""}}`} {
		got := s.call("PATCH", "/auth/users/me", token, body)
		if s.want(got, 422, "invalid_input"); !strings.Contains(got.text, `"locked"`) {
			t.Errorf("%s: %s", body, got.text)
		}
	}
	s.want(s.call(
		"PATCH", "/auth/users/me", token, `{"username":"thomas","attributes":{"surname":"Cruise","film":"Legend"}}`,
	), 200, "")
	s.want(s.call("PATCH", "/user/me", token, `{"surname":"Obama"}`), 405, "read_only")
	s.admin("root1", "R", "T")
	s.want(s.call("PATCH", "/user/"+string(tom.UUID), s.token("root1"), `{"role":"normal user"}`), 200, "")
	s.want(s.call("PATCH", "/auth/users/me", token, `{"name":"Barack"}`), 200, "")
}

// A proof and a new name at the same time never both succeed: on neither database is there a
// celebrity whom no photo showed.
func TestNameRacesProof(t *testing.T) {
	t.Parallel()
	for database, place := range places {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s := place(t).serve()
			for round := range 20 {
				name := fmt.Sprintf("tom%d", round)
				tom := s.register(name, "Tom", "Cruise")
				token := s.token(name)
				var both sync.WaitGroup
				both.Go(func() { s.upload(photoPath, token, "image/jpeg", photoOfWhom("Tom Cruise", "0.99")) })
				both.Go(func() { s.call("PATCH", "/auth/users/me", token, `{"name":"Barack"}`) })
				both.Wait()
				u := read[userJSON](s, s.call("GET", "/user/"+string(tom.UUID), token, ""))
				if u.Name != "Tom" && u.Role == "celebrity user" {
					t.Fatalf("round %d: %+v", round, u)
				}
			}
		})
	}
}

// What the stand-in reads in photos.
func TestStandInBelievesTheFile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"recognise: Tom Cruise 0.99": "Tom Cruise 0.99", "\x00\x01recognise: Ada 1\x00": "Ada 1",
		"recognise: Ada 2": " 0", "": " 0", "recognise: A\nB 1": " 0",
	} {
		name, probability, err := standInRecogniser{}.recognise(t.Context(), []byte(text))
		if got := fmt.Sprintf("%s %v", name, probability); got != want || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}
