package httpadapter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// judge is a verifier that does what the evidence says.
type judge struct{}

func (judge) VerifyRole(ctx context.Context, e auth.RoleEvidence) (auth.RoleDecision, error) {
	switch {
	case bytes.HasPrefix(e.Data, []byte("fail")):
		return auth.RoleDecision{}, errors.New("model file is missing")
	case bytes.HasPrefix(e.Data, []byte("panic")):
		panic("model file is missing")
	case bytes.HasPrefix(e.Data, []byte("hang")):
		select {} // heeds nothing
	case bytes.HasPrefix(e.Data, []byte("slow")):
		<-ctx.Done()
		return auth.RoleDecision{}, ctx.Err()
	}
	return auth.RoleDecision{Accepted: string(e.Data) == "me on a red carpet", Reason: "nobody we know"}, nil
}

func claims(c *auth.Config, _ *httpadapter.Config) {
	c.Roles = append(c.Roles, auth.Role{Name: "celebrity"}, auth.Role{Name: "knight"})
	c.RoleClaims = map[string]auth.RoleClaim{"celebrity": {
		Verifier: judge{}, MediaTypes: []string{"image/png", "image/jpeg"}, MaxBytes: 100, Attempts: limit.Limit{
			Burst: 11, Interval: time.Hour,
		},
		Timeout: 50 * time.Millisecond,
	}}
}

// form is multipart/form-data with one part.
func form(t *testing.T, name, kind, data string) (body string, contentType with) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="` + name + `"; filename="x"`}, "Content-Type": {kind},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = part.Write([]byte(data))
	if err = errors.Join(err, m.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String(), as(m.FormDataContentType())
}

func as(kind string) with { return func(r *http.Request) { r.Header.Set("Content-Type", kind) } }

// Wrong type, too large, none, refused, failing, panicking, hanging, too many, no verifier:
// each has its own answer, and each is recorded.
func TestRoleClaims(t *testing.T) {
	t.Parallel()
	w := setup(t, claims)
	ada := w.user("ada")
	w.user("root1", "admin")
	token, _ := w.token("ada")
	root, _ := w.token("root1")
	const path = "/auth/users/me/role-claims/celebrity"
	inForm, formType := form(t, "evidence", "image/png", "me on a beach")
	noForm, noType := form(t, "photo", "image/png", "me on a red carpet")
	for _, c := range []struct {
		body   string
		kind   with
		status int
		code   string
	}{
		{"me on a red carpet", as("text/plain"), 415, "evidence_type"},
		{"me on a red carpet", as(""), 415, "evidence_type"},
		{strings.Repeat("x", 101), as("image/png"), 413, "too_large"},
		{"", as("image/png"), 422, "invalid_input"},
		{"me on a beach", as("image/png"), 403, "claim_refused"},
		{inForm, formType, 403, "claim_refused"},
		{"fail", as("image/jpeg; q=1"), 503, "verifier_failed"},
		{"panic", as("image/jpeg"), 503, "verifier_failed"},
		{"slow", as("image/jpeg"), 503, "verifier_failed"},
		{"hang", as("image/jpeg"), 503, "verifier_failed"},
		{strings.Repeat("x", 11<<20), as("image/png"), 413, "too_large"},
		{"me on a red carpet", as("image/png"), 429, "too_many_attempts"},
		{noForm, noType, 422, "invalid_input"},
	} {
		a := w.do("POST", path, c.body, bearer(token), c.kind)
		w.want(a, c.status, c.code)
		if strings.Contains(a.body, "model file") {
			t.Errorf("the verifier's text got out: %s", a.body)
		}
		if c.code == "claim_refused" && a.get(t, "detail") != "nobody we know" {
			t.Errorf("no reason in %s", a.body)
		}
		if c.status == 503 && a.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	broken := strings.TrimSuffix(strings.TrimSpace(inForm), "--")
	fresh := setup(t, claims)
	fresh.user("ada")
	access, _ := fresh.token("ada")
	fresh.want(fresh.do("POST", path, broken[:len(broken)-20], bearer(access), formType), 422, "invalid_input")
	w.want(w.do("POST", "/auth/users/me/role-claims/knight", "x", bearer(token), as("image/png")), 501, "no_verifier")
	w.want(w.do("POST", "/auth/users/me/role-claims/king", "x", bearer(token), as("image/png")), 404, "not_found")
	w.want(w.do("POST", path, "x", as("image/png")), 401, "unauthenticated")
	w.want(w.do("POST", strings.Replace(
		path, "me", "0190d5c0-7a3e-7c1e-8000-000000000001", 1,
	), "x", bearer(token), as("image/png")), 404, "not_found")

	records, err := w.accounts.History.Audits(
		t.Context(), w.accounts.Operator("x"), auth.AuditFilter{Action: "role.claim", Target: string(ada.ID)},
	)
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, r := range records.Items {
		all += string(r.Detail)
	}
	for outcome, n := range map[string]int{
		"wrong_type": 2, "too_large": 2, "unreadable": 1, "refused": 2, "verifier_failed": 4, "throttled": 1,
		"no_verifier": 1, "accepted": 0,
	} {
		if got := strings.Count(all, `"outcome":"`+outcome+`"`); got != n {
			t.Errorf("%s recorded %d times, want %d", outcome, got, n)
		}
	}

	bob := w.user("bob")
	token, _ = w.token("bob")
	body, kind := form(t, "evidence", "image/png", "me on a red carpet")
	a := w.do("POST", path, body, bearer(token), kind)
	w.want(a, 200, "")
	if roles := fmt.Sprint(a.get(t, "roles")); roles != "[celebrity user]" {
		t.Errorf("roles %s", roles)
	}
	w.want(w.do("POST", path, "whatever", bearer(token), as("text/plain")), 200, "") // held already
	w.want(w.do("POST", strings.Replace(path, "me", string(bob.ID), 1), "x", bearer(root), as("image/png")), 200, "")
}

func TestExportHoldsAllButSecrets(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ada := w.user("ada")
	w.user("bob")
	for range 3 {
		w.token("ada")
	}
	c := w.session("ada")
	w.want(w.do("PATCH", "/auth/users/me", `{"name":"Countess","attributes":{"site":"x"}}`, cookie(c)), 200, "")
	a := w.do("GET", "/auth/users/me/export", "", cookie(c))
	w.want(a, 200, "")
	for member, n := range map[string]int{"sessions": 4, "logins": 4, "audit": 2} {
		if got := len(a.get(t, member).([]any)); got != n {
			t.Errorf("%d %s, want %d", got, member, n)
		}
	}
	for _, text := range []string{"argon2", c.Value, "hash", "salt"} {
		if strings.Contains(a.body, text) {
			t.Errorf("export holds %q", text)
		}
	}
	if a.get(t, "user.id") != string(ada.ID) || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("export %.200s", a.body)
	}
	bob, _ := w.token("bob")
	w.want(w.do("GET", "/auth/users/"+string(ada.ID)+"/export", "", bearer(bob)), 404, "not_found")
}
