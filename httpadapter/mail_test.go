package httpadapter_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/httpadapter"
)

func TestCodesOverHTTP(t *testing.T) {
	t.Parallel()
	w := setupMail(t)
	w.member("ada@example.org")
	f := w.begin("ada@example.org", "sign_in")
	if f.get(t, "code.length") != 8.0 || f.get(t, "code.alphabet") != emailcode.Alphabet ||
		f.get(t, "expires_in") != 600.0 || f.get(t, "resend_after") != 60.0 {
		t.Errorf("flow %s", f.body)
	}
	resend := "/auth/email-codes/" + f.get(t, "flow_id").(string) + "/resend"
	secret := `{"flow_secret":"` + f.get(t, "flow_secret").(string) + `"}`
	w.want(w.do("POST", resend, `{"flow_secret":"hp_flo_x"}`), 401, "bad_credentials")
	again := w.do("POST", resend, secret)
	if again.status != 202 || strings.Contains(again.body, "flow_secret") || again.get(t, "resend_after") != 60.0 {
		t.Errorf("resend %d %s", again.status, again.body)
	}
	w.clock.Advance(time.Minute)
	w.want(w.do("POST", resend, secret), 202, "")
	code := w.letter("ada@example.org").Code
	w.want(w.do("POST", "/auth/sessions", `{`+proof(t, f, "BBBB-BBBB")+`}`), 401, "bad_credentials")
	w.want(w.do("POST", "/auth/sessions", `{`+proof(t, f, code)+`,"login":"ada"}`), 422, "invalid_input")
	w.want(w.do("POST", "/auth/sessions", `{"code":"`+code+`"}`), 422, "invalid_input")
	w.want(w.do("POST", "/auth/sessions", `{}`), 422, "invalid_input")
	a := w.do("POST", "/auth/sessions", `{`+proof(t, f, code)+`,"remember":true}`)
	w.want(a, 201, "")
	c := cookieOf(t, a, "__Host-hp_session")
	if c.MaxAge == 0 || a.get(t, "session.method") != "email_code" || a.get(t, "user.email_verified") != true {
		t.Errorf("session %s", a.body)
	}
	w.want(w.do("GET", "/auth/users/me/logins?method=email_code", "", cookie(c)), 200, "")

	f = w.begin("ada@example.org", "sign_in")
	form := url.Values{
		"grant_type": {
			"urn:hallpass:params:oauth:grant-type:email-code",
		}, "flow_id": {f.get(t, "flow_id").(string)}, "flow_secret": {f.get(t, "flow_secret").(string)},
		"code": {w.letter("ada@example.org").Code}, "client_id": {"cli"}, "scope": {"account!user"},
	}
	post := func() answer {
		return w.do("POST", "/auth/token", form.Encode(), func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		})
	}
	a = post()
	if a.status != 200 || a.get(t, "scope") != "account!user" || a.get(t, "refresh_token") == nil {
		t.Errorf("token %d %s", a.status, a.body)
	}
	if a = post(); a.status != 400 || a.get(t, "error") != "invalid_grant" {
		t.Errorf("again %d %s", a.status, a.body)
	}

	w.clock.Advance(time.Hour)
	w.want(w.do("POST", "/auth/users/me/email", `{"email":"new@example.org"}`, cookie(c)), 403, "reauth_required")
	f = w.begin("ada@example.org", "sign_in")
	w.want(w.do(
		"POST", "/auth/sessions/current/reauth", `{"password":"x",`+proof(t, f, "x")+`}`, cookie(c),
	), 422, "invalid_input")
	a = w.do("POST", "/auth/sessions/current/reauth", `{`+proof(t, f, w.letter("ada@example.org").Code)+`}`, cookie(c))
	w.want(a, 204, "")
	c = cookieOf(t, a, "__Host-hp_session")
	f = w.do("POST", "/auth/users/me/email", `{"email":"new@example.org"}`, cookie(c))
	w.want(f, 202, "")
	a = w.do("POST", "/auth/email-verifications", `{`+proof(t, f, w.letter("new@example.org").Code)+`}`)
	w.want(a, 200, "")
	if a.get(t, "user.email") != "new@example.org" {
		t.Errorf("changed %s", a.body)
	}
	w.want(w.do("GET", "/auth/whoami", "", cookie(c)), 200, "")

	f = w.begin("new@example.org", "reset_password")
	w.want(w.do(
		"POST", "/auth/password-resets", `{`+proof(t, f, w.letter("new@example.org").Code)+`,"password":"short"}`,
	), 422, "invalid_input")
	a = w.do("POST", "/auth/password-resets", `{"token":"`+w.letter("new@example.org").Token+
		`","password":"another horse 43 staple"}`)
	if a.status != 204 || a.body != "" {
		t.Errorf("reset %d %s", a.status, a.body)
	}
	w.want(w.do("GET", "/auth/whoami", "", cookie(c)), 401, "token_invalid")
}

