package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"

	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// service is everything that is served.
type service struct {
	*site
	hp     *httpadapter.Handler
	routes []route
	mux    *http.ServeMux
}

func newService(s *site, proxies []netip.Prefix, log *slog.Logger) (*service, error) {
	svc := &service{site: s, routes: routes(), mux: http.NewServeMux()}
	var err error
	if svc.hp, err = httpadapter.New(
		s.accounts, httpadapter.Rooms{}, httpadapter.Config{Prefix: "/auth", TrustedProxies: proxies, Logger: log},
	); err != nil {
		return nil, err
	}
	docs, err := newDocs(svc.routes)
	if err != nil {
		return nil, fmt.Errorf("render documents: %w", err)
	}
	swagger, err := host.SwaggerUI("UserAuth", "/openapi.json")
	if err != nil {
		return nil, err
	}
	for _, rt := range svc.routes {
		for _, p := range rt.paths {
			svc.mux.HandleFunc(rt.method+" "+p, func(w http.ResponseWriter, r *http.Request) { svc.serve(w, r, rt) })
		}
	}
	svc.mux.Handle("GET /docs", swagger)
	svc.mux.Handle("GET /docs/", swagger)
	svc.mux.Handle("GET /openapi.json", docs.openapi)
	svc.mux.Handle("GET /redoc", docs.reference)
	svc.mux.Handle("GET /redocs", docs.reference)
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

// serve takes one request of the route.
func (s *service) serve(w http.ResponseWriter, r *http.Request, rt route) {
	c := &call{service: s, w: w, r: r}
	var err error
	if !rt.public {
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
