package httpadapter

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// originError says where a request came from, and where it may come from.
type originError struct{ seen, want string }

func (e *originError) Error() string {
	return fmt.Sprintf("request from origin %s, expected %s", e.seen, e.want)
}

// checkOrigin refuses unsafe requests from other sites (http.CrossOriginProtection). A request
// that does not say where it comes from passes, unless it has a cookie and StrictOrigin is on.
func (h *Handler) checkOrigin(r *http.Request, cookie bool) error {
	seen := r.Header.Get("Origin")
	unknown := seen == "" && r.Header.Get("Sec-Fetch-Site") == ""
	strict := cookie && h.cfg.StrictOrigin && unknown && !safe(r.Method)
	if h.origins.Check(r) == nil && !strict {
		return nil
	}
	if seen == "" {
		seen = "unknown"
	}
	want := append([]string{clip(r.Host)}, h.cfg.TrustedOrigins...)
	return &originError{seen: clip(seen), want: strings.Join(want, ", ")}
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// cors lets pages of trusted origins read answers, with credentials, and answers their
// preflights. For all others CORS stays closed. It reports whether it has answered the request.
func (h *Handler) cors(w http.ResponseWriter, r *http.Request) bool {
	if len(h.cfg.TrustedOrigins) == 0 {
		return false
	}
	header := w.Header()
	header.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if !slices.Contains(h.cfg.TrustedOrigins, origin) {
		return false
	}
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	header.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
	header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	header.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
