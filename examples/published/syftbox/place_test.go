package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

// shifted is the clock of this machine, perhaps moved ahead.
type shifted struct{ ahead atomic.Int64 }

func (s *shifted) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

func (s *shifted) advance(by time.Duration) { s.ahead.Add(int64(by)) }

// place is a working directory, a clock and a mailbox for one test. Server and client share the
// clock.
type place struct {
	t     *testing.T
	dir   string
	db    string // empty for SQLite in dir
	clock *shifted
	box   *mail.Memory
	edit  func(*auth.Config) // may be nil
	vars  map[string]string
}

func newPlace(t *testing.T) *place {
	return &place{t: t, dir: t.TempDir(), clock: &shifted{}, box: mail.NewMemory(), vars: map[string]string{}}
}

func newPostgresPlace(t *testing.T) *place {
	p := newPlace(t)
	p.db = pgtest.DSN(t)
	return p
}

// places makes a place on each kind of database.
var places = map[string]func(*testing.T) *place{"sqlite": newPlace, "postgres": newPostgresPlace}

func (p *place) env(ctx context.Context, in io.Reader, out, errOut io.Writer) *env {
	return &env{ctx: ctx, in: in, out: out, errOut: errOut, getenv: func(name string) string { return p.vars[name] },
		now: p.clock.now, dir: p.dir}
}

// command runs a command line without anybody to answer.
func (p *place) command(args ...string) (status int, out, errOut string) {
	p.t.Helper()
	return p.talk(nil, args...)
}

// serving is a server that runs in this process.
type serving struct {
	*place
	url      string
	out, log *hosttest.Buffer
	stop     context.CancelFunc
	status   chan int
}

var urlLine = regexp.MustCompile(`syftbox serves (http://\S+)\n`)

// start starts a server with these flags and the clock of the place. Outside development mode,
// its mail goes to the mailbox of the place.
func (p *place) start(args ...string) *serving {
	p.t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(p.t.Context()))
	s := &serving{place: p, out: &hosttest.Buffer{}, log: &hosttest.Buffer{}, stop: stop, status: make(chan int, 1)}
	e := p.env(ctx, strings.NewReader(""), s.out, s.log)
	e.edit = func(c *auth.Config) {
		c.Now = p.clock.now
		c.Hashing = password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		}
		if _, dev := c.Mailer.(*devMail); !dev {
			c.Mailer = p.box
		}
		if p.edit != nil {
			p.edit(c)
		}
	}
	go func() { s.status <- e.run(append([]string{"server"}, args...)) }()
	p.t.Cleanup(s.end)
	s.url = hosttest.Await(p.t, urlLine, s.out, s.log)
	return s
}

// serve starts a server as in production. An empty addr means any.
func (p *place) serve(args ...string) *serving {
	p.t.Helper()
	all := []string{"--mail", "console", "--addr", "127.0.0.1:0"}
	if p.db != "" {
		all = append(all, "--db", p.db)
	}
	return p.start(append(all, args...)...)
}

func (p *place) serveDev() *serving {
	p.t.Helper()
	return p.start("--dev", "--addr", "127.0.0.1:0")
}

// end stops a server once.
func (s *serving) end() {
	s.t.Helper()
	s.stop()
	select {
	case status, running := <-s.status:
		if running && status != 0 {
			s.t.Errorf("status %d: %s", status, s.log)
		}
		if running {
			close(s.status)
		}
	case <-time.After(20 * time.Second):
		s.t.Error("the server does not end")
	}
}

// accounts opens the accounts in the production database of the place.
func (p *place) accounts() *auth.Service {
	p.t.Helper()
	e := p.env(context.WithoutCancel(p.t.Context()), nil, io.Discard, io.Discard)
	s, err := (&serverCmd{Mail: "console", DB: p.db}).open(e, "http://127.0.0.1", slog.New(slog.DiscardHandler))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = s.db.Close() })
	return s.accounts
}

// letter waits for the n-th mail to an address.
func (p *place) letter(to string, n int) authtest.Letter {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if list := p.box.To(to); len(list) >= n {
			return authtest.ReadMail(list[n-1])
		}
	}
	p.t.Errorf("there is no mail %d to %s", n, to)
	return authtest.Letter{}
}

// person answers the questions of a client one after the other, and leaves after the last
// answer.
type person struct {
	mu      sync.Mutex
	text    bytes.Buffer
	answers []func() string
	typed   chan string
}

// says is a fixed answer.
func says(text string) func() string { return func() string { return text } }

// Write implements io.Writer, as the terminal.
func (q *person) Write(b []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.text.Write(b)
	if !bytes.HasSuffix(b, []byte(": ")) {
		return len(b), nil
	}
	if len(q.answers) == 0 {
		close(q.typed)
		q.typed = nil
		return len(b), nil
	}
	next := q.answers[0]
	q.answers = q.answers[1:]
	go func(typed chan<- string) { typed <- next() + "\n" }(q.typed)
	return len(b), nil
}

