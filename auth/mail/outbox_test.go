package mail_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// post is an outbox on a store of its own, whose time stands still.
type post struct {
	*mail.Outbox
	t       *testing.T
	st      mail.Store
	box     *mail.Memory
	cfg     mail.Config
	now     time.Time
	reports []string
}

func setup(t *testing.T, edit ...func(*mail.Config)) *post {
	t.Helper()
	p := &post{
		t: t, st: memstore.New().Auth().Outbox(), box: mail.NewMemory(),
		now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
	p.cfg = mail.Config{
		Mailer: p.box, From: "no-reply@app.example", URL: "https://app.example", Key: make([]byte, 32),
		Report: func(err error) { p.reports = append(p.reports, err.Error()) },
		Now:    func() time.Time { return p.now },
	}
	for _, e := range edit {
		e(&p.cfg)
	}
	p.Outbox = p.replica()
	return p
}

// replica is another outbox on the same store.
func (p *post) replica() *mail.Outbox {
	p.t.Helper()
	o, err := mail.NewOutbox(p.st, p.cfg)
	if err != nil {
		p.t.Fatal(err)
	}
	return o
}

// code is a letter with a code that is valid for ten minutes.
func code(to string) mail.Letter {
	return mail.Letter{Kind: mail.SignIn, To: to, Site: "Notes", Code: "BCDF-GHJK", Life: 10 * time.Minute}
}

func (p *post) add(letters ...mail.Letter) {
	p.t.Helper()
	for _, l := range letters {
		if err := p.Post(p.t.Context(), p.st, l); err != nil {
			p.t.Fatal(err)
		}
	}
}

// sends checks how many letters one Deliver sends.
func (p *post) sends(want int) {
	p.t.Helper()
	if n, err := p.Deliver(p.t.Context()); err != nil || n != want {
		p.t.Errorf("%d letters were sent, want %d: %v, reports %q", n, want, err, p.reports)
	}
}

// waiting returns the envelopes in the store. It claims them until now.
func (p *post) waiting() []mail.Envelope {
	p.t.Helper()
	list, err := p.st.ClaimMail(p.t.Context(), p.now.AddDate(1, 0, 0), p.now, 1000)
	if err != nil {
		p.t.Fatal(err)
	}
	return list
}

func (p *post) reported(want ...string) {
	p.t.Helper()
	ok := len(p.reports) == len(want)
	for i := range want {
		ok = ok && strings.Contains(p.reports[i], want[i])
	}
	if !ok {
		p.t.Errorf("reports %q, want %q", p.reports, want)
	}
	p.reports = nil
}

func TestLettersAreDeliveredOnce(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.add(code("ada@example.org"))
	for _, e := range p.waiting() {
		if strings.Contains(string(e.Sealed), "BCDF") || strings.Contains(string(e.Sealed), "ada") {
			t.Errorf("the store sees the letter: %q", e.Sealed)
		}
	}
	p.sends(1)
	p.sends(0)
	m, _ := p.box.Last("ada@example.org")
	if m.From != "no-reply@app.example" || m.Subject != "Your code for Notes" || !m.At.Equal(p.now) ||
		!strings.Contains(m.Text, "BCDF-GHJK") || !strings.Contains(m.Text, "10 minutes") ||
		!strings.Contains(m.HTML, "BCDF-GHJK") || !strings.Contains(m.Text, "https://app.example") {
		t.Errorf("message %+v", struct{ Subject, Text string }{m.Subject, m.Text})
	}
	if list := p.waiting(); len(list) != 0 {
		t.Errorf("%d letters wait after they were sent", len(list))
	}
	p.reported()
}

func TestLettersLeaveInOrder(t *testing.T) {
	t.Parallel()
	p := setup(t)
	for _, to := range []string{"a@example.org", "b@example.org", "c@example.org"} {
		p.add(code(to))
		p.now = p.now.Add(time.Second)
	}
	p.sends(3)
	var got []string
	for _, m := range p.box.All() {
		got = append(got, m.To)
	}
	if !slices.Equal(got, []string{"a@example.org", "b@example.org", "c@example.org"}) {
		t.Errorf("sent to %v", got)
	}
}

// After an error a letter comes again, later each time, with the same ID and the same text. It
// holds up no other letter.
func TestFailedLetterIsRepeated(t *testing.T) {
	t.Parallel()
	p := setup(t)
	var tried []mail.Message
	p.box.FailWith(func(m mail.Message) error {
		if m.To != "bad@example.org" {
			return nil
		}
		tried = append(tried, m)
		return errors.New("server is down")
	})
	p.add(mail.Letter{Kind: mail.PasswordChanged, To: "bad@example.org", Site: "Notes"}, code("ada@example.org"))
	p.sends(1)
	pauses := []time.Duration{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, time.Hour, time.Hour,
	}
	for i, pause := range pauses {
		p.now = p.now.Add(pause - time.Microsecond)
		p.sends(0)
		if len(tried) != i+1 {
			t.Fatalf("%d attempts before the pause of %v ends, want %d", len(tried), pause, i+1)
		}
		p.now = p.now.Add(time.Microsecond)
		p.sends(0)
	}
	for _, m := range tried {
		if m != tried[0] {
			t.Error("an attempt differs from the first")
		}
	}
	for i, r := range p.reports {
		if want := fmt.Sprintf("attempt %d: server is down", i+1); !strings.Contains(r, want) {
			t.Errorf("report %q, want %q", r, want)
		}
	}
	p.box.FailWith(nil)
	p.now = p.now.Add(time.Hour)
	p.sends(1)
	p.sends(0)
}

func TestOutboxGivesUp(t *testing.T) {
	t.Parallel()
	down := errors.New("server is down")
	for name, c := range map[string]struct {
		fail   error
		life   time.Duration
		after  time.Duration // when the second Deliver comes
		report []string
		tries  int
	}{
		"when the address is refused":     {&mail.PermanentError{Err: down}, time.Hour, time.Minute, []string{"was refused: server is down"}, 1},
		"when the refusal is wrapped":     {fmt.Errorf("x: %w", &mail.PermanentError{Err: down}), time.Hour, time.Minute, []string{"was refused: x: server is down"}, 1},
		"when the code has expired":       {down, time.Minute, time.Minute, []string{"attempt 1", "not be sent in time"}, 1},
		"when a notice is three days old": {down, 0, 3 * 24 * time.Hour, []string{"attempt 1", "not be sent in time"}, 1},
		"but not before":                  {down, 0, 3*24*time.Hour - time.Microsecond, []string{"attempt 1", "attempt 2"}, 2},
	} {
		p := setup(t)
		tries := 0
		p.box.FailWith(func(mail.Message) error { tries++; return c.fail })
		l := code("ada@example.org")
		l.Life = c.life
		p.add(l)
		p.sends(0)
		p.now = p.now.Add(c.after)
		p.sends(0)
		if left := len(p.waiting()); tries != c.tries || left != c.tries-1 {
			t.Errorf("%s: %d attempts, want %d; %d letters left", name, tries, c.tries, left)
		}
		p.reported(c.report...)
	}
}

// A replica that begins an attempt may not come back. Another one takes the letter over, but
// not while the attempt may still be going on.
func TestLostAttemptIsTakenOver(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.add(code("ada@example.org"))
	claimed, err := p.st.ClaimMail(t.Context(), p.now, p.now.Add(2*time.Minute), 1) // as Deliver does
	if err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	p.now = p.now.Add(2*time.Minute - time.Microsecond)
	p.sends(0)
	p.now = p.now.Add(time.Microsecond)
	p.sends(1)
}

// However many replicas deliver at the same time, each letter is sent by one of them.
func TestEachLetterHasOneSender(t *testing.T) {
	t.Parallel()
	p := setup(t)
	const letters, replicas = 40, 16
	for i := range letters {
		p.add(code(fmt.Sprintf("u%d@example.org", i)))
	}
	var sent atomic.Int64
	var all sync.WaitGroup
	for range replicas {
		o := p.replica()
		all.Go(func() {
			n, err := o.Deliver(t.Context())
			if err != nil {
				t.Error(err)
			}
			sent.Add(int64(n))
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, m := range p.box.All() {
		if seen[m.To] {
			t.Errorf("%s got two letters", m.To)
		}
		seen[m.To] = true
	}
	if len(seen) != letters || sent.Load() != letters {
		t.Errorf("%d people got letters and %d were sent, want %d", len(seen), sent.Load(), letters)
	}
}

func TestDecoysAreNeverSent(t *testing.T) {
	t.Parallel()
	p := setup(t)
	decoy := code("ada@example.org")
	decoy.Decoy = true
	p.add(decoy)
	if list := p.waiting(); len(list) != 1 {
		t.Fatalf("%d letters wait, want the decoy", len(list))
	}
	p.sends(0)
	if list := p.waiting(); len(list) != 0 || len(p.box.All()) != 0 {
		t.Errorf("%d letters wait, %d were sent", len(list), len(p.box.All()))
	}
	p.reported()
}

func TestLetterThatCannotBeOpenedIsDropped(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.add(code("ada@example.org"))
	p.cfg.Key = []byte(strings.Repeat("x", 32))
	p.Outbox = p.replica()
	p.add(code("bob@example.org"))
	p.sends(1)
	p.reported("was dropped")
	if list := p.waiting(); len(list) != 0 {
		t.Errorf("%d letters wait", len(list))
	}
}

// A mailer that panics does not end the sender, and what is reported does not name the address.
func TestPanicOfTheMailerIsAnError(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.box.FailWith(func(m mail.Message) error { panic("no route to " + m.To + "\nfor now") })
	p.add(code("ada@example.org"))
	p.sends(0)
	p.reported("mailer panicked: no route to … for now")
	if list := p.waiting(); len(list) != 1 {
		t.Errorf("%d letters wait, want 1", len(list))
	}
}

// A host that stops in the middle of an attempt still stores what came of it.
func TestOutcomeIsStoredWhenTheHostStops(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]int{"sent": 0, "failed": 1} {
		p := setup(t)
		ctx, stop := context.WithCancel(t.Context())
		p.box.FailWith(func(mail.Message) error {
			stop()
			if name == "failed" {
				return errors.New("connection closed")
			}
			return nil
		})
		p.add(code("ada@example.org"))
		_, _ = p.Deliver(ctx)
		list := p.waiting()
		if len(list) != left {
			t.Errorf("%s: %d letters left, want %d", name, len(list), left)
		}
		p.reported() // that the host stops is no fault of the letter
	}
}

func TestWhatIsNotPosted(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.add(code(""))
	if err := p.Post(t.Context(), p.st, mail.Letter{Kind: "magic", To: "ada@example.org"}); err == nil {
		t.Error("a letter of an unknown kind is posted")
	}
	p.cfg.Mailer = nil
	silent := p.replica()
	if err := silent.Post(t.Context(), p.st, code("ada@example.org")); err != nil {
		t.Error(err)
	}
	if list := p.waiting(); len(list) != 0 {
		t.Errorf("%d letters wait, want none", len(list))
	}
	if n, err := silent.Deliver(t.Context()); n != 0 || err != nil {
		t.Errorf("without a mailer %d letters are sent, %v", n, err)
	}
	silent.Run(t.Context()) // returns at once
}

func TestNewOutboxReportsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := mail.NewOutbox(nil, mail.Config{Templates: map[mail.Kind]mail.Template{
		"magic": {Subject: "x", Text: "x", HTML: "x"}, mail.SignIn: {Subject: "x"},
		mail.Invitation: {Subject: "{{.Nobody}}", Text: "x", HTML: "x"},
	}})
	for _, want := range []string{`"magic"`, "sign_in", "invitation", "clock"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}

// Run sends at once when it is woken, finds by itself what others have posted, and ends with its
// context.
func TestRunSends(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := setup(t, func(c *mail.Config) { c.Now = time.Now })
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { p.Run(ctx); close(ended) }()
		synctest.Wait()

		begin := time.Now()
		p.add(code("ada@example.org"))
		p.Wake()
		synctest.Wait()
		if _, ok := p.box.Last("ada@example.org"); !ok || !time.Now().Equal(begin) {
			t.Error("a letter waits although Run was woken")
		}
		p.add(code("bob@example.org"))
		synctest.Wait()
		if _, ok := p.box.Last("bob@example.org"); ok {
			t.Error("a letter was sent before anybody looked")
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if _, ok := p.box.Last("bob@example.org"); !ok {
			t.Error("Run does not find a letter that another replica posted")
		}
		stop()
		<-ended
	})
}
