package main

import (
	"encoding/json"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	mailedCode  = regexp.MustCompile(`\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\b`)
	mailedToken = regexp.MustCompile(`hp_(?:flo|inv)_[0-9A-Za-z]{49}`)
)

// awaitMail waits for a mail to an address that contains a text, and returns it.
func awaitMail(t *testing.T, dir, to, holds string) string {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			m, err := mail.ReadMessage(strings.NewReader(string(text)))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if m.Header.Get("To") == "<"+to+">" && strings.Contains(string(text), holds) {
				return string(text)
			}
		}
	}
	t.Fatalf("no mail to %s with %q", to, holds)
	return ""
}

// field returns a member of a JSON answer.
func field(t *testing.T, doc, name string) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(doc), &v); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	text, _ := v[name].(string)
	return text
}

// From a sign-up that proves its address to a link made on the command line. The server writes
// mail to files and is restarted in between.
func TestMailToFiles(t *testing.T) {
	t.Parallel()
	p, b := newPlace(t), newBrowser(t)
	dir := filepath.Join(p.dir, "mail")
	where := "file:" + dir
	p.command(pass, "create-admin", "--username", "root", "--email", "root@example.org", "--password-stdin")
	p.command("", "settings set", "--mail", where, "email_proof", "required")
	p.command("", "settings set", "signup", "open")
	s := p.serve("--mail", where)
	b.wants(200, "GET", s.url+"/auth/policy", "", `"email_proof":"required"`, `"email_code"`)

	status, flow := b.send(
		"POST", s.url+"/auth/users", `{"username":"ada","email":"ada@example.org","password":"`+pass+`"}`,
	)
	if status != 202 {
		t.Fatalf("%d %s", status, flow)
	}
	text := awaitMail(t, dir, "ada@example.org", "Confirm your address")
	if !strings.Contains(text, s.url+"/auth/link#token=hp_flo_") {
		t.Errorf("the link leads elsewhere: %s", text)
	}
	s.end(t)
	s = p.serve("--mail", where)
	b.wants(200, "GET", s.url+"/auth/link", "", "<script>")
	proof := `"flow_id":"` + field(t, flow, "flow_id") + `","flow_secret":"` + field(t, flow, "flow_secret") + `"`
	b.wants(401, "POST", s.url+"/auth/email-verifications", `{`+proof+`,"code":"BBBB-BBBB"}`, "bad_credentials")
	b.wants(200, "POST", s.url+"/auth/email-verifications", `{`+proof+`,"code":"`+mailedCode.FindString(text)+
		`"}`, `"email_verified":true`)
	b.wants(201, "POST", s.url+"/auth/sessions", `{"login":"ada","password":"`+pass+`"}`)

	_, flow = b.send("POST", s.url+"/auth/email-codes", `{"email":"ada@example.org","purpose":"sign_in"}`)
	text = awaitMail(t, dir, "ada@example.org", "Your code for")
	b.wants(
		201, "POST", s.url+"/auth/sessions", `{"token":"`+mailedToken.FindString(text)+`"}`, `"method":"email_code"`,
	)
	b.wants(401, "POST", s.url+"/auth/sessions", `{"flow_id":"`+field(t, flow, "flow_id")+`","flow_secret":"`+
		field(t, flow, "flow_secret")+
		`","code":"`+mailedCode.FindString(text)+`"}`, "bad_credentials")

	link := p.command("", "user reset-link", "--base-url", s.url, "ada")
	if !strings.HasPrefix(link, s.url+"/auth/link#token=hp_flo_") {
		t.Errorf("link %s", link)
	}
	b.wants(204, "POST", s.url+"/auth/password-resets", `{"token":"`+mailedToken.FindString(link)+
		`","password":"another horse 43 staple"}`)
	awaitMail(t, dir, "ada@example.org", "has changed")
	b.wants(201, "POST", s.url+"/auth/sessions", `{"login":"ada","password":"another horse 43 staple"}`)
	s.end(t)

	quiet := p.serve() // its settings need mail, and it has none
	defer quiet.end(t)
	if !strings.Contains(quiet.log.String(), "see --mail") {
		t.Errorf("no warning in %s", quiet.log)
	}
	b.wants(501, "POST", quiet.url+"/auth/email-codes", `{"email":"ada@example.org","purpose":"sign_in"}`, "no_mailer")
}

func TestMailToConsole(t *testing.T) {
	t.Parallel()
	p, b := newPlace(t), newBrowser(t)
	p.command(pass, "create-admin", "--username", "root", "--email", "root@example.org", "--password-stdin")
	s := p.serve("--mail", "console")
	defer s.end(t)
	_, flow := b.send("POST", s.url+"/auth/email-codes", `{"email":"root@example.org","purpose":"sign_in"}`)
	code := ""
	for deadline := time.Now().Add(30 * time.Second); code == "" &&
		time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		code = mailedCode.FindString(s.out.String())
	}
	b.wants(201, "POST", s.url+"/auth/sessions", `{"flow_id":"`+field(t, flow, "flow_id")+`","flow_secret":"`+
		field(t, flow, "flow_secret")+`","code":"`+code+`"}`)
}
