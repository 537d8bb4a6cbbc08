package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

// Sign-up is closed at first. Guests and users below owners are refused alike; owners and root
// register people.
func TestClosedSignup(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-001", "pysyft-002", "pysyft-003", "pysyft-004", "pysyft-006", "pysyft-025")
	for database, address := range hosttest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s := serveOn(t, address(t))
			root := s.token("root")
			if got := s.Call("GET", "/settings", root, "").Want(200,
				""); hosttest.Read[settingsJSON](got).SignupEnabled {
				t.Errorf("%s", got.Text)
			}
			_, low := s.person("low", guest)
			_, ds := s.person("ds", scientist)
			_, do := s.person("do", owner)
			n := s.count()
			refusal := s.register("a", "").Want(403, "signup_closed")
			for _, token := range []string{low, ds} {
				if got := s.register("a", token).Want(403, "signup_closed"); got.Text != refusal.Text {
					t.Errorf("%s, others %s", got.Text, refusal.Text)
				}
			}
			// before the fields are checked
			s.Call("POST", "/register", "", `{"password":"x"}`).Want(403, "signup_closed")
			if s.count() != n {
				t.Error("somebody was stored")
			}
			for name, token := range map[string]string{"byroot": root, "byowner": do} {
				got := s.register(name, token).Want(201, "")
				for _, secret := range []string{pass, "password", "key", "token", "hash"} {
					if strings.Contains(got.Text, secret) {
						t.Errorf("the answer holds %s: %s", secret, got.Text)
					}
				}
				if got.Header.Get("Link") != `</users>; rel="collection"` ||
					got.Header.Get("Location") != "/users/"+got.Member("id") {
					t.Errorf("%v", got.Header)
				}
				if list := s.Call("GET", "/users", token, "").Want(200, ""); !strings.Contains(list.Text,
					got.Member("id")) {
					t.Errorf("%s is not in %s", name, list.Text)
				}
				s.login(name, pass).Want(200, "")
			}
		})
	}
}

// The switch acts at once, also for clients that asked before. It changes no existing account.
func TestSwitch(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-007", "pysyft-010", "pysyft-011")
	s := serve(t)
	root := s.token("root")
	for _, on := range []bool{true, false, true} {
		got := s.Call("PATCH", "/settings", root, body("signup_enabled", on)).Want(200, "")
		if hosttest.Read[settingsJSON](got).SignupEnabled != on {
			t.Errorf("%s", got.Text)
		}
		if hosttest.Read[settingsJSON](s.Call("GET", "/settings", root, "")).SignupEnabled != on {
			t.Error("the same client sees another state")
		}
	}
	if got := s.register("a", "").Want(201, ""); got.Header.Get("Link") != "" {
		t.Error("a guest is told how to list users")
	}
	s.open(false)
	s.login("a", pass).Want(200, "")
	s.register("b", "").Want(403, "signup_closed")
}

// People who register themselves choose no rights, and get the lowest role unless the site says
// otherwise.
func TestGuestsChooseNoRights(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-015", "pysyft-016", "pysyft-017")
	s := serve(t)
	s.open(true)
	_, ds := s.person("ds", scientist)
	n := s.count()
	for _, token := range []string{"", ds} {
		for _, role := range []string{"ADMIN", "DATA_OWNER", "GUEST", "NONE"} {
			s.register("a", token, "role", role).Want(403, "field_forbidden")
		}
		for _, flag := range []bool{true, false} {
			s.register("a", token, "mock_execution_permission", flag).Want(403, "field_forbidden")
		}
		for _, member := range []string{"roles", "external_id", "status", "id", "verify_key", "signing_key",
			"created_by", "scopes", "email_verified", "attributes"} {
			s.register("a", token, member, "x").Want(422, "invalid_input")
		}
	}
	if s.count() != n {
		t.Error("somebody was stored")
	}
	got := s.register("a", "").Want(201, "")
	if got.Member("role") != "GUEST" || s.role(got.Member("id")) != "GUEST" {
		t.Errorf("%s", got.Text)
	}
	s.Call("PATCH", "/settings", s.token("root"), body("default_role", "data_scientist")).Want(200, "")
	if got := s.register("b", "").Want(201, ""); got.Member("role") != "DATA_SCIENTIST" {
		t.Errorf("%s", got.Text)
	}
	s.Call("PATCH", "/settings", s.token("root"), body("default_role", "KING")).Want(422, "invalid_input")
}

