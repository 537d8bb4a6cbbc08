package smtpmail_test

import (
	"context"
	"crypto/tls"
	"errors"
	"mime"
	"net"
	stdmail "net/mail"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/mail/smtpmail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/store/memstore"
)

func sample() mail.Message {
	return mail.Message{
		ID: "0190d5c0-7a3e-7c1e-8000-000000000001", From: "no-reply@app.example", To: "ada@example.org",
		Subject: "Your code for Ünder",
		Text: "Your code is\n\n    BCDF-GHJK\n\nhttps://app.example/auth/link#token=hp_flo_" +
			strings.Repeat("x", 49) + "&for=sign_in\n.\n",
		HTML: "<p>é BCDF-GHJK</p>\n", At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

// mailer returns a Mailer that sends to s.
func mailer(t *testing.T, s *server, edit func(*smtpmail.Config)) *smtpmail.Mailer {
	t.Helper()
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		t.Fatal(err)
	}
	cfg := smtpmail.Config{Host: host, TLS: &tls.Config{RootCAs: s.cert}}
	if cfg.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(&cfg)
	}
	m, err := smtpmail.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMailArrivesEncrypted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind     kind
		security smtpmail.Security
		secure   bool
		user     string
	}{
		"starttls": {
			startTLS, smtpmail.StartTLS, true, "site",
		}, "implicit": {implicitTLS, smtpmail.ImplicitTLS, true, ""},
		"opportunistic": {
			startTLS, smtpmail.AllowStartTLS, true, "site",
		}, "none": {plainText, smtpmail.AllowNone, false, ""},
		"opportunistic without": {plainText, smtpmail.AllowStartTLS, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.kind, nil)
			m := mailer(t, s, func(cfg *smtpmail.Config) {
				cfg.Security = c.security
				if c.user != "" {
					cfg.Username, cfg.Password = c.user, "secret"
				}
			})
			for range 2 {
				if err := m.Send(t.Context(), sample()); err != nil {
					t.Fatal(err)
				}
			}
			list := s.mails()
			if len(list) != 2 || list[0].from != "no-reply@app.example" || list[0].to != "ada@example.org" ||
				list[0].secure != c.secure || list[0].user != c.user {
				t.Fatalf("got %+v", list)
			}
			message, err := stdmail.ReadMessage(strings.NewReader(list[0].text))
			if err != nil {
				t.Fatal(err)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
			if err != nil || subject != sample().Subject || message.Header.Get("Message-Id") != "<"+sample().ID+
				"@app.example>" || message.Header.Get("Auto-Submitted") == "" {
				t.Errorf("header %v", message.Header)
			}
			if !strings.Contains(list[0].text, "#token=hp_flo_"+strings.Repeat("x", 49)+"&for=sign_in\r\n.\r\n") {
				t.Errorf("the link is broken in\n%s", list[0].text)
			}
		})
	}
}

// Nothing is sent over an unencrypted connection, or to a server that can't prove its name.
func TestSec_NoMailInTheClear(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]func() (*server, *smtpmail.Mailer){
		"no STARTTLS": func() (*server, *smtpmail.Mailer) {
			s := serve(t, plainText, nil)
			return s, mailer(t, s, nil)
		},
		"unknown authority": func() (*server, *smtpmail.Mailer) {
			s := serve(t, startTLS, nil)
			return s, mailer(t, s, func(c *smtpmail.Config) { c.TLS = nil })
		},
		"another name": func() (*server, *smtpmail.Mailer) {
			s := serve(t, implicitTLS, nil)
			return s, mailer(
				t, s, func(c *smtpmail.Config) { c.Security = smtpmail.ImplicitTLS; c.TLS.ServerName = "mail.example" },
			)
		},
	} {
		s, m := try()
		err := m.Send(t.Context(), sample())
		var permanent *mail.PermanentError
		if err == nil || errors.As(err, &permanent) || len(s.mails()) != 0 {
			t.Errorf("%s: %v, %d mails", name, err, len(s.mails()))
		}
	}
}

