package main

import (
	"log/slog"
	"net/http"

	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// service is everything that is served.
type service struct {
	*site
	hp  *httpadapter.Handler
	mux *http.ServeMux
}

// route is a call of the site.
type route struct {
	pattern string
	access  access
	status  int
	handle  func(c *call) (any, error)
}

// access says whose credential a route looks at.
type access int

const (
	public   access = iota // nobody's: a token that has ended is in nobody's way
	optional               // who has one acts with it
	users                  // it takes one
)

func routes() []route {
	return []route{
		{"GET /metadata", public, http.StatusOK, readMetadata},
		{"POST /login", public, http.StatusOK, login},
		{"POST /register", optional, http.StatusCreated, register},
		{"POST /forgot_password", public, http.StatusAccepted, forgotPassword},
		{"POST /reset_password", public, http.StatusNoContent, resetPassword},
		{"GET /users", users, http.StatusOK, listUsers},
		{"GET /users/{id}", users, http.StatusOK, readUser},
		{"PATCH /users/{id}", users, http.StatusOK, updateUser},
		{"DELETE /users/{id}", users, http.StatusNoContent, deleteUser},
		{"POST /users/{id}/password-reset", users, http.StatusAccepted, mailReset},
		{"GET /settings", users, http.StatusOK, readSettings},
		{"PATCH /settings", users, http.StatusOK, updateSettings},
	}
}

// own are the paths of the library's API that are mounted: what people do for themselves, and
// what admins read and set.
var own = []string{
	"/auth/policy", "/auth/whoami", "/auth/link", "/auth/token", "/auth/token/revoke", "/auth/sessions",
	"/auth/sessions/current", "/auth/sessions/current/reauth",
	"/auth/email-codes", "/auth/email-codes/{flow}/resend", "/auth/email-verifications", "/auth/password-resets",
	"/auth/invitations/preview", "/auth/invitations/accept",
	"/auth/users/me/password", "/auth/users/me/sessions", "/auth/users/me/sessions/{session}", "/auth/users/me/logins",
	"/auth/users/me/tokens",
	"/auth/users/me/tokens/{token}", "/auth/users/me/export", "/auth/settings", "/auth/audit",
}

func newService(s *site, log *slog.Logger) (*service, error) {
	svc := &service{site: s, mux: http.NewServeMux()}
	var err error
	if svc.hp, err = httpadapter.New(
		s.accounts, httpadapter.Rooms{}, httpadapter.Config{Prefix: "/auth", HideDocs: true, Logger: log},
	); err != nil {
		return nil, err
	}
	for _, rt := range routes() {
		h := svc.on(rt.status, rt.handle)
		switch rt.access {
		case optional:
			h = svc.hp.Optional(h)
		case users:
			h = svc.hp.RequireUser(h)
		}
		svc.mux.Handle(rt.pattern, h)
	}
	for _, path := range own {
		svc.mux.Handle(path, svc.hp)
	}
	svc.mux.Handle("/.well-known/", svc.hp.WellKnown())
	svc.mux.HandleFunc("/", svc.fallback)
	return svc, nil
}

// ServeHTTP implements http.Handler. A path that is not clean is unknown; the mux would
// redirect.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !host.IsClean(r.URL.Path) {
		s.fail(w, r, errNoRoute)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// fallback answers for paths and methods that no route has.
func (s *service) fallback(w http.ResponseWriter, r *http.Request) {
	if len(host.Allowed(s.mux, r)) == 0 {
		s.fail(w, r, errNoRoute)
		return
	}
	s.fail(w, r, errMethod)
}