// A taken address is a conflict. If addresses have to be proven, the answer is the same as for
// any other, and the owner of the address gets a mail.
func TestTakenAddress(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-018")
	s := serve(t)
	s.open(true)
	s.person("taken", guest)
	s.register("taken", "").Want(409, "email_taken")
	s.register("TAKEN", s.token("root")).Want(409, "email_taken")
	s.Call("PATCH", "/auth/settings", s.token("root"), `{"email_proof":"required"}`).Want(200, "")
	free, taken := s.register("free", "").Want(202, ""), s.register("taken", "").Want(202, "")
	for _, name := range []string{"flow_id", "flow_secret"} {
		if len(free.Member(name)) != len(taken.Member(name)) || free.Member(name) == "" {
			t.Errorf("%s, %s", free.Text, taken.Text)
		}
	}
	if list := s.mails("taken"); len(list) != 2 || !strings.Contains(
		list[1].Text, "You already have an account with this address",
	) || strings.Contains(list[1].Text, "#token=") {
		t.Errorf("%d mails", len(list))
	}
	if s.count() != 2 {
		t.Error("an account before its address is proven")
	}
	s.Call("POST", "/auth/email-verifications", "", body("token", s.linkToken("free"))).Want(200, "")
	if list := s.mails("free"); !strings.HasPrefix(list[len(list)-1].Subject, "Welcome to datasite") {
		t.Errorf("no welcome: %s", list[len(list)-1].Subject)
	}
}

// A confirmation may be left out. One that differs is a field error, and nothing is stored.
func TestConfirmation(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-020", "pysyft-021", "pysyft-074")
	s := serve(t)
	s.open(true)
	root, n := s.token("root"), s.count()
	for _, token := range []string{"", root} {
		for _, verify := range []any{"another horse 42", "", strings.ToUpper(pass)} {
			if got := s.register("a", token, "password_verify", verify).Want(422, "invalid_input"); !strings.Contains(
				got.Text, `"field":"password_verify"`,
			) {
				t.Errorf("%s", got.Text)
			}
		}
		s.Call(
			"POST", "/register", token, body("email", "a@example.com", "name", "a", "password_verify", pass),
		).Want(422, "invalid_input")
	}
	if s.count() != n {
		t.Error("somebody was stored")
	}
	s.Call("POST", "/register", root, body("email", "a@example.com", "name", "a", "password", pass)).Want(201, "")
	token := s.token("a")
	s.Call("PATCH", "/users/me", token, body(
		"password", "other horse 42 staple", "password_verify", "x", "current_password", pass,
	)).Want(422, "invalid_input")
	s.Call("PATCH", "/users/me", token, body("password_verify", pass, "name", "b")).Want(422, "invalid_input")
	s.login("a", pass).Want(200, "")
}

// The same rules for passwords hold at registration, change and reset.
func TestOnePasswordRule(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-022", "pysyft-123")
	s := serve(t)
	s.open(true)
	root := s.token("root")
	id, token := s.person("ada", guest)
	for _, weak := range []string{"pw", "123", "pass", "changethis", "password123", "a\x00bcdefghi"} {
		s.Call(
			"POST", "/register", "", body("email", "ada@example.org", "name", "a", "password", weak),
		).Want(422, "invalid_input")
		s.Call(
			"POST", "/register", root, body("email", "ada@example.org", "name", "a", "password", weak),
		).Want(422, "invalid_input")
		s.Call("PATCH", "/users/me", token, body("password", weak, "current_password", pass)).Want(422, "invalid_input")
		s.Call("PATCH", "/users/"+id, root, body("password", weak)).Want(422, "invalid_input")
	}
	s.Call("POST", "/forgot_password", "", body("email", "ada@example.com")).Want(202, "")
	link := s.linkToken("ada")
	for _, weak := range []string{"pw", "password123", "x\x00bcdefghi"} {
		if got := s.Call(
			"POST", "/reset_password", "", body("token", link, "new_password", weak),
		).Want(422, "invalid_input"); !strings.Contains(got.Text, `"field":"password"`) {
			t.Errorf("%s", got.Text)
		}
	}
	// the code is still valid
	s.Call("POST", "/reset_password", "", body("token", link, "new_password", "other horse 42 staple")).Want(204, "")
	s.login("ada", "other horse 42 staple").Want(200, "")
}

// The log has no secrets, whatever is refused or fails.
func TestLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-023", "pysyft-126")
	s := serve(t)
	s.register("a", "").Want(403, "signup_closed")
	s.login("root", "wrong horse 42 staple").Want(401, "bad_credentials")
	s.person("ada", guest)
	s.Call("POST", "/forgot_password", "", body("email", "ada@example.com")).Want(202, "")
	link := s.linkToken("ada")
	s.Call("POST", "/reset_password", "", body("token", link, "new_password", "pw")).Want(422, "invalid_input")
	s.Call("POST", "/reset_password", "", body("token", link+"x", "new_password", pass)).Want(401, "bad_credentials")
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := s.register("a", ""); got.Status < 500 {
		t.Errorf("%d", got.Status)
	}
	s.Call("POST", "/reset_password", "", body("token", link, "new_password", "other horse 42 staple"))
	said := s.log.String()
	if said == "" {
		t.Error("a failing database is not in the log")
	}
	for _, secret := range []string{pass, "wrong horse", "other horse", link, "example.com"} {
		if strings.Contains(said, secret) {
			t.Errorf("the log holds %q: %s", secret, said)
		}
	}
}