// The server's answer decides whether the mail is tried again. No error repeats the address or
// the server's text.
func TestRefusals(t *testing.T) {
	t.Parallel()
	refuse := func(step string, code int) func(string) error {
		return func(at string) error {
			if at != step {
				return nil
			}
			return &smtp.SMTPError{
				Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "<ada@example.org> BCDF-GHJK",
			}
		}
	}
	for name, c := range map[string]struct {
		refuse    func(string) error
		permanent bool
	}{
		"no such mailbox": {refuse("rcpt", 550), true}, "greylisted": {refuse("rcpt", 451), false},
		"spam":         {refuse("data", 554), true},
		"mailbox full": {refuse("data", 552), false}, "sender": {refuse("mail", 550), false},
		"too busy": {refuse("data", 421), false},
	} {
		s := serve(t, startTLS, c.refuse)
		err := mailer(t, s, nil).Send(t.Context(), sample())
		var permanent *mail.PermanentError
		if err == nil || errors.As(err, &permanent) != c.permanent {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "ada") || strings.Contains(err.Error(), "BCDF")) {
			t.Errorf("%s: the error reveals too much: %v", name, err)
		}
	}
	s := serve(t, startTLS, nil)
	err := mailer(
		t, s, func(c *smtpmail.Config) { c.Username, c.Password = "site", "wrong" },
	).Send(t.Context(), sample())
	var permanent *mail.PermanentError
	if err == nil || errors.As(err, &permanent) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("wrong password: %v", err)
	}
	bad := sample()
	bad.To = "ada@example.org>\r\nRCPT TO:<eve@evil.example"
	if err := mailer(t, s, nil).Send(t.Context(), bad); !errors.As(err, &permanent) || len(s.mails()) != 0 {
		t.Errorf("injected: %v", err)
	}
}

// A server that is down or says nothing costs no more time than the context allows.
func TestContextEndsTheWait(t *testing.T) {
	t.Parallel()
	hole, err := net.Listen("tcp", "127.0.0.1:0") // accepts and never greets
	if err != nil {
		t.Fatal(err)
	}
	defer hole.Close()
	release := make(chan struct{})
	defer close(release)
	slow := serve(t, startTLS, func(step string) error {
		if step == "data" {
			<-release
		}
		return nil
	})
	for name, s := range map[string]*server{"black hole": {addr: hole.Addr().String()}, "slow": slow} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		start := time.Now()
		err := mailer(t, s, nil).Send(ctx, sample())
		cancel()
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > 5*time.Second {
			t.Errorf("%s: %v after %v", name, err, took)
		}
	}
	down := &server{addr: "127.0.0.1:1"}
	if err := mailer(t, down, nil).Send(t.Context(), sample()); err == nil {
		t.Error("sent to nobody")
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"smtp://mail.example", "smtp://u:p@mail.example:25", "smtps://u:p@mail.example", "smtp://localhost:1025", "smtp://u:p@127.0.0.1:25", "smtp://mail.example?tls=none",
		"smtp://mail.example?tls=opportunistic&hello=app.example", "smtp://[::1]:25?tls=required",
	} {
		if _, err := smtpmail.Open(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "mail.example:25", "http://mail.example", "smtp://", "smtp://:hidden@mail.example", "smtp://u:hidden@mail.example?tls=none", "smtp://hidden@mail.example",
		"smtp://mail.example/hidden", "smtp://mail.example?hidden=1", "smtps://mail.example?tls=none", "smtp://mail.example:hidden", "smtp://mail.example:99999", "smtp://u:hidden%zz@mail.example",
	} {
		if _, err := smtpmail.Open(bad); err == nil || strings.Contains(
			strings.ReplaceAll(err.Error(), `parameter "hidden"`, ""), "hidden",
		) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// A code goes from the service over the server to a person, who signs in with it.
func TestCodeOverSMTP(t *testing.T) {
	t.Parallel()
	s := serve(t, startTLS, nil)
	accounts, err := auth.New(memstore.New().Auth(), auth.Config{
		Secret: []byte("a secret for tests only, 32 bytes"), BaseURL: "https://app.example", Mailer: mailer(t, s, nil),
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = accounts.CreateUser(
		t.Context(), accounts.Operator("test"), auth.UserInput{
			Username: "ada", Email: "ada@example.org",
		}, auth.Client{},
	)
	if err != nil {
		t.Fatal(err)
	}
	f, err := accounts.BeginEmailCode(
		t.Context(), "ada@example.org", emailcode.SignIn, auth.Client{},
	)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := accounts.Outbox.Deliver(t.Context()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	_, rest, _ := strings.Cut(s.mails()[0].text, "\r\n    ")
	code, _, _ := strings.Cut(rest, "\r\n")
	in, err := accounts.SignInByCode(
		t.Context(), emailcode.Evidence{Flow: f.ID, Secret: f.Secret.Reveal(), Code: code}, auth.SignInRequest{},
	)
	if err != nil || in.User.Username != "ada" {
		t.Errorf("code %q: %v", code, err)
	}
}