func TestSignUpThatProves(t *testing.T) {
	t.Parallel()
	w := setupMail(t, func(c *auth.Config, _ *httpadapter.Config) { c.Settings.EmailProof = policy.EmailProofRequired })
	f := w.do("POST", "/auth/users", `{"username":"ada","email":"ada@example.org","password":"`+pass+`"}`)
	w.want(f, 202, "")
	w.want(w.do("POST", "/auth/users", `{"username":"bob","password":"`+pass+`"}`), 422, "invalid_input")
	w.want(w.do(
		"POST", "/auth/users", `{"username":"bob","email":"bob@example.org","password":"short"}`,
	), 422, "invalid_input")
	a := w.do("POST", "/auth/email-verifications", `{`+proof(t, f, w.letter("ada@example.org").Code)+`}`)
	w.want(a, 200, "")
	w.want(w.do("POST", "/auth/sessions", `{"login":"ada","password":"`+pass+`"}`), 201, "")
}

func TestInvitationsOverHTTP(t *testing.T) {
	t.Parallel()
	w := setupMail(t, func(c *auth.Config, _ *httpadapter.Config) { c.Settings.SignUp = policy.SignUpInvite })
	root := w.member("root1@example.org", "admin")
	token, _ := w.token("root1")
	a := w.do(
		"POST", "/auth/invitations", `{"email":"new@example.org","roles":["helper"],"expires_in":3600}`, bearer(token),
	)
	w.want(a, 201, "")
	if a.get(t, "inviter.id") != string(root.ID) || a.get(t, "inviter.username") != "root1" ||
		strings.Contains(a.body, "hp_inv") || a.get(t, "expires_at") != "2026-03-01T13:00:00Z" {
		t.Errorf("invitation %s", a.body)
	}
	w.want(w.do(
		"POST", "/auth/invitations", `{"email":"x@example.org","groups":["g"]}`, bearer(token),
	), 422, "invalid_input")
	w.want(w.do(
		"POST", "/auth/invitations", `{"email":"x@example.org","expires_in":9223372036854775807}`, bearer(token),
	), 422, "invalid_input")
	w.want(w.do(
		"POST", "/auth/invitations", `{"email":"x@example.org","roles":["nope"]}`, bearer(token),
	), 422, "invalid_input")
	list := w.do("GET", "/auth/invitations", "", bearer(token))
	if n := len(list.get(t, "items").([]any)); n != 1 || strings.Contains(list.body, "hp_inv") {
		t.Errorf("list %s", list.body)
	}
	mailed := w.letter("new@example.org").Token
	a = w.do("POST", "/auth/invitations/preview", `{"token":"`+mailed+`"}`)
	w.want(a, 200, "")
	if a.get(t, "email") != "new@example.org" || strings.Contains(a.body, "roles") {
		t.Errorf("preview %s", a.body)
	}
	w.want(
		w.do("POST", "/auth/invitations/accept", `{"token":"`+mailed+`","password":"`+pass+`"}`), 422, "invalid_input",
	)
	a = w.do("POST", "/auth/invitations/accept", `{"token":"`+mailed+`","username":"newcomer","password":"`+pass+`"}`)
	w.want(a, 201, "")
	if a.get(t, "session.method") != "invitation" || a.get(t, "user.email_verified") != true {
		t.Errorf("accepted %s", a.body)
	}
	w.want(w.do("GET", "/auth/whoami", "", cookie(cookieOf(t, a, "__Host-hp_session"))), 200, "")
	w.want(w.do(
		"POST", "/auth/invitations/accept", `{"token":"`+mailed+`","username":"another","password":"`+pass+`"}`,
	), 404, "invitation_invalid")
	a = w.do("POST", "/auth/invitations", `{"email":"gone@example.org"}`, bearer(token))
	w.want(w.do("DELETE", "/auth/invitations/"+a.get(t, "id").(string), "", bearer(token)), 204, "")
	w.want(w.do(
		"POST", "/auth/invitations/preview", `{"token":"`+w.letter("gone@example.org").Token+`"}`,
	), 404, "invitation_invalid")

	// Without a password or an address a manager's account comes with a link, once.
	a = w.do("POST", "/auth/users", `{"username":"linked"}`, bearer(token))
	w.want(a, 201, "")
	link, _ := a.get(t, "invitation_url").(string)
	_, secret, ok := strings.Cut(link, "https://app.example/auth/link#token=")
	secret, _, _ = strings.Cut(secret, "&")
	if !ok || strings.Contains(
		w.do("GET", "/auth/users/"+a.get(t, "id").(string), "", bearer(token)).body, "invitation",
	) {
		t.Errorf("created %s", a.body)
	}
	w.want(w.do("POST", "/auth/invitations/accept", `{"token":"`+secret+`","password":"`+pass+`"}`), 201, "")
	a = w.do("POST", "/auth/users", `{"username":"mailed","email":"mailed@example.org"}`, bearer(token))
	if a.status != 201 || strings.Contains(a.body, "hp_inv") {
		t.Errorf("created %d %s", a.status, a.body)
	}
	w.want(w.do("POST", "/auth/invitations/accept", `{"token":"`+w.letter("mailed@example.org").Token+`","password":"`+
		pass+`"}`), 201, "")
}

