package httpadapter

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientIP returns the address of the person. That is the peer, unless the peer is a trusted
// proxy; then it is the right-most address in X-Forwarded-For that is not one. The client could
// have made up everything to the left of that.
func (h *Handler) clientIP(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	ip := peer.Addr().Unmap()
	if !h.trusts(ip) {
		return ip
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := parseHop(strings.TrimSpace(hops[i]))
		if !ok {
			return ip // the last one that a trusted proxy named
		}
		if ip = hop; !h.trusts(ip) {
			return ip
		}
	}
	return ip
}

// parseHop reads an address as proxies write it, also with a port or in brackets.
func parseHop(s string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap(), true
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return ip.Unmap(), err == nil
}

func (h *Handler) trusts(ip netip.Addr) bool {
	for _, p := range h.cfg.TrustedProxies {
		if p.Contains(ip.WithZone("")) {
			return true
		}
	}
	return false
}