// Read implements io.Reader, as the keyboard.
func (q *person) Read(b []byte) (int, error) {
	q.mu.Lock()
	typed := q.typed
	q.mu.Unlock()
	if typed == nil {
		return 0, io.EOF
	}
	line, ok := <-typed
	if !ok {
		return 0, io.EOF
	}
	return copy(b, line), nil
}

func (q *person) left() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.answers)
}

// talk runs a command with somebody at the terminal. It fails if answers are left, because then
// a question is missing.
func (p *place) talk(answers []func() string, args ...string) (status int, out, errOut string) {
	p.t.Helper()
	q := &person{answers: answers, typed: make(chan string)}
	var e bytes.Buffer
	status = p.env(p.t.Context(), q, q, &e).run(args)
	if q.left() > 0 {
		p.t.Errorf("%d answers were not asked for: %s%s", q.left(), q.text.String(), e.String())
	}
	return status, q.text.String(), e.String()
}

// client runs the client against the server.
func (s *serving) client(answers []func() string, args ...string) (status int, out, errOut string) {
	s.t.Helper()
	return s.talk(answers, append([]string{"client", "--server", s.url}, args...)...)
}

// code is the answer with the code in the n-th mail.
func (p *place) code(to string, n int) func() string {
	return func() string { return p.letter(to, n).Code }
}

// signIn signs in somebody with the n-th mail to them, and returns the content of the file
// afterwards.
func (s *serving) signIn(email string, n int, args ...string) account {
	s.t.Helper()
	status, out, errOut := s.client([]func() string{s.code(email, n)}, append([]string{"--email", email}, args...)...)
	if status != 0 || !strings.Contains(out, "Signed in: "+email) {
		s.t.Fatalf("status %d: %s%s", status, out, errOut)
	}
	name := "config.json"
	for i, a := range args {
		if a == "--config" {
			name = args[i+1]
		}
	}
	return s.file(name)
}

// silent runs the client, which has to be signed in already.
func (s *serving) silent(args ...string) {
	s.t.Helper()
	if status, out, errOut := s.client(nil, args...); status != 0 || out+errOut != "" {
		s.t.Errorf("status %d: %s%s", status, out, errOut)
	}
}

// file reads a file of the client.
func (p *place) file(name string) (a account) {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, name))
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return a
}

// write writes a file as a person might.
func (p *place) write(name, text string, mode os.FileMode) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		p.t.Fatal(err)
	}
}

// change edits the client's file.
func (p *place) change(edit func(*account)) {
	p.t.Helper()
	a := p.file("config.json")
	edit(&a)
	doc, err := json.Marshal(a)
	if err != nil {
		p.t.Fatal(err)
	}
	p.write("config.json", string(doc), 0o600)
}

// reply is an answer whose body was read.
type reply struct {
	status int
	header http.Header
	text   string
}

// get returns a member of the answer as text.
func (r reply) get(name string) string {
	var m map[string]any
	_ = json.Unmarshal([]byte(r.text), &m) // what is no object has no members
	text, _ := m[name].(string)
	return text
}

var plain = &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
	return http.ErrUseLastResponse
}}

// send sends a request. Token and body may be empty. header has names and values.
func (s *serving) send(method, path, token, body string, header ...string) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	a, err := plain.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{a.StatusCode, a.Header, string(text)}
}

// want checks the status and a part of an answer.
func (s *serving) want(r reply, status int, part string) reply {
	s.t.Helper()
	if r.status != status || !strings.Contains(r.text, part) {
		s.t.Errorf("%d %s, want %d with %q", r.status, r.text, status, part)
	}
	return r
}

// begin begins a flow.
func (s *serving) begin(email string) reply {
	s.t.Helper()
	return s.want(s.send("POST", "/auth/email-codes", "", `{"email":"`+email+`","purpose":"sign_in"}`), 202, "flow_id")
}

// finish ends a flow with a code.
func (s *serving) finish(flow reply, code string) reply {
	s.t.Helper()
	return s.send("POST", "/auth/token", "", `{"grant_type":"`+grantCode+`","flow_id":"`+flow.get("flow_id")+
		`","flow_secret":"`+flow.get("flow_secret")+`","code":"`+code+`"}`)
}

// tokens signs in over HTTP with the n-th mail.
func (s *serving) tokens(email string, n int) reply {
	s.t.Helper()
	return s.want(s.finish(s.begin(email), s.letter(email, n).Code), 200, "refresh_token")
}

// refreshed uses a refresh token.
func (s *serving) refreshed(token string) reply {
	s.t.Helper()
	return s.send("POST", "/auth/token", "", `{"grant_type":"refresh_token","refresh_token":"`+token+`"}`)
}
