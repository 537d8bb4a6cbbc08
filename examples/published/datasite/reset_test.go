package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

const newPass = "other horse 42 staple"

// forgot asks for a reset.
func (s *serving) forgot(name string) flowJSON {
	s.T.Helper()
	return hosttest.Read[flowJSON](
		s.Call("POST", "/forgot_password", "", body("email", name+"@example.com")).Want(202, ""),
	)
}

// resets returns the mails with a reset to an address.
func (s *serving) resets(name string) (list []mail.Message) {
	s.T.Helper()
	for _, m := range s.mails(name) {
		if strings.HasPrefix(m.Subject, "Set a new password") {
			list = append(list, m)
		}
	}
	return list
}

var codeText = regexp.MustCompile(`\b[A-Z]{4}-[A-Z]{4}\b`)

// Asking for a reset gets the same answer for every address. Accounts that exist get a mail,
// admins too.
func TestForgotPassword(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-106", "pysyft-110", "pysyft-111", "pysyft-113")
	s := serve(t)
	s.person("ada", guest)
	var texts []string
	secret := regexp.MustCompile(`"flow_(id|secret)":"[^"]*"`)
	for _, name := range []string{"ada", "nobody", "root"} {
		got := s.Call("POST", "/forgot_password", "", body("email", name+"@example.com")).Want(202, "")
		texts = append(texts, secret.ReplaceAllString(got.Text, "…"))
	}
	if texts[0] != texts[1] || texts[0] != texts[2] {
		t.Errorf("%v", texts)
	}
	for name, n := range map[string]int{"ada": 1, "root": 1, "nobody": 0} {
		list := s.resets(name)
		if len(list) != n {
			t.Errorf("%d mails to %s", len(list), name)
			continue
		}
		if n == 1 &&
			(!regexp.MustCompile(`#token=hp_flo_[0-9A-Za-z]{49}&for=reset_password`).MatchString(list[0].Text) ||
				!codeText.MatchString(list[0].Text) || !strings.Contains(list[0].Text, "10 minutes")) {
			t.Errorf("%s", list[0].Text)
		}
	}
	s.Call("POST", "/forgot_password", "", body("email", "nope")).Want(422, "invalid_input")
	for _, name := range []string{"ada", "root"} {
		s.Call("POST", "/reset_password", "", body(
			"token", s.linkToken(name), "new_password", newPass, "password_verify", newPass,
		)).Want(204, "")
		s.login(name, newPass).Want(200, "")
		s.login(name, pass).Want(401, "bad_credentials")
	}
}

// Without mail, no link is made that nobody could get. The operator can make one, and the audit
// record says so.
func TestResetWithoutMail(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-112")
	s := serve(t, without)
	id, _ := s.person("ada", guest)
	for _, name := range []string{"ada", "nobody"} {
		s.Call("POST", "/forgot_password", "", body("email", name+"@example.com")).Want(501, "no_mailer")
	}
	s.Call("POST", "/users/"+id+"/password-reset", s.token("root"), "").Want(501, "no_mailer")
	link, err := s.accounts.PasswordResetLink(t.Context(), s.operator, auth.UserID(id))
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(link, "#token=")
	token, _, _ = strings.Cut(token, "&")
	s.Call("POST", "/reset_password", "", body("token", token, "new_password", newPass)).Want(204, "")
	s.login("ada", newPass).Want(200, "")
	if got := s.Call(
		"GET", "/auth/audit?action=password.reset_link", s.token("root"), "",
	).Want(200, ""); !strings.Contains(got.Text, id) {
		t.Errorf("%s", got.Text)
	}
}

// An admin can have a reset mailed to a user, and never sees it. Admins can't be reset, and
// nobody else can ask for it.
func TestAdminMailsReset(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-114", "pysyft-115")
	c := newCast(t)
	for _, role := range []string{"GUEST", "DATA_SCIENTIST", "DATA_OWNER"} {
		name := "actor." + role
		got := c.Call("POST", "/users/"+c.ids[role]+"/password-reset", c.tokens["ADMIN"], "").Want(202, "")
		token := c.linkToken(name)
		if strings.Contains(got.Text, "hp_") {
			t.Errorf("%s", got.Text)
		}
		c.login(name, pass).Want(200, "") // until it is used
		c.Call("POST", "/reset_password", "", body("token", token, "new_password", newPass)).Want(204, "")
		c.login(name, newPass).Want(200, "")
		if got := c.Call(
			"GET", "/auth/audit?action=password.mail_reset&target="+c.ids[role], c.token("root"), "",
		).Want(200, ""); !strings.Contains(got.Text, c.ids["ADMIN"]) {
			t.Errorf("%s", got.Text)
		}
	}
	other, _ := c.person("other", admin)
	c.Call("POST", "/users/"+other+"/password-reset", c.tokens["ADMIN"], "").Want(403, "refused")
	c.Call("POST", "/users/"+c.ids["ADMIN"]+"/password-reset", c.tokens["ADMIN"], "").Want(403, "refused")
	c.Call("POST", "/users/"+nobody+"/password-reset", c.tokens["ADMIN"], "").Want(404, "not_found")
	_, do := c.person("owner", owner)
	c.Call("POST", "/users/"+c.target(guest)+"/password-reset", do, "").Want(403, "insufficient_scope")
}

