package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/httpadapter"
)

const prefix = "/auth"

// newHandler serves the library's API under /auth and the route of this program. Development
// mode adds to it.
func newHandler(s *site, proxies []netip.Prefix, log *slog.Logger) (http.Handler, error) {
	hp, err := httpadapter.New(
		s.accounts, httpadapter.Rooms{}, httpadapter.Config{Prefix: prefix, TrustedProxies: proxies, Logger: log},
	)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", hp) // answers for unknown paths too
	mux.Handle("/.well-known/", hp.WellKnown())
	mux.HandleFunc("GET /identity", func(w http.ResponseWriter, r *http.Request) {
		if p, ok := hp.Authenticate(w, r); ok {
			identity(w, p)
		}
	})
	return host.CleanPaths(mux, hp), nil
}

// identityJSON is the caller's identity on this network. Programs should store the id, because
// the address can change.
type identityJSON struct {
	ID    auth.UserID `json:"id"`
	Email string      `json:"email"`
}

// identity answers with the address of the caller. Only a verified address is an identity: an
// address that a manager typed in is not. Any valid credential is enough.
func identity(w http.ResponseWriter, p *auth.Principal) {
	if !p.User.EmailVerified {
		problem(w, http.StatusForbidden, "email_unverified",
			"The address of this account is not proven: sign in with a code that is mailed to it.")
		return
	}
	host.WriteJSON(w, http.StatusOK, identityJSON{p.User.ID, canonical(p.User.Email)})
}

// problem answers in the form of the library (RFC 9457).
func problem(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // fails only when the client is gone
		"type": "about:blank", "title": http.StatusText(status), "status": status, "code": code, "detail": detail,
	})
}
