package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/httpadapter"
)

const (
	prefix = "/auth"
	drain  = 10 * time.Second // how long requests may go on after a signal
)

type serveCmd struct {
	storeFlags
	Addr           string         `env:"HALLPASS_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen."`
	BaseURL        string         `name:"base-url" env:"HALLPASS_BASE_URL" placeholder:"URL" help:"Where people reach the server; derived from the address by default."`
	Signup         string         `env:"HALLPASS_SIGNUP" default:"closed" enum:"closed,invite,domains,approval,open" help:"Who may sign up, until the setting is changed: ${enum}."`
	PasswordMin    int            `name:"password-min" env:"HALLPASS_PASSWORD_MIN" default:"8" placeholder:"N" help:"Least length of passwords, until the setting is changed."`
	TrustedProxies []netip.Prefix `name:"trusted-proxies" env:"HALLPASS_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Networks of proxies whose X-Forwarded-For counts."`
	TrustedOrigins []string       `name:"trusted-origins" env:"HALLPASS_TRUSTED_ORIGINS" placeholder:"URL,…" help:"Other origins whose pages may use the API."`
	Log            string         `env:"HALLPASS_LOG" default:"text" enum:"json,text" help:"Form of the log: ${enum}."`
}

// Run serves until a signal comes.
func (c *serveCmd) Run(e *env) error {
	log := newLog(c.Log, e.errOut)
	ln, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	defer ln.Close() // a second time, after Serve: harmless
	seed := auth.Settings{Signup: auth.SignupMode(c.Signup), PasswordMin: c.PasswordMin}
	s, err := c.site(e.ctx, func(cfg *auth.Config) {
		cfg.BaseURL = c.baseURL(ln.Addr())
		cfg.Settings = seed
		cfg.PasswordRules = password.Rules{Min: c.PasswordMin}
		cfg.Report = func(err error) { log.Error("housekeeping failed", "error", err) }
	})
	if err != nil {
		return err
	}
	defer s.db.Close()
	handler, err := c.handler(s, log)
	if err != nil {
		return err
	}
	if err := c.greet(e, s, log, ln.Addr()); err != nil {
		return err
	}
	return serve(e.ctx, ln, handler, s, log)
}

func newLog(form string, w io.Writer) *slog.Logger {
	if form == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// baseURL is the flag, or the address where a browser on this machine reaches the server.
func (c *serveCmd) baseURL(addr net.Addr) string {
	if c.BaseURL != "" {
		return c.BaseURL
	}
	ap, err := netip.ParseAddrPort(addr.String())
	if err != nil || !ap.Addr().IsLoopback() {
		_, port, _ := net.SplitHostPort(addr.String())
		return "http://localhost:" + port
	}
	return "http://" + ap.String()
}

// handler is everything that is served.
func (c *serveCmd) handler(s *site, log *slog.Logger) (http.Handler, error) {
	hp, err := httpadapter.New(s.accounts, httpadapter.Config{
		Prefix: prefix, TrustedProxies: c.TrustedProxies, TrustedOrigins: c.TrustedOrigins, Logger: log,
	})
	if err != nil {
		return nil, err
	}
	swagger, err := swaggerUI(prefix + "/openapi.json")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", hp) // which knows its prefix and answers for all that is unknown
	mux.Handle("/.well-known/", hp.WellKnown())
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
			hp.ServeHTTP(w, r) // the mux would redirect where the path is not clean
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

// ready tells whether the store answers and its migrations are current.
func ready(ctx context.Context, db database) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := db.Ping(ctx); err != nil {
		return err
	}
	pending, err := db.Pending(ctx)
	if err == nil && len(pending) > 0 {
		err = fmt.Errorf("%d migrations are pending", len(pending))
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

// greet says where the server is, how to become its first admin, and which stored settings differ from the flags.
func (c *serveCmd) greet(e *env, s *site, log *slog.Logger, addr net.Addr) error {
	base := strings.TrimRight(c.baseURL(addr), "/") + prefix
	now, err := s.accounts.Settings(e.ctx, s.operator)
	if err != nil {
		return err
	}
	for name, pair := range map[string][2]any{
		"signup": {string(now.Signup), c.Signup}, "password.min": {now.PasswordMin, c.PasswordMin},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			log.Warn("the stored setting differs from the flag and wins", "setting", name, "stored", pair[0], "flag", pair[1])
		}
	}
	secret, err := s.accounts.NewSetUpToken(e.ctx)
	if errors.Is(err, auth.ErrSetupDone) {
		fmt.Fprintf(e.out, "hallpass serves %s\n", base)
		return nil
	}
	if err != nil {
		return err
	}
	// The password is too short on purpose: a command that was pasted unchanged makes nobody admin.
	fmt.Fprintf(e.out, "hallpass serves %[2]s\nThere is no admin yet. Set-up token: %[1]s\nBecome the first admin, with a password of your own:\n"+
		"  curl -X POST %[2]s/setup -H 'Content-Type: application/json' -d '{\"token\":\"%[1]s\",\"username\":\"root\",\"password\":\"…\"}'\n",
		secret.Reveal(), base)
	return nil
}

// newServer has limits against slow and large requests.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// serve serves until ctx ends, and lets running requests end.
func serve(ctx context.Context, ln net.Listener, h http.Handler, s *site, log *slog.Logger) error {
	srv := newServer(h, log)
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	housekeeping := make(chan struct{})
	go func() {
		defer close(housekeeping)
		_ = s.accounts.Run(work) // ends with work
	}()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		log.Info("draining")
		limit, cancel := context.WithTimeout(work, drain)
		err = srv.Shutdown(limit)
		cancel()
	}
	stop()
	<-housekeeping
	return err
}