func TestDevicesOverHTTP(t *testing.T) {
	t.Parallel()
	w := setupMail(t)
	w.member("ada@example.org")
	c := w.session("ada")
	d := w.do("POST", "/auth/device/authorize", "client_id=my+cli&scope=account!user", func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	w.want(d, 200, "")
	code, _ := d.get(t, "user_code").(string)
	if d.get(t, "expires_in") != 600.0 || d.get(t, "interval") != 5.0 || len(code) != 9 || d.get(t, "verification_uri") != "https://app.example/auth/link" ||
		d.get(t, "verification_uri_complete") != "https://app.example/auth/link#user_code="+code || d.header.Get("Cache-Control") != "no-store" {
		t.Errorf("device %s %v", d.body, d.header)
	}
	poll := func(client string) answer {
		return w.do("POST", "/auth/token",
			`{"grant_type":"urn:ietf:params:oauth:grant-type:device_code","device_code":"`+
				d.get(t, "device_code").(string)+`","client_id":"`+client+`"}`)
	}
	says := func(a answer, want string) {
		t.Helper()
		if a.status != 400 || a.get(t, "error") != want {
			t.Errorf("%d %s, want %s", a.status, a.body, want)
		}
	}
	w.clock.Advance(5 * time.Second)
	says(poll("my cli"), "authorization_pending")
	says(poll("my cli"), "slow_down")
	says(poll("other"), "invalid_grant")
	says(w.do("POST", "/auth/device/authorize", `{"scope":"no-such-scope"}`), "invalid_scope")
	says(w.do("POST", "/auth/device/authorize", `{"client_name":"`+strings.Repeat("x", 65)+`"}`), "invalid_request")
	says(
		w.do("POST", "/auth/token", `{"grant_type":"urn:ietf:params:oauth:grant-type:device_code"}`), "invalid_request",
	)

	a := w.do("POST", "/auth/device/lookup", `{"user_code":"`+strings.ToLower(code)+`"}`, cookie(c))
	w.want(a, 200, "")
	if a.get(t, "client_name") != "my cli" || a.get(t, "ip") != "192.0.2.1" ||
		a.get(t, "scopes").([]any)[0] != "account!user" {
		t.Errorf("lookup %s", a.body)
	}
	w.want(w.do("POST", "/auth/device/lookup", `{"user_code":"`+code+`"}`, cookie(w.session("ada"))), 404, "not_found")
	w.want(w.do(
		"POST", "/auth/device/approve", `{"user_code":"`+code+`","decision":"maybe"}`, cookie(c),
	), 422, "invalid_input")
	w.want(w.do("POST", "/auth/device/approve", `{"user_code":"`+code+`","decision":"allow"}`, cookie(c), header(
		"Sec-Fetch-Site", "cross-site",
	)), 403, "cross_origin")
	w.want(w.do("POST", "/auth/device/approve", `{"user_code":"`+code+`","decision":"allow"}`, cookie(c)), 204, "")
	a = poll("my cli")
	w.want(a, 200, "")
	if a.get(t, "scope") != "account!user" || a.get(t, "refresh_token") == nil {
		t.Errorf("token %s", a.body)
	}
	says(poll("my cli"), "invalid_grant")

	d = w.do("POST", "/auth/device/authorize", `{"client_name":"two"}`)
	w.want(w.do("POST", "/auth/device/approve", `{"user_code":"`+d.get(t, "user_code").(string)+
		`","decision":"deny"}`, cookie(c)), 204, "")
	says(poll("two"), "access_denied")
	d = w.do("POST", "/auth/device/authorize", `{"client_name":"three"}`)
	w.clock.Advance(10 * time.Minute)
	says(poll("three"), "expired_token")
	m := w.do("GET", "/.well-known/oauth-authorization-server", "")
	if m.get(t, "device_authorization_endpoint") != "https://app.example/auth/device/authorize" || !strings.Contains(m.body, "device_code") {
		t.Errorf("metadata %s", m.body)
	}
}
