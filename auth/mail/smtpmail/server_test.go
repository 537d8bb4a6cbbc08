package smtpmail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// received is a mail that the server has accepted.
type received struct {
	from, to, text string
	secure         bool
	user           string
}

// server is a real SMTP server.
type server struct {
	addr string
	cert *x509.CertPool

	mu     sync.Mutex
	list   []received
	refuse func(step string) error // nil refuses nothing
}

func (s *server) mails() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received{}, s.list...)
}

func (s *server) ask(step string) error {
	s.mu.Lock()
	refuse := s.refuse
	s.mu.Unlock()
	if refuse == nil {
		return nil
	}
	return refuse(step)
}

type kind int

const (
	plainText kind = iota
	startTLS
	implicitTLS
)

// serve starts a server for mail.test that accepts user "site" with password "secret".
func serve(t *testing.T, k kind, refuse func(step string) error) *server {
	t.Helper()
	cert, pool := selfSigned(t)
	s := &server{cert: pool, refuse: refuse}
	srv := smtp.NewServer(
		smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, c: c}, nil }),
	)
	srv.Domain, srv.ReadTimeout, srv.WriteTimeout = "mail.test", time.Minute, time.Minute
	srv.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}}
	switch k {
	case startTLS:
		srv.TLSConfig = cfg
	case implicitTLS:
		l = tls.NewListener(l, cfg)
	}
	s.addr = l.Addr().String()
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	return s
}

// session is one connection.
type session struct {
	s *server
	c *smtp.Conn
	m received
}

func (x *session) Reset()        {}
func (x *session) Logout() error { return nil }

func (x *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (x *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "site" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		x.m.user = user
		return nil
	}), nil
}

func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	x.m.from = from
	return x.s.ask("mail")
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.m.to = to
	return x.s.ask("rcpt")
}

func (x *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := x.s.ask("data"); err != nil {
		return err
	}
	_, x.m.secure = x.c.TLSConnectionState()
	x.m.text = string(text)
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.list = append(x.s.list, x.m)
	return nil
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
