package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Drain is how long running requests may take after a signal to stop.
const Drain = 10 * time.Second

// NewServer makes a server with limits against slow and large requests.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(
			log.Handler(), slog.LevelDebug,
		),
	}
}

// Serve serves until ctx ends, and lets running requests finish. run works in the background
// until then.
func Serve(
	ctx context.Context, ln net.Listener, h http.Handler, run func(context.Context) error, log *slog.Logger,
) error {
	srv := NewServer(h, log)
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = run(work) // ends when work is cancelled
	}()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		log.Info("draining")
		limit, cancel := context.WithTimeout(work, Drain)
		if err = srv.Shutdown(limit); errors.Is(err, context.DeadlineExceeded) {
			err = errors.Join(fmt.Errorf("some requests were cut off after %v", Drain), srv.Close())
		}
		cancel()
	}
	stop()
	<-ended
	return err
}