// A newer mail of the same request replaces the older one, and using one ends them all. The
// request of a stranger replaces nothing.
func TestOlderTokenEnds(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-120")
	s := serve(t)
	s.person("ada", guest)
	f := s.forgot("ada")
	older := s.linkToken("ada")
	s.clock.pass(61 * time.Second)
	s.Call("POST", "/auth/email-codes/"+string(f.ID)+"/resend", "", body("flow_secret", f.Secret)).Want(202, "")
	newer := s.linkToken("ada")
	if older == newer || len(s.resets("ada")) != 2 {
		t.Fatalf("%d mails", len(s.resets("ada")))
	}
	s.forgot("ada") // of a stranger
	stranger := s.linkToken("ada")
	s.Call("POST", "/reset_password", "", body("token", older, "new_password", newPass)).Want(401, "bad_credentials")
	s.Call("POST", "/reset_password", "", body("token", newer, "new_password", newPass)).Want(204, "")
	for _, used := range []string{older, newer, stranger} {
		s.Call(
			"POST", "/reset_password", "", body("token", used, "new_password", "third horse 42 staple"),
		).Want(401, "bad_credentials")
	}
	s.login("ada", newPass).Want(200, "")
}

// An expired or invented token sets no password.
func TestTokenExpires(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-121", "pysyft-122")
	s := serve(t)
	s.person("ada", guest)
	f := s.forgot("ada")
	token, code := s.linkToken("ada"), codeText.FindString(s.resets("ada")[0].Text)
	s.clock.pass(10*time.Minute + time.Second)
	late := s.Call(
		"POST", "/reset_password", "", body("token", token, "new_password", newPass),
	).Want(401, "bad_credentials")
	s.Call("POST", "/reset_password", "", body(
		"flow_id", f.ID, "flow_secret", f.Secret, "code", code, "new_password", newPass,
	)).Want(401, "bad_credentials")
	for _, unknown := range []string{
		"x", "hp_flo_" + strings.Repeat("0", 49), strings.ToUpper(token), token + "x", "hp_ses_" + token[7:],
	} {
		if got := s.Call(
			"POST", "/reset_password", "", body("token", unknown, "new_password", newPass),
		).Want(401, "bad_credentials"); got.Text != late.Text {
			t.Errorf("%s, %s", got.Text, late.Text)
		}
	}
	s.login("ada", newPass).Want(401, "bad_credentials")
	s.login("ada", pass).Want(200, "")
	s.Call("POST", "/reset_password", "", body("new_password", newPass)).Want(422, "invalid_input")
	s.Call("POST", "/reset_password", "", body("token", token)).Want(422, "invalid_input")
}

// The database contains no token, code or password, even while mail waits.
func TestStoreHoldsNoToken(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-125")
	s := serve(t)
	s.person("ada", guest)
	s.forgot("ada")
	token, code := s.linkToken("ada"), codeText.FindString(s.resets("ada")[0].Text)
	s.forgot("ada") // whose mail is still in the outbox
	found := false
	for _, end := range []string{"", "-wal"} {
		data, err := os.ReadFile(s.file + end)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(data, []byte("ada@example.com"))
		for _, secret := range []string{token, token[7:50], code, strings.ReplaceAll(code, "-", ""), pass} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s is in the database", secret)
			}
		}
	}
	if !found {
		t.Error("the file is not the database")
	}
}

// A reset ends every session and its refresh token.
func TestResetEndsSessions(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-127")
	s := serve(t)
	s.person("ada", guest)
	got := s.login("ada", pass)
	s.forgot("ada")
	s.Call("POST", "/reset_password", "", body("token", s.linkToken("ada"), "new_password", newPass)).Want(204, "")
	s.Call("GET", "/users/me", got.Member("access_token"), "").Want(401, "token_invalid")
	s.Call(
		"POST", "/auth/token", "", body("grant_type", "refresh_token", "refresh_token", got.Member("refresh_token")),
	).Want(400, "")
}

// Mails to one address have a limit, and the answers do not show it.
func TestResetMailsAreLimited(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-128")
	s := serve(t)
	s.person("ada", guest)
	for range 8 {
		known := s.Call("POST", "/forgot_password", "", body("email", "ada@example.com")).Want(202, "")
		unknown := s.Call("POST", "/forgot_password", "", body("email", "bob@example.com")).Want(202, "")
		if len(known.Text) != len(unknown.Text) {
			t.Errorf("%s, %s", known.Text, unknown.Text)
		}
	}
	if n := len(s.resets("ada")); n != 5 {
		t.Errorf("%d mails", n)
	}
	s.clock.pass(time.Hour + time.Second)
	s.forgot("ada")
	if n := len(s.resets("ada")); n != 6 {
		t.Errorf("%d mails an hour later", n)
	}
}

// A code has five tries. After that, even the right code is refused.
func TestCodeGuessingEnds(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-129")
	s := serve(t)
	s.person("ada", guest)
	f := s.forgot("ada")
	code := codeText.FindString(s.resets("ada")[0].Text)
	try := func(code string) hosttest.Reply {
		return s.Call("POST", "/reset_password", "", body(
			"flow_id", f.ID, "flow_secret", f.Secret, "code", code, "new_password", newPass,
		))
	}
	wrong := "BBBB-BBBB"
	if code == wrong {
		wrong = "CCCC-CCCC"
	}
	for range 5 {
		try(wrong).Want(401, "bad_credentials")
	}
	try(code).Want(401, "bad_credentials")
	s.login("ada", pass).Want(200, "")
	f = s.forgot("ada")
	list := s.resets("ada")
	s.Call("POST", "/reset_password", "", body("flow_id", f.ID, "flow_secret", f.Secret, "code", strings.ToLower(
		codeText.FindString(list[len(list)-1].Text),
	), "new_password", newPass)).Want(204, "")
}
