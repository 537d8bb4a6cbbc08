package main

import (
	"log/slog"
	"net/http"

	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// service serves the API.
type service struct {
	*site
	*host.Mux
	hp    *httpadapter.Handler
	model model
}

func newService(s *site, log *slog.Logger) (*service, error) {
	svc := &service{site: s}
	svc.Mux = host.NewMux(svc.fail, host.ErrNoRoute, host.ErrNoMethod)
	var err error
	if svc.model, err = loadModel(); err != nil {
		return nil, err
	}
	if svc.hp, err = httpadapter.New(s.accounts, httpadapter.Rooms{}, httpadapter.Config{Prefix: "/auth", Logger: log}); err != nil {
		return nil, err
	}
	list := routes()
	for _, rt := range list {
		svc.HandleFunc(rt.method+" "+rt.path, func(w http.ResponseWriter, r *http.Request) { svc.serve(w, r, rt) })
	}
	if err := serveDocs(svc.Mux, list); err != nil {
		return nil, err
	}
	svc.Handle("/auth/", svc.hp)
	svc.Handle("/.well-known/", svc.hp.WellKnown())
	return svc, nil
}

// serve answers a request of one route. On a route with an optional credential, a credential
// that is sent still has to be valid.
func (s *service) serve(w http.ResponseWriter, r *http.Request, rt route) {
	c := &call{service: s, w: w, r: r}
	var err error
	if rt.access != public && (rt.access != optional || len(r.Header.Values("Authorization")) > 0) {
		c.p, err = s.authenticate(r)
	}
	var out any
	if err == nil {
		out, err = rt.handle(c)
	}
	s.Answer(w, r, rt.status, out, err)
}
