package mail_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	stdmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
)

func sample() mail.Message {
	return mail.Message{
		ID: "0190d5c0-7a3e-7c1e-8000-000000000001", From: "no-reply@app.example", To: "ada@example.org",
		Subject: "Your code for Ünder",
		Text:    "Your code is\n\n    BCDF-GHJK\n\nhttps://app.example/auth/link#token=hp_flo_x&for=sign_in\n", HTML: "<p>é BCDF-GHJK " + strings.Repeat("x", 2000) + "</p>\n",
		At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

// parts reads a message as clients do.
func parts(t *testing.T, text []byte) (header stdmail.Header, bodies map[string]string) {
	t.Helper()
	m, err := stdmail.ReadMessage(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatal(kind, err)
	}
	bodies = map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return m.Header, bodies
		}
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = p
		if p.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			body = quotedprintable.NewReader(p)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(p.Header.Get("Content-Type"), ";")
		bodies[kind] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
}

func TestMessageIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	m := sample()
	text, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	header, bodies := parts(t, text)
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	at, dateErr := header.Date()
	if err != nil || dateErr != nil || subject != m.Subject || !at.Equal(m.At) ||
		header.Get("To") != "<ada@example.org>" {
		t.Errorf("header %v, %v %v", header, err, dateErr)
	}
	if want := "<" + m.ID + "@app.example>"; header.Get("Message-Id") != want {
		t.Errorf("message id %s, want %s", header.Get("Message-Id"), want)
	}
	if bodies["text/plain"] != m.Text || bodies["text/html"] != m.HTML {
		t.Errorf("bodies %q", bodies)
	}
	if plain := string(text); strings.Index(plain, "text/plain") > strings.Index(plain, "text/html") ||
		!strings.Contains(plain, "#token=hp_flo_x&for=sign_in\r\n") {
		t.Error("the text is not first, or not plain")
	}
	for line := range strings.SplitSeq(string(text), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("bad line %.80q", line)
		}
	}
}

func TestSec_IO06_NoHeaderIsInjected(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*mail.Message){
		"to": func(m *mail.Message) {
			m.To = "a@b.example\r\nBcc: eve@evil.example"
		}, "from": func(m *mail.Message) { m.From = "a@b.example\nX: y" },
		"subject": func(m *mail.Message) { m.Subject = "x\r\n\r\nbody" }, "id": func(m *mail.Message) { m.ID = "x\r" },
		"NUL": func(m *mail.Message) { m.Subject = "x\x00" },
	} {
		m := sample()
		spoil(&m)
		if text, err := m.Encode(); err == nil {
			t.Errorf("%s: %q", name, text)
		}
		var permanent *mail.PermanentError
		if err := (mail.Files{Dir: t.TempDir()}).Send(t.Context(), m); !errors.As(err, &permanent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFilesAreWholeAndPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "mail")
	f := mail.Files{Dir: dir}
	for range 2 { // a second attempt replaces the file
		if err := f.Send(t.Context(), sample()); err != nil {
			t.Fatal(err)
		}
	}
	m := sample()
	m.ID = "../../escape"
	if err := f.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var names []string
	err := filepath.WalkDir(filepath.Dir(dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Mode().Perm() != 0o600 || filepath.Dir(path) != dir {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
		names = append(names, d.Name())
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if _, bodies := parts(t, text); !strings.Contains(bodies["text/plain"], "BCDF-GHJK") {
			t.Errorf("%s lacks the code", path)
		}
		return nil
	})
	if err != nil || len(names) != 2 {
		t.Errorf("files %v, %v", names, err)
	}
	if err := (mail.Files{Dir: filepath.Join(dir, names[0])}).Send(t.Context(), sample()); err == nil {
		t.Error("a file is no folder")
	}
}

func TestConsoleShowsTheText(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := mail.Console(&out).Send(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "BCDF-GHJK") || !strings.Contains(out.String(), "ada@example.org") {
		t.Errorf("%q", out.String())
	}
}

func TestMemoryKeepsWhatWasSent(t *testing.T) {
	t.Parallel()
	b := mail.NewMemory()
	down := errors.New("down")
	b.FailWith(func(mail.Message) error { return down })
	if err := b.Send(t.Context(), sample()); !errors.Is(err, down) {
		t.Error(err)
	}
	b.FailWith(nil)
	other := sample()
	other.To = "bob@example.org"
	for _, m := range []mail.Message{sample(), other, sample()} {
		if err := b.Send(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := b.Last("eve@example.org"); ok || len(b.All()) != 3 || len(b.To("ada@example.org")) != 2 {
		t.Errorf("%d mails", len(b.All()))
	}
	if m, ok := b.Last("bob@example.org"); !ok || m.To != "bob@example.org" {
		t.Error(m, ok)
	}
}

// A mail that is printed or logged shows no code.
func TestSec_TK09_MailIsRedacted(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	m := sample()
	slog.New(slog.NewJSONHandler(&log, nil)).Info("mail", "mail", m)
	for _, text := range []string{fmt.Sprint(m), fmt.Sprintf(
		"%v %+v %#v %s %q", m, m, m, m, &m,
	), fmt.Sprint(struct{ M mail.Message }{m}), log.String()} {
		if strings.Contains(text, "BCDF") || !strings.Contains(text, m.ID) {
			t.Errorf("%s", text)
		}
	}
}

func ExampleMessage_Encode() {
	text, err := (mail.Message{ID: "1", From: "no-reply@app.example", To: "ada@example.org", Subject: "Hello",
		Text: "Hello.\n", HTML: "<p>Hello.</p>\n"}).Encode()
	if err != nil {
		fmt.Println(err)
		return
	}
	from, _, _ := strings.Cut(string(text), "\r\n")
	fmt.Println(from)
	// Output: From: <no-reply@app.example>
}
