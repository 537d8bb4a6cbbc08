package host

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
)

// Listener listens where a program serves.
type Listener struct {
	net.Listener
	BaseURL  string // where people reach the program; also the issuer of its tokens
	Loopback bool   // only this machine can reach the address
	given    bool   // the base URL was given
}

// Listen listens at an address. An empty base URL becomes one on the loopback.
func Listen(addr, baseURL string) (*Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	ap, err := netip.ParseAddrPort(ln.Addr().String())
	l := &Listener{
		Listener: ln, BaseURL: baseURL, Loopback: err == nil && ap.Addr().IsLoopback(), given: baseURL != "",
	}
	switch {
	case l.given:
	case l.Loopback:
		l.BaseURL = "http://" + ap.String()
	default:
		l.BaseURL = fmt.Sprintf("http://localhost:%d", ap.Port())
	}
	return l, nil
}

// NeedBaseURL returns an error if other machines can reach the address and no base URL was
// given. The error shows an example of one.
func (l *Listener) NeedBaseURL(example string) error {
	if l.given || l.Loopback {
		return nil
	}
	return fmt.Errorf("listening on %s, which is not the loopback, takes --base-url, such as %s", l.Addr(), example)
}

// WarnInClear logs a warning if passwords cross the network without TLS.
func (l *Listener) WarnInClear(log *slog.Logger) {
	if l.Loopback || strings.HasPrefix(l.BaseURL, "https://") {
		return
	}
	log.Warn("passwords and tokens cross the network in the clear: "+
		"put a proxy with TLS in front, and name it with --base-url", "addr", l.Addr().String())
}
