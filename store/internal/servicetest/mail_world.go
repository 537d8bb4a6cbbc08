package servicetest

import (
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// mailWorld is a world whose service sends mail to box.
type mailWorld struct {
	*world
	box *mail.Memory
}

func setupMail(t *testing.T, open Open, edit ...func(*auth.Config)) *mailWorld {
	t.Helper()
	box := mail.NewMemory()
	w := setup(t, open, append([]func(*auth.Config){func(c *auth.Config) { c.Mailer = box }}, edit...)...)
	return &mailWorld{w, box}
}

// passwordless lets accounts have just an address, and makes mail as frequent as tests need it.
func passwordless(c *auth.Config) {
	c.Identifiers = policy.Identifiers{Username: policy.Optional, Email: policy.Required}
	c.Limits.Mail, c.Limits.MailLong = limit.Limit{
		Burst: 1000, Interval: time.Second,
	}, limit.Limit{Burst: 1000, Interval: time.Second}
}

// member makes a user with an address and the password pass.
func (w *mailWorld) member(email string, roles ...string) auth.User {
	w.t.Helper()
	name, _, _ := strings.Cut(email, "@")
	in := auth.UserInput{Username: name, Email: email, Password: pass}
	if len(roles) > 0 {
		in.Roles = append(roles, "user")
	}
	u, err := w.CreateUser(w.ctx, w.op, in, auth.Client{})
	w.must(err)
	return u
}

// begun is a flow with what was mailed for it.
type begun struct {
	auth.StartedFlow
	authtest.Letter
}

// typed is the proof by the code, mailed the one by the link.
func (b begun) typed() auth.CodeProof {
	return auth.CodeProof{Flow: b.StartedFlow.ID, Secret: b.Secret.Reveal(), Code: b.Code}
}
func (b begun) mailed() auth.CodeProof { return auth.CodeProof{Token: b.Token} }

// wrong is a proof by a code that is none.
func (b begun) wrong() auth.CodeProof {
	p := b.typed()
	p.Code = "BBBB-BBBB"
	if b.Code == p.Code {
		p.Code = "CCCC-CCCC"
	}
	return p
}

// letter is the newest mail to an address.
func (w *mailWorld) letter(to string) authtest.Letter {
	w.t.Helper()
	return authtest.Mailed(w.t, w.Service, w.box, to)
}

// begin begins a flow and reads its mail.
func (w *mailWorld) begin(email string, p auth.Purpose) begun {
	w.t.Helper()
	_, err := w.Outbox.Deliver(w.ctx) // what waits comes first, whatever its id
	w.must(err)
	f, err := w.BeginEmailCode(w.ctx, auth.EmailCodeRequest{Email: email, Purpose: p, Client: home})
	w.must(err)
	return begun{f, w.letter(email)}
}

// silently begins a flow for which nothing may be mailed.
func (w *mailWorld) silently(email string, p auth.Purpose) auth.StartedFlow {
	w.t.Helper()
	_, err := w.Outbox.Deliver(w.ctx)
	w.must(err)
	before := len(w.box.All())
	f, err := w.BeginEmailCode(w.ctx, auth.EmailCodeRequest{Email: email, Purpose: p, Client: home})
	w.must(err)
	_, err = w.Outbox.Deliver(w.ctx)
	w.must(err)
	if n := len(w.box.All()) - before; n != 0 {
		w.t.Fatalf("%d mails for %s", n, email)
	}
	return f
}

// byCode signs in for a cookie and returns who that is.
func (w *mailWorld) byCode(p auth.CodeProof) (*auth.Principal, error) {
	in, err := w.SignInByCode(w.ctx, p, auth.SignInRequest{Client: home})
	if err != nil {
		return nil, err
	}
	return w.AuthenticateCookie(w.ctx, in.Secret.Reveal())
}

// sessionsOf counts a user's sessions.
func (w *mailWorld) sessionsOf(id auth.UserID) int {
	w.t.Helper()
	list, err := w.Sessions(w.ctx, w.op, id, auth.PageQuery{})
	w.must(err)
	return len(list.Items)
}

// stored is an account with its hash.
func (w *mailWorld) stored(id auth.UserID) auth.Account {
	w.t.Helper()
	a, err := w.st.Auth().Account(w.ctx, id)
	w.must(err)
	return a
}
