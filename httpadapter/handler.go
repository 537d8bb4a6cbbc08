package httpadapter

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// Config configures a Handler. Its zero value mounts at the root and trusts nobody.
type Config struct {
	// Prefix is where the host mounts the Handler, such as "/auth"; empty for the root. No
	// slash at the end.
	Prefix string
	// TrustedProxies are the networks whose X-Forwarded-For counts. Empty: the peer is the
	// client.
	TrustedProxies []netip.Prefix
	// TrustedOrigins are other origins, such as "https://admin.example", whose pages may use
	// the API with the person's cookie.
	TrustedOrigins []string
	// StrictOrigin also refuses unsafe requests with a cookie that tell nothing of where they
	// come from, as old browsers send them, and programs.
	StrictOrigin bool
	// AllowInsecureCookies lets cookies travel over plain http to a host that is not the
	// loopback. For tests.
	AllowInsecureCookies bool
	// HideDocs switches /openapi.json and /redoc off.
	HideDocs bool
	// Logger gets internal errors. nil means slog.Default().
	Logger *slog.Logger
}

// Handler serves the API under its prefix and protects routes of the host. It is safe for
// concurrent use.
type Handler struct {
	accounts *auth.Service
	shares   *sharing.Service // nil without sharing
	cfg      Config
	mux      *http.ServeMux
	routes   []route
	origins  *http.CrossOriginProtection
	secure   bool // whether cookies are for https
	docs     docs
	link     linkPage
}

// New makes a Handler, or an error that joins every problem in cfg. shares may be nil: then
// there are no routes about sharing, and only roles give rights.
func New(accounts *auth.Service, shares *sharing.Service, cfg Config) (*Handler, error) {
	if accounts == nil {
		return nil, errors.New("configure http adapter: accounts is nil")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	cfg.TrustedProxies, cfg.TrustedOrigins = slices.Clone(cfg.TrustedProxies), slices.Clone(cfg.TrustedOrigins)
	h := &Handler{accounts: accounts, shares: shares, cfg: cfg, mux: http.NewServeMux(),
		origins: http.NewCrossOriginProtection(), routes: routes(cfg, shares != nil)}
	errs := []error{h.checkPrefix(), h.checkCookies(), checkRoutes(h.routes)}
	for _, o := range cfg.TrustedOrigins {
		errs = append(errs, h.origins.AddTrustedOrigin(o))
	}
	if slices.ContainsFunc(cfg.TrustedProxies, func(p netip.Prefix) bool { return !p.IsValid() }) {
		errs = append(errs, errors.New("trusted proxies: a network is not valid"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("configure http adapter: %w", err)
	}
	for i := range h.routes {
		rt := &h.routes[i]
		h.mux.HandleFunc(
			rt.method+" "+cfg.Prefix+rt.path, func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, rt) },
		)
	}
	h.mux.HandleFunc("/", h.fallback)
	var err error
	if h.docs, err = newDocs(h); err != nil {
		return nil, fmt.Errorf("render documents: %w", err)
	}
	if links := accounts.Links(); accounts.HasMailer() && links.Reset == accounts.BaseURL()+auth.DefaultLink &&
		cfg.Prefix+"/link" != auth.DefaultLink {
		cfg.Logger.Warn("mailed links lead to a page that is not there: set auth.Config.Links", "link", links.Reset,
			"page", accounts.BaseURL()+cfg.Prefix+"/link")
	}
	if h.link, err = newLinkPage(); err != nil {
		return nil, fmt.Errorf("render documents: %w", err)
	}
	return h, nil
}

func (h *Handler) checkPrefix() error {
	p := h.cfg.Prefix
	if p != "" && (p[0] != '/' || strings.HasSuffix(p, "/") || !cleanPath(p) || strings.ContainsAny(p, "{}%? ")) {
		return fmt.Errorf("prefix %q: begin with a slash, end without one", p)
	}
	return nil
}

// checkCookies decides between __Host- cookies and those for development on the own machine.
func (h *Handler) checkCookies() error {
	u, err := url.Parse(h.accounts.BaseURL())
	if err != nil {
		return err
	}
	h.secure = u.Scheme == "https"
	if h.secure || isLoopback(u.Hostname()) {
		return nil
	}
	if !h.cfg.AllowInsecureCookies {
		return fmt.Errorf("base URL %q: cookies need https, or the loopback", h.accounts.BaseURL())
	}
	h.cfg.Logger.Warn("cookies travel over plain http", "base_url", h.accounts.BaseURL())
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// ServeHTTP serves the API. Paths that are not clean are unknown, never redirected.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	if h.cors(w, r) {
		return
	}
	if !cleanPath(r.URL.Path) || strings.Contains(r.URL.EscapedPath(), "%00") || r.Method == http.MethodConnect {
		h.problem(w, r, errNoRoute)
		return
	}
	h.mux.ServeHTTP(w, r)
}

// cleanPath reports a rooted path without empty, "." and ".." segments.
func cleanPath(p string) bool {
	if !strings.HasPrefix(p, "/") {
		return false
	}
	segments := strings.Split(p[1:], "/")
	for i, s := range segments {
		if s == "." || s == ".." || s == "" && i < len(segments)-1 {
			return false
		}
	}
	return true
}

// fallback answers for paths and methods that no route has: 401 first where all of a path needs
// a credential.
func (h *Handler) fallback(w http.ResponseWriter, r *http.Request) {
	var allow []string
	public := false
	for i := range h.routes {
		rt := &h.routes[i]
		probe := &http.Request{Method: rt.method, URL: r.URL, Host: r.Host}
		if _, pattern := h.mux.Handler(probe); pattern == rt.method+" "+h.cfg.Prefix+rt.path {
			allow = append(allow, rt.method)
			public = public || rt.access.open()
		}
	}
	if len(allow) == 0 {
		h.problem(w, r, errNoRoute)
		return
	}
	if !public {
		if _, err := h.principal(r); err != nil {
			h.problem(w, r, err)
			return
		}
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	h.problem(w, r, errMethod)
}

// WellKnown serves /.well-known/jwks.json and /.well-known/oauth-authorization-server at the
// root of the site, where clients look for them. The host mounts it at "/.well-known/".
func (h *Handler) WellKnown() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/.well-known/") {
			h.problem(w, r, errNoRoute)
			return
		}
		u := *r.URL
		u.Path, u.RawPath = h.cfg.Prefix+u.Path, ""
		inner := *r
		inner.URL = &u
		h.ServeHTTP(w, &inner)
	})
}
