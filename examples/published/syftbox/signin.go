package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// How often a user may be wrong before the command gives up. The server allows no more tries
// for a flow.
const (
	maxAddresses = 5
	maxFlows     = 3
	maxAnswers   = 20 // for all codes of a flow, including those that are not sent
	maxWrong     = 5
)

var (
	errNoAddress = errors.New("give an address such as ada@example.org")
	errOver      = errors.New("the code has expired")
	errWrong     = errors.New("that code is wrong, or has expired")
	mailedLink   = regexp.MustCompile(`hp_flo_[0-9A-Za-z]{49}`)
)

// signIn asks for the address, has a code mailed to it, asks for the code and stores the
// tokens.
func (w *client) signIn() error {
	if !w.Dev && !somebody(w.in) {
		return errNobody // before a mail is sent
	}
	for range maxFlows {
		f, err := w.begin()
		if err != nil {
			return err
		}
		t, err := w.prove(f)
		if errors.Is(err, errOver) {
			w.say("The code has expired. Another one is mailed.")
			continue
		}
		if err != nil {
			return err
		}
		return w.keep(t)
	}
	return errOver
}

// begin asks for an address until the server accepts one, and begins a flow.
func (w *client) begin() (flow, error) {
	for range maxAddresses {
		asked := w.account.Email == ""
		if asked {
			line, err := w.terminal.ask(w.ctx, "Your email address: ")
			if err != nil {
				return flow{}, err
			}
			w.account.Email = canonical(line)
		}
		f, err := w.beginFor(w.account.Email)
		if !errors.Is(err, errNoAddress) || !asked || w.Quiet {
			return f, err
		}
		w.say("That is no address. Give one such as ada@example.org.")
		w.account.Email = ""
	}
	return flow{}, errNoAddress
}

func (w *client) beginFor(email string) (flow, error) {
	if !hasDottedDomain(email) {
		return flow{}, errNoAddress
	}
	f, err := w.server.begin(w.ctx, email)
	var r *refusal
	if errors.As(err, &r) && r.status == http.StatusUnprocessableEntity {
		err = errNoAddress
	}
	return f, err
}

// prove gets the tokens for a flow, with the code from a server in development mode or the one
// that the user types.
func (w *client) prove(f flow) (tokens, error) {
	if w.Dev {
		if f.DevCode == "" {
			return tokens{}, fmt.Errorf("%s is not in development mode: leave --dev out", w.server.base)
		}
		return w.server.byCode(w.ctx, f, f.DevCode)
	}
	w.say("A mail with a code is on its way to %s; look into the spam folder, too.", w.account.Email)
	p := &proving{client: w, flow: f}
	p.begun(f)
	wrong := 0
	for range maxAnswers {
		t, err := p.answer()
		switch {
		case errors.Is(err, errAsk):
			continue
		case !errors.Is(err, errWrong):
			return t, err
		}
		if wrong++; w.Quiet || wrong == maxWrong {
			return t, err
		}
		w.say("That code is wrong. The newest mail has the one that counts.")
	}
	return tokens{}, errors.New("no code was given")
}

// proving is a flow that waits for its code.
type proving struct {
	*client
	flow          flow
	ends, another time.Time // when the code expires, and when another mail can be sent
}

// errAsk means that nothing was sent and the user is asked again.
var errAsk = errors.New("ask again")

// begun stores the times from an answer.
func (p *proving) begun(f flow) {
	p.ends = p.now().Add(time.Duration(f.ExpiresIn) * time.Second)
	p.another = p.now().Add(time.Duration(f.ResendAfter) * time.Second)
}

// answer asks for the code once. Input that can't be a code is not sent, because it would cost
// a try.
func (p *proving) answer() (tokens, error) {
	line, err := p.terminal.ask(p.ctx, "Code from the mail (empty for another mail): ")
	if err != nil {
		return tokens{}, err
	}
	if link := mailedLink.FindString(line); link != "" {
		return p.checked(p.server.byLink(p.ctx, link))
	}
	if !p.now().Before(p.ends) {
		return tokens{}, errOver
	}
	if line == "" {
		return tokens{}, p.resend()
	}
	code := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(line))
	form := p.flow.Code
	if len(code) != form.Length || strings.Trim(code, form.Alphabet) != "" {
		p.say("A code has %d characters of %s.", form.Length, printable(form.Alphabet))
		if p.Quiet {
			return tokens{}, errWrong
		}
		return tokens{}, errAsk
	}
	return p.checked(p.server.byCode(p.ctx, p.flow, code))
}

// checked tells a wrong code from other errors.
func (p *proving) checked(t tokens, err error) (tokens, error) {
	switch {
	case refused(err, "account_disabled"):
		err = errors.New("this account is disabled")
	case refused(err, "approval_pending"):
		err = errors.New("this account waits for approval")
	case refused(err, "invalid_grant"):
		err = errWrong
	}
	return t, err
}

// resend asks for another mail. The server limits how often.
func (p *proving) resend() error {
	if wait := p.another.Sub(p.now()); wait > 0 {
		p.say("Another mail can be asked for in %d seconds.", int(wait/time.Second)+1)
		return errAsk
	}
	f, err := p.server.resend(p.ctx, p.flow)
	if isUnauthorized(err) {
		return errOver
	}
	if err != nil {
		return err
	}
	p.begun(f)
	p.say("If there was none yet, another mail is on its way.")
	return errAsk
}

// keep checks that the tokens are for the right address, and stores them.
func (w *client) keep(t tokens) error {
	email, err := w.server.whoami(w.ctx, t.Access)
	if err == nil && email != w.account.Email {
		err = fmt.Errorf("the server gives tokens of %s in place of %s", printable(email), w.account.Email)
	}
	if err == nil {
		w.account.Access, w.account.Refresh = t.Access, t.Refresh
		err = w.store.save(w.account)
	}
	if err != nil {
		// tokens that can't be stored are revoked
		return errors.Join(err, w.server.revoke(context.WithoutCancel(w.ctx), t.Refresh))
	}
	w.say("Signed in: %v. Your tokens are in %s; keep it to yourself.", w.account, w.store.path)
	return nil
}
