package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"path"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/httpadapter"
)

const prefix = "/auth"

// newHandler is everything that is served but for what development adds: the library's API
// under /auth, and the host's own route.
func newHandler(s *site, proxies []netip.Prefix, log *slog.Logger) (http.Handler, error) {
	hp, err := httpadapter.New(
		s.accounts, httpadapter.Rooms{}, httpadapter.Config{Prefix: prefix, TrustedProxies: proxies, Logger: log},
	)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", hp) // which knows its prefix and answers for all that is unknown
	mux.Handle("/.well-known/", hp.WellKnown())
	mux.HandleFunc("GET /identity", func(w http.ResponseWriter, r *http.Request) {
		if p, ok := hp.Authenticate(w, r); ok {
			identity(w, p)
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if clean := path.Clean(r.URL.Path); clean != r.URL.Path && clean+"/" != r.URL.Path {
			hp.ServeHTTP(w, r) // the mux would redirect
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

// identityJSON is who the caller is on this network. Programs keep the id: the address can
// change.
type identityJSON struct {
	ID    auth.UserID `json:"id"`
	Email string      `json:"email"`
}

// identity answers with the address of whoever is signed in. It is an identity only once its
// owner has shown that they read its mail, which an address that a manager wrote is not. Any
// credential says who it is, whatever else it may do.
func identity(w http.ResponseWriter, p *auth.Principal) {
	if !p.User.EmailVerified {
		problem(w, http.StatusForbidden, "email_unverified",
			"The address of this account is not proven: sign in with a code that is mailed to it.")
		return
	}
	host.WriteJSON(w, http.StatusOK, identityJSON{p.User.ID, canonical(p.User.Email)})
}

// problem answers as the library does (RFC 9457).
func problem(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // a client that is gone
		"type": "about:blank", "title": http.StatusText(status), "status": status, "code": code, "detail": detail,
	})
}
