package smtpmail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/hallpass-go/hallpass/auth/mail"
)

// dialTimeout limits the connection and the greeting. The context of Send limits
// everything.
const dialTimeout = 15 * time.Second

// Mailer sends mail to one server. It is immutable and safe for concurrent use.
type Mailer struct {
	cfg  Config
	addr string
}

var _ mail.Mailer = (*Mailer)(nil)

// Send hands one mail to the server. Once the server has accepted it, Send succeeds, whatever
// then happens to the connection. Its error says the step and the server's code. It is a
// mail.PermanentError if the mail can't be composed, or if the server refuses it for good at
// the recipient or the data (codes 550 to 559 except 552, RFC 5321 section 4.2.1).
func (m *Mailer) Send(ctx context.Context, in mail.Message) error {
	text, err := in.Encode()
	if err != nil {
		return &mail.PermanentError{Err: err}
	}
	var wire wire
	client, err := gomail.NewClient(m.cfg.Host, m.options(&wire)...)
	if err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	stop := context.AfterFunc(ctx, wire.close) // whatever go-mail waits for
	defer stop()
	defer wire.close()
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return refusal(ctx, "connect", err)
	}
	// The message is sent as it was composed, because go-mail's own composer encodes what it
	// declares as plain, and breaks links.
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"sender", func() error { return session.Mail("<" + in.From + ">") }},
		{"recipient", func() error { return session.Rcpt("<" + in.To + ">") }},
		{"data", func() error { return data(session, text) }},
	} {
		if err := step.do(); err != nil {
			return refusal(ctx, step.name, err)
		}
	}
	_ = session.Quit() // the server already has the mail
	return nil
}

func data(session *smtp.Client, text []byte) error {
	w, err := session.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	return w.Close()
}

// wire is the connection of one mail. Once closed, it stays closed.
type wire struct {
	mu     sync.Mutex
	conn   net.Conn
	closed bool
}

func (w *wire) open(c net.Conn) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errors.Join(net.ErrClosed, c.Close())
	}
	w.conn = c
	return nil
}

func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn != nil && !w.closed {
		_ = w.conn.Close()
	}
	w.closed = true
}

// options returns the options for a client that works on w.
func (m *Mailer) options(w *wire) []gomail.Option {
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		if m.cfg.Security == ImplicitTLS {
			secure := tls.Client(c, m.cfg.TLS)
			if err := secure.HandshakeContext(ctx); err != nil {
				return nil, errors.Join(err, c.Close())
			}
			c = secure
		}
		return c, w.open(c)
	}
	policy := map[Security]gomail.TLSPolicy{
		StartTLS: gomail.TLSMandatory, ImplicitTLS: gomail.NoTLS, AllowStartTLS: gomail.TLSOpportunistic,
		AllowNone: gomail.NoTLS,
	}[m.cfg.Security]
	opts := []gomail.Option{
		gomail.WithPort(m.cfg.Port), gomail.WithTimeout(dialTimeout), gomail.WithTLSPolicy(policy),
		gomail.WithTLSConfig(m.cfg.TLS), gomail.WithDialContextFunc(dial),
		gomail.WithoutNoop(), gomail.WithoutSMTPUTF8(),
	}
	if m.cfg.Security == ImplicitTLS {
		opts = append(opts, gomail.WithSSL())
	}
	if m.cfg.Hello != "" {
		opts = append(opts, gomail.WithHELO(m.cfg.Hello))
	}
	if m.cfg.Username != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.cfg.Username),
			gomail.WithPassword(m.cfg.Password))
	}
	return opts
}

// refusal returns the error for a step, without the server's text.
func refusal(ctx context.Context, step string, err error) error {
	if end := ctx.Err(); end != nil {
		return fmt.Errorf("smtp: %s: %w", step, end)
	}
	var said *textproto.Error
	if !errors.As(err, &said) {
		return fmt.Errorf("smtp: %s: %w", step, err)
	}
	told := fmt.Errorf("smtp: %s: code %d", step, said.Code)
	ofThisMail := step == "recipient" || step == "data" // otherwise it is about us
	if said.Code >= 550 && said.Code < 560 && said.Code != 552 && ofThisMail {
		return &mail.PermanentError{Err: told}
	}
	return told
}
