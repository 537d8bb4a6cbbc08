package httpadapter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// mailWorld is a world whose mail goes to box.
type mailWorld struct {
	*world
	box   *mail.Memory
	clock *authtest.Clock
}

func setupMail(t *testing.T, edit ...func(*auth.Config, *httpadapter.Config)) *mailWorld {
	t.Helper()
	w := &mailWorld{box: mail.NewMemory(), clock: authtest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	w.world = setup(t, append([]func(*auth.Config, *httpadapter.Config){func(c *auth.Config, _ *httpadapter.Config) {
		c.Mailer, c.Now = w.box, w.clock.Now
	}}, edit...)...)
	return w
}

// member makes a user with an address.
func (w *mailWorld) member(email string, roles ...string) auth.User {
	w.t.Helper()
	name, _, _ := strings.Cut(email, "@")
	in := auth.UserInput{Username: strings.ToLower(name), Email: email, Password: pass}
	if len(roles) > 0 {
		in.Roles = append(roles, "user")
	}
	u, err := w.accounts.CreateUser(w.t.Context(), w.accounts.Operator("test"), in, auth.Client{})
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

func (w *mailWorld) letter(to string) authtest.Letter {
	w.t.Helper()
	return authtest.Mailed(w.t, w.accounts, w.box, to)
}

// proof is the body of a typed code, without its braces.
func proof(t *testing.T, flow answer, code string) string {
	t.Helper()
	return `"flow_id":"` + flow.get(t, "flow_id").(string) + `","flow_secret":"` + flow.get(t, "flow_secret").(string) +
		`","code":"` + code + `"`
}

// begin begins a flow over HTTP.
func (w *mailWorld) begin(email, purpose string, edit ...with) answer {
	w.t.Helper()
	if _, err := w.accounts.Outbox.Deliver(w.t.Context()); err != nil { // what waits comes first, whatever its id
		w.t.Fatal(err)
	}
	a := w.do("POST", "/auth/email-codes", `{"email":"`+email+`","purpose":"`+purpose+`"}`, edit...)
	w.want(a, 202, "")
	return a
}
