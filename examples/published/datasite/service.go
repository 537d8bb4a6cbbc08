package main

import (
	"log/slog"
	"net/http"

	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// service serves the site.
type service struct {
	*site
	*host.Mux
	hp *httpadapter.Handler
}

// route is one line of the route table.
type route struct {
	pattern string
	access  access
	status  int
	handle  func(c *call) (any, error)
}

// access says which credentials a route uses.
type access int

const (
	public   access = iota // none: even a request with an expired token is served
	optional               // one if the request has one
	users                  // one that is valid
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

// own lists the paths of the library's API that are mounted: what people do for themselves, and
// the settings and the audit record for admins.
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
	svc := &service{site: s}
	svc.Mux = host.NewMux(svc.fail, errNoRoute, errNoMethod)
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
		svc.Handle(rt.pattern, h)
	}
	for _, path := range own {
		svc.Handle(path, svc.hp)
	}
	svc.Handle("/.well-known/", svc.hp.WellKnown())
	return svc, nil
}
