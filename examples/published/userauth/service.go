package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"

	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// service serves the API.
type service struct {
	*site
	*host.Mux
	hp     *httpadapter.Handler
	routes []route
}

func newService(s *site, proxies []netip.Prefix, log *slog.Logger) (*service, error) {
	svc := &service{site: s, routes: routes()}
	svc.Mux = host.NewMux(svc.fail, host.ErrNoRoute, host.ErrNoMethod)
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
			svc.HandleFunc(rt.method+" "+p, func(w http.ResponseWriter, r *http.Request) { svc.serve(w, r, rt) })
		}
	}
	svc.Handle("GET /docs", swagger)
	svc.Handle("GET /docs/", swagger)
	svc.Handle("GET /openapi.json", docs.openapi)
	svc.Handle("GET /redoc", docs.reference)
	svc.Handle("GET /redocs", docs.reference)
	svc.Handle("/auth/", svc.hp)
	svc.Handle("/.well-known/", svc.hp.WellKnown())
	return svc, nil
}

// serve answers a request of one route.
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
	s.Answer(w, r, rt.status, out, err)
}
