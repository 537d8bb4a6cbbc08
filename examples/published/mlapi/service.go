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
	hp    *httpadapter.Handler
	model model
	mux   *http.ServeMux
}

func newService(s *site, log *slog.Logger) (*service, error) {
	svc := &service{site: s, mux: http.NewServeMux()}
	var err error
	if svc.model, err = loadModel(); err != nil {
		return nil, err
	}
	if svc.hp, err = httpadapter.New(s.accounts, httpadapter.Rooms{}, httpadapter.Config{Prefix: "/auth", Logger: log}); err != nil {
		return nil, err
	}
	list := routes()
	for _, rt := range list {
		svc.mux.HandleFunc(rt.method+" "+rt.path, func(w http.ResponseWriter, r *http.Request) { svc.serve(w, r, rt) })
	}
	if err := serveDocs(svc.mux, list); err != nil {
		return nil, err
	}
	svc.mux.Handle("/auth/", svc.hp)
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

// serve takes one request of the route. Who may be nobody is still refused with a credential
// that is none.
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
	if err != nil {
		s.fail(w, r, err)
		return
	}
	host.WriteJSON(w, rt.status, out)
}

// fallback answers for paths and methods that no route has.
func (s *service) fallback(w http.ResponseWriter, r *http.Request) {
	if len(host.Allowed(s.mux, r)) == 0 {
		s.fail(w, r, errNoRoute)
		return
	}
	s.fail(w, r, errMethod)
}
