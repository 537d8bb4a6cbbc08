package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	html "html/template"
	"net/url"
	"sync"
	text "text/template"
	"time"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
)

// A welcome is a courtesy. It goes out after the commit, is tried three times, and is lost if
// the process is killed. Mail that matters goes through the library's outbox. The person who
// registered chose nothing in the mail but its address.

var (
	welcomeText = text.Must(text.New("text").Parse(
		"Welcome to {{.Site}}.\n\nThere is an account for {{.To}} now: sign in at {{.URL}}.\n\nIf you do not know " +
			"of it, tell whoever runs the site.\n",
	))
	welcomeHTML = html.Must(html.New(
		"html",
	).Parse("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Welcome to " +
		"{{.Site}}</title></head><body>\n" +

		"<p>Welcome to {{.Site}}.</p>\n<p>There is an account for {{.To}} now: sign in at {{.URL}}.</p>\n<p>If " +
		"you do not know of it, tell whoever runs the site.</p>\n</body></html>\n"))
)

// userCreated sends a welcome after the account was made.
func (s *site) userCreated(_ context.Context, tx auth.Tx, u auth.User) error {
	if s.welcomes != nil && !isRoot(u) {
		tx.AfterCommit(func(context.Context) { s.welcomes.add(u.Email) })
	}
	return nil
}

// greeter sends welcomes. It is safe for concurrent use.
type greeter struct {
	site   *site
	mailer mail.Mailer
	from   string
	url    string
	now    func() time.Time
	report func(error)
	pauses []time.Duration // after each failed attempt
	queue  chan string
	once   sync.Once
	done   chan struct{}
}

func newGreeter(s *site, cfg auth.Config) *greeter {
	g := &greeter{
		site: s, mailer: cfg.Mailer, from: cfg.MailFrom, url: cfg.BaseURL, now: clockOf(cfg),
		report: cfg.Report, pauses: []time.Duration{time.Second, 10 * time.Second, 0},
		queue: make(chan string, 1000), done: make(chan struct{}),
	}
	if u, err := url.Parse(cfg.BaseURL); err == nil {
		g.from = cmp.Or(g.from, "no-reply@"+u.Hostname())
	}
	if g.report == nil {
		g.report = func(error) {}
	}
	return g
}

// add queues a welcome. If too many wait already, it is dropped.
func (g *greeter) add(to string) {
	select {
	case g.queue <- to:
	default:
		g.report(errors.New("a welcome was dropped: too many are waiting"))
	}
}

// close ends run after each queued welcome was tried. It does nothing on a nil greeter.
func (g *greeter) close() {
	if g != nil {
		g.once.Do(func() { close(g.done) })
	}
}

// run sends queued welcomes until close. After ctx ended, each is tried only once.
func (g *greeter) run(ctx context.Context) {
	if g == nil {
		return
	}
	for {
		select {
		case to := <-g.queue:
			g.send(ctx, to)
		case <-g.done:
			for len(g.queue) > 0 {
				g.send(ctx, <-g.queue)
			}
			return
		}
	}
}

// send tries three times. Its errors do not contain the address.
func (g *greeter) send(ctx context.Context, to string) {
	for _, pause := range g.pauses {
		err := g.attempt(context.WithoutCancel(ctx), to)
		if err == nil {
			return
		}
		g.report(fmt.Errorf("welcome: %w", err))
		var permanent *mail.PermanentError
		if errors.As(err, &permanent) || ctx.Err() != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

func (g *greeter) attempt(ctx context.Context, to string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	policy, err := g.site.accounts.Policy(ctx)
	if err != nil {
		return err
	}
	data := map[string]string{"Site": policy.SiteName, "To": to, "URL": g.url}
	var body, page bytes.Buffer
	if err := errors.Join(welcomeText.Execute(&body, data), welcomeHTML.Execute(&page, data)); err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return g.mailer.Send(ctx, mail.Message{
		ID: id.String(), From: g.from, To: to, Subject: "Welcome to " + policy.SiteName,
		Text: body.String(), HTML: page.String(), At: g.now(),
	})
}
