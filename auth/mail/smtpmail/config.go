package smtpmail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
)

// Security says how the connection is encrypted.
type Security int

// These are the values of Security.
const (
	StartTLS      Security = iota // upgraded before anything else; a server that can't is not used
	ImplicitTLS                   // encrypted from the first byte (RFC 8314)
	AllowStartTLS                 // upgraded if the server can, which an attacker on the way can prevent
	AllowNone                     // never encrypted
)

// Config says which server takes the mail.
type Config struct {
	Host     string // name or address; required
	Port     int    // 0 means 587, or 465 with ImplicitTLS
	Username string // empty means no sign-in
	Password string
	Security Security
	Hello    string      // name to greet the server with; empty means the name of the machine
	TLS      *tls.Config // nil means the system's authorities and the name in Host
}

// Open makes a Mailer from a URL: smtp://user:password@host:port, or smtps:// for TLS from the
// first byte. The parameter tls=opportunistic or tls=none replaces the required STARTTLS, and
// hello=NAME sets the name to greet with. On the loopback, STARTTLS is optional by default.
// Open does not connect, and its errors do not repeat the URL.
func Open(rawURL string) (*Mailer, error) {
	u, err := url.Parse(rawURL)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" ||
		(u.Path != "" && u.Path != "/") || u.Fragment != "" {
		return nil, errors.New("smtpmail: not a URL of the form smtp://user:password@host:port")
	}
	cfg := Config{Host: u.Hostname(), Username: u.User.Username()}
	cfg.Password, _ = u.User.Password()
	if p := u.Port(); p != "" {
		if cfg.Port, err = strconv.Atoi(p); err != nil {
			return nil, errors.New("smtpmail: the port is not a number")
		}
	}
	if u.Scheme == "smtps" {
		cfg.Security = ImplicitTLS
	} else if isLoopback(cfg.Host) {
		cfg.Security = AllowStartTLS
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("smtpmail: the parameters of the URL are not valid")
	}
	for name, values := range q {
		switch value := values[0]; {
		case name == "hello":
			cfg.Hello = value
		case name == "tls" && value == "required" && u.Scheme == "smtp":
			cfg.Security = StartTLS
		case name == "tls" && value == "opportunistic" && u.Scheme == "smtp":
			cfg.Security = AllowStartTLS
		case name == "tls" && value == "none" && u.Scheme == "smtp":
			cfg.Security = AllowNone
		default:
			return nil, fmt.Errorf("smtpmail: the URL has a bad parameter %q", name)
		}
	}
	return New(cfg)
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// New makes a Mailer, or returns an error that joins every problem in cfg. It does not connect.
func New(cfg Config) (*Mailer, error) {
	var errs []error
	if cfg.Host == "" {
		errs = append(errs, errors.New("host is empty"))
	}
	if cfg.Port < 0 || cfg.Port > 65535 {
		errs = append(errs, errors.New("port is not 1 to 65535"))
	}
	if cfg.Security < StartTLS || cfg.Security > AllowNone {
		errs = append(errs, errors.New("unknown security"))
	}
	if (cfg.Username == "") != (cfg.Password == "") {
		errs = append(errs, errors.New("give both username and password, or neither"))
	}
	if cfg.Username != "" && cfg.Security >= AllowStartTLS && !isLoopback(cfg.Host) {
		errs = append(errs, errors.New("a password takes an encrypted connection"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("smtpmail: %w", err)
	}
	if cfg.Port == 0 {
		cfg.Port = 587
		if cfg.Security == ImplicitTLS {
			cfg.Port = 465
		}
	}
	if cfg.TLS == nil {
		cfg.TLS = &tls.Config{}
	}
	cfg.TLS = cfg.TLS.Clone()
	if cfg.TLS.ServerName == "" {
		cfg.TLS.ServerName = cfg.Host
	}
	cfg.TLS.MinVersion = max(cfg.TLS.MinVersion, tls.VersionTLS12)
	return &Mailer{cfg: cfg, addr: net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port))}, nil
}
