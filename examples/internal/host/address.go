package host

import (
	"fmt"
	"net"
	"net/netip"
)

// BaseURL is what a flag says, or the loopback: it names the issuer of tokens. loopback tells
// whether only this machine can reach the address.
func BaseURL(flag string, addr net.Addr) (base string, loopback bool) {
	ap, err := netip.ParseAddrPort(addr.String())
	loopback = err == nil && ap.Addr().IsLoopback()
	switch {
	case flag != "":
		return flag, loopback
	case loopback:
		return "http://" + ap.String(), true
	default:
		return fmt.Sprintf("http://localhost:%d", ap.Port()), false
	}
}
