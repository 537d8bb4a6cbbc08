package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// handler is everything that is served.
func handler(s *site, log *slog.Logger) (http.Handler, error) {
	swagger, err := host.SwaggerUI("hallpass", prefix+"/openapi.json")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", s.hp) // which knows its prefix and answers for all that is unknown
	mux.Handle("/.well-known/", s.hp.WellKnown())
	mux.Handle("GET /docs", swagger)
	mux.Handle("GET /docs/", swagger)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := ready(r.Context(), s.db); err != nil {
			log.Error("not ready", "error", err)
			answer(w, http.StatusServiceUnavailable, "unavailable")
			return
		}
		answer(w, http.StatusOK, "ready")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "" || path.Clean(r.URL.Path) != strings.TrimSuffix(r.URL.Path, "/") && r.URL.Path != "/" {
			s.hp.ServeHTTP(w, r) // the mux would redirect where the path is not clean
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

// ready tells whether the store answers and its migrations are current.
func ready(ctx context.Context, db host.Prober) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := db.Ping(ctx); err != nil {
		return err
	}
	pending, err := db.Pending(ctx)
	if err == nil && len(pending) > 0 {
		err = fmt.Errorf("%d migrations are pending: run migrate", len(pending))
	}
	return err
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"status": text}) // a client that is gone
}
