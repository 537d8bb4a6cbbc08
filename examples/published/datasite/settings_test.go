package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

// One permission covers the switch and every other setting. Owners see them, and only admins
// change them.
func TestWhoSetsSettings(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-100", "pysyft-101")
	c := newCast(t)
	for role, status := range map[string]int{
		"NONE": 403, "GUEST": 403, "DATA_SCIENTIST": 403, "DATA_OWNER": 200, "ADMIN": 200,
	} {
		c.Call("GET", "/settings", c.tokens[role], "").Want(status, "")
		if role == "ADMIN" {
			continue
		}
		for _, change := range []string{`{"signup_enabled":true}`, `{"name":"x"}`, `{"allow_guest_sessions":false}`,
			`{"default_role":"ADMIN"}`, `{"x":1}`, `{}`} {
			c.Call("PATCH", "/settings", c.tokens[role], change).Want(403, "insufficient_scope")
		}
		c.Call("PATCH", "/auth/settings", c.tokens[role], `{"signup":"open"}`).Want(403, "insufficient_scope")
	}
	for _, path := range []string{"/settings", "/auth/settings"} {
		c.Call("GET", path, "", "").Want(401, "unauthenticated")
		c.Call("PATCH", path, "", `{}`).Want(401, "unauthenticated")
	}
	if hosttest.Read[metadataJSON](c.Call("GET", "/metadata", "", "")).SignupEnabled {
		t.Error("the switch is on")
	}
	c.Call("PATCH", "/settings", c.tokens["ADMIN"], `{"signup_enabled":true}`).Want(200, "")
	if got := c.Call(
		"GET", "/auth/audit?action=settings.update", c.tokens["ADMIN"], "",
	).Want(200, ""); !strings.Contains(got.Text, c.ids["ADMIN"]) || !strings.Contains(got.Text, "open") {
		t.Errorf("%s", got.Text)
	}
}

// Settings are checked as a whole. A name is not empty, and no setting weakens a reset.
func TestSettingsAreJudged(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-103", "pysyft-105", "pysyft-106")
	s := serve(t)
	root := s.token("root")
	before := s.Call("GET", "/settings", root, "").Text
	for _, change := range []string{
		`{"name":""}`, `{"name":"","signup_enabled":true}`, `{"name":"a\nb"}`, `{"name":"` + strings.Repeat("x", 129) +
			`"}`, `{"organization":""}`,
		`{"pwd_token_config":{"ascii":false,"numbers":false}}`, `{"pwd_token_config":{"token_len":3}}`,
		`{"pwd_token_config":{"token_len":12}}`,
		`{"signup_enabled":"true"}`, `{"signup_enabled":1}`, `{"default_role":"KING"}`,
	} {
		s.Call("PATCH", "/settings", root, change).Want(422, "invalid_input")
	}
	if after := s.Call("GET", "/settings", root, "").Text; after != before {
		t.Errorf("%s, before %s", after, before)
	}
	s.Call("PATCH", "/settings", root, `{"name":null,"signup_enabled":null}`).Want(200, "")
}

// A setting that needs mail is refused without mail, and the error says what to do.
func TestSettingNeedsMail(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-107")
	s := serve(t, without)
	for _, change := range []string{`{"email_proof":"required"}`, `{"sign_in_methods":["email_code"]}`} {
		if got := s.Call(
			"PATCH", "/auth/settings", s.token("root"), change,
		).Want(501, "no_mailer"); got.Member("detail") == "" {
			t.Errorf("%s", got.Text)
		}
	}
}

// The metadata has what a sign-in page needs and nothing else, and follows every change of the
// policy at once.
func TestMetadata(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-108", "pysyft-109")
	for database, address := range hosttest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s := serveOn(t, address(t))
			root := s.token("root")
			got := s.Call("GET", "/metadata", "", "").Want(200, "")
			members := slices.Sorted(maps.Keys(hosttest.Read[map[string]any](got)))
			if !slices.Equal(members, []string{"email_proof", "name", "password_min", "signup_enabled"}) ||
				strings.Contains(got.Text, "root") {
				t.Errorf("%s", got.Text)
			}
			for change, want := range map[string]bool{`{"signup":"open"}`: true, `{"signup":"closed"}`: false,
				`{"signup":"approval"}`: true, `{"signup":"invite"}`: false} {
				s.Call("PATCH", "/auth/settings", root, change).Want(200, "")
				registers := s.Call("POST", "/register", "", `{}`).Code() != "signup_closed"
				if said := hosttest.Read[metadataJSON](
					s.Call("GET", "/metadata", "", ""),
				).SignupEnabled; said != want || registers != want {
					t.Errorf("%s: metadata says %v, registering %v", change, said, registers)
				}
			}
			s.Call("PATCH", "/settings", root, `{"name":"Other","signup_enabled":true}`).Want(200, "")
			if m := hosttest.Read[metadataJSON](
				s.Call("GET", "/metadata", "", ""),
			); m.Name != "Other" || !m.SignupEnabled || m.PasswordMin != 8 || m.EmailProof != "off" {
				t.Errorf("%+v", m)
			}
		})
	}
}
