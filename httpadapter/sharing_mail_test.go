package httpadapter_test

import (
	"regexp"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/httpadapter"
)

var mailedCode = regexp.MustCompile(`https://app\.example/share#token=(hp_shr_[0-9A-Za-z]{49})`)

// Who shares with an address is not told whether an account has proven it: one gets the share,
// the others a code by mail that only they can accept.
func TestSharingByEmail(t *testing.T) {
	t.Parallel()
	w := setupMail(t)
	w.user("ada")
	w.member("bob@example.org")
	w.member("eve@example.org")
	w.member("cal@example.org")
	prove := func(name string) {
		t.Helper()
		a, err := w.st.Auth().AccountByLogin(t.Context(), name)
		if err == nil {
			_, err = w.st.Auth().UpdateAccount(
				t.Context(), a.ID, func(a *auth.Account) error { a.EmailVerified = true; return nil },
			)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	prove("bob")
	prove("eve")
	ada, _ := w.token("ada")
	bob, _ := w.token("bob")
	w.want(w.do("PUT", n1, "", bearer(ada)), 201, "")
	share := func(body string) answer { return w.do("POST", n1+"/shares", body, bearer(ada)) }
	want := share(`{"email":"Bob@Example.org"}`)
	w.want(want, 202, "")
	for _, address := range []string{"cal@example.org", "nobody@example.org"} {
		sameAnswer(t, address, want, share(`{"email":"`+address+`"}`))
	}
	if _, err := w.accounts.DeliverMail(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(w.box.To("bob@example.org")) + len(w.box.To("Bob@Example.org")); n != 0 {
		t.Errorf("%d mails to bob, who has the share", n)
	}
	w.want(w.do("POST", "/auth/check", `{"scope":"read:notes!note=n1"}`, bearer(bob)), 200, "")
	if a := w.do("POST", "/auth/check", `{"scope":"read:notes!note=n1"}`, bearer(bob)); a.get(t, "allowed") != true {
		t.Errorf("bob: %s", a.body)
	}
	m, ok := w.box.Last("cal@example.org")
	found := mailedCode.FindStringSubmatch(m.Text)
	if !ok || found == nil || len(w.box.To("nobody@example.org")) != 1 {
		t.Fatalf("mail to cal: %s", m.Text)
	}
	code := `{"code":"` + found[1] + `"}`
	for name, status := range map[string]int{"eve": 404, "cal": 404} {
		token, _ := w.token(name)
		w.want(w.do("POST", "/auth/share-codes/accept", code, bearer(token)), status, "code_invalid")
	}
	prove("cal")
	token, _ := w.token("cal")
	w.want(w.do("POST", "/auth/share-codes/accept", code, bearer(token)), 200, "")
	for body, field := range map[string]string{
		`{"email":"x"}`: "email", `{"email":"a@b\r\nBcc: c@d"}`: "email", `{"email":7}`: "email",
		`{"email":"bob@example.org","user":"me"}`:        "user",
		`{"email":"bob@example.org","expires_in":600}`:   "expires_in",
		`{"email":"bob@example.org","scopes":["users"]}`: "scopes",
		`{"email":"new@example.org","scopes":["users"]}`: "scopes",
	} {
		a := share(body)
		w.want(a, 422, "invalid_input")
		if got := a.items(w.world, "errors")[0]["field"]; got != field {
			t.Errorf("%s: %s", body, a.body)
		}
	}
	w.want(w.do("POST", n1+"/shares", `{"email":"x"}`, bearer(token)), 422, "invalid_input") // cal may share on
	plain, _ := w.token("eve")
	w.want(w.do("POST", n1+"/shares", `{"email":"x"}`, bearer(plain)), 404, "not_found")
	without, owner, _ := shareWorld(t)
	without.want(without.do("POST", n1+"/shares", `{"email":"bob@example.org"}`, bearer(owner)), 501, "no_mailer")
}

// Mails to one address are few, whoever shares, and nobody is told that there are no more.
func TestMailsOfSharesAreFew(t *testing.T) {
	t.Parallel()
	w := setupMail(
		t, func(c *auth.Config, _ *httpadapter.Config) { c.Limits.Mail = limit.Limit{Burst: 2, Interval: 3600e9} },
	)
	w.user("ada")
	ada, _ := w.token("ada")
	w.want(w.do("PUT", n1, "", bearer(ada)), 201, "")
	for range 4 {
		w.want(w.do("POST", n1+"/shares", `{"email":"new@example.org"}`, bearer(ada)), 202, "")
	}
	if _, err := w.accounts.DeliverMail(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(w.box.To("new@example.org")); n != 2 {
		t.Errorf("%d mails", n)
	}
}