// New users get a welcome if there is mail. It is in the name of the site, and strangers choose
// nothing in it.
func TestWelcome(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-024")
	s := serve(t)
	s.Call(
		"PATCH", "/settings", s.token("root"), body("name", "Evaluating <PySyft>", "signup_enabled", true),
	).Want(200, "")
	s.Call(
		"POST", "/register", "", body("email", "a@example.com", "name", "Buy at evil.example", "password", pass),
	).Want(201, "")
	list := s.mails("a")
	if len(list) != 1 || list[0].Subject != "Welcome to Evaluating <PySyft>" || list[0].From != "no-reply@127.0.0.1" ||
		strings.Contains(list[0].Text+list[0].HTML, "evil") ||
		!strings.Contains(list[0].HTML, "Evaluating &lt;PySyft&gt;") || strings.Contains(list[0].Text, pass) {
		t.Errorf("%d mails: %q", len(list), list)
	}
	s.register("b", s.token("root")).Want(201, "")
	if len(s.mails("b")) != 1 || len(s.mails("root")) != 0 {
		t.Errorf("%d, %d mails", len(s.mails("b")), len(s.mails("root")))
	}
	s.register("b", s.token("root")).Want(409, "email_taken")
	if len(s.mails("b")) != 1 {
		t.Error("a welcome for a registration that failed")
	}
	silent := serve(t, without)
	silent.register("a", silent.token("root")).Want(201, "")
}

// A welcome that can't be sent is tried again, and the registration succeeds anyway. A welcome
// that is refused for good is not tried again.
func TestWelcomeIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.welcomes.pauses = []time.Duration{0, 0, 0}
	tries := 0
	s.mail.FailWith(func(mail.Message) error {
		if tries++; tries == 1 {
			return errors.New("busy")
		}
		return nil
	})
	s.register("a", s.token("root")).Want(201, "")
	if len(s.mails("a")) != 1 || tries != 2 || !strings.Contains(s.log.String(), "welcome: busy") || strings.Contains(
		s.log.String(), "a@example.com",
	) {
		t.Errorf("%d tries, log %s", tries, s.log)
	}
	tries = 0
	s.mail.FailWith(func(mail.Message) error { tries++; return &mail.PermanentError{Err: errors.New("no such box")} })
	s.register("b", s.token("root")).Want(201, "")
	if len(s.mails("b")) != 0 || tries != 1 {
		t.Errorf("%d tries", tries)
	}
}

// A failing store is a 500 without details.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-026")
	s := serve(t)
	s.open(true)
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	got := s.register("a", "")
	if got.Status < 500 || got.Code() == "" || strings.Contains(strings.ToLower(got.Text), "sql") ||
		strings.Contains(got.Text, "closed") {
		t.Errorf("%d %s", got.Status, got.Text)
	}
}

// An enclave has no owner. Guests register from the start, and no admin can sign in; only after
// the right password are they told so.
func TestEnclave(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-013", "pysyft-035")
	s := serve(t, func(o *options) { o.enclave = true })
	if !hosttest.Read[metadataJSON](s.Call("GET", "/metadata", "", "")).SignupEnabled {
		t.Error("closed")
	}
	s.register("a", "").Want(201, "")
	s.login("a", pass).Want(200, "")
	s.login("root", pass).Want(403, "refused")
	s.login("root", "wrong horse 42 staple").Want(401, "bad_credentials")
	s.Call("POST", "/auth/sessions", "", body("login", "root@example.com", "password", pass)).Want(403, "refused")
	s.Call(
		"POST", "/auth/token", "", body("grant_type", "password", "username", "root@example.com", "password", pass),
	).Want(400, "")
}

// On a site with mail, a manager who registers somebody without a password gets no secret. The
// person is invited by mail.
func TestRegisterWithoutPassword(t *testing.T) {
	t.Parallel()
	s := serve(t)
	got := s.Call("POST", "/register", s.token("root"), body("email", "a@example.com", "name", "a")).Want(201, "")
	if strings.Contains(got.Text, "token") {
		t.Errorf("%s", got.Text)
	}
	s.Call("POST", "/auth/invitations/accept", "", body("token", s.linkToken("a"), "password", pass)).Want(201, "")
	s.login("a", pass).Want(200, "")
	silent := serve(t, without)
	got = silent.Call(
		"POST", "/register", silent.token("root"), body("email", "a@example.com", "name", "a"),
	).Want(201, "")
	_, secret, ok := strings.Cut(got.Member("invitation_url"), "#token=")
	secret, _, _ = strings.Cut(secret, "&")
	if !ok {
		t.Fatalf("%s", got.Text)
	}
	silent.Call("POST", "/auth/invitations/accept", "", body("token", secret, "password", pass)).Want(201, "")
	silent.login("a", pass).Want(200, "")
	silent.open(true)
	silent.Call("POST", "/register", "", body("email", "b@example.com", "name", "b")).Want(422, "invalid_input")
}
