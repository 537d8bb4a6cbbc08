package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// handler serves the program.
func handler(s *site, log *slog.Logger) (http.Handler, error) {
	swagger, err := host.SwaggerUI("hallpass", prefix+"/openapi.json")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", s.hp) // answers for unknown paths too
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
	return host.CleanPaths(mux, s.hp), nil
}

// ready checks that the store answers and its migrations are current.
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
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	host.WriteJSON(w, status, map[string]string{"status": text})
}
