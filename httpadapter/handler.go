package httpadapter

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/sharing"
)

// Config configures a Handler. Its zero value trusts nobody.
type Config struct {
	// Prefix is the path where the host mounts the Handler, without a slash at the end. Empty
	// means "/auth", and "/" is the root of the site.
	Prefix string
	// TrustedProxies are the networks whose X-Forwarded-For is believed. Empty means that the
	// client is the peer.
	TrustedProxies []netip.Prefix
	// TrustedOrigins are other origins, such as "https://admin.example", whose pages may use
	// the API with the person's cookie.
	TrustedOrigins []string
	// StrictOrigin also refuses unsafe requests with a cookie that do not say where they come
	// from, like those of old browsers and of programs.
	StrictOrigin bool
	// AllowInsecureCookies lets cookies travel over plain http to a host that is not the
	// loopback. It is for tests.
	AllowInsecureCookies bool
	// HideDocs turns off /openapi.json and /redoc.
	HideDocs bool
	// Logger gets internal errors. nil means slog.Default().
	Logger *slog.Logger
}

// Rooms are the services beside accounts. Routes of a service that is nil are left out.
type Rooms struct {
	Sharing *sharing.Service // without it, only roles give rights to resources
	Devices *device.Service  // sign-in of programs without a browser
}

// Handler serves the API under its prefix and protects routes of the host. It is safe for
// concurrent use.
type Handler struct {
	accounts *auth.Service
	shares   *sharing.Service // nil without sharing
	devices  *device.Service  // nil without device grants
	cfg      Config
	prefix   string // of every path; empty at the root
	mux      *http.ServeMux
	routes   []route
	origins  *http.CrossOriginProtection
	secure   bool // whether cookies are for https
	docs     docs
	link     linkPage
}

// New makes a Handler, or returns an error that joins every problem in cfg.
func New(accounts *auth.Service, rooms Rooms, cfg Config) (*Handler, error) {
	if accounts == nil {
		return nil, errors.New("configure http adapter: accounts is nil")
	}
	cfg, err := cfg.withDefaults()
	h := &Handler{
		accounts: accounts, shares: rooms.Sharing, devices: rooms.Devices, cfg: cfg, prefix: prefixOf(cfg.Prefix),
		mux: http.NewServeMux(), origins: http.NewCrossOriginProtection(), routes: routes(cfg, rooms),
	}
	if err := errors.Join(err, h.checkCookies(), checkRoutes(h.routes)); err != nil {
		return nil, fmt.Errorf("configure http adapter: %w", err)
	}
	for _, o := range cfg.TrustedOrigins {
		_ = h.origins.AddTrustedOrigin(o) // withDefaults has tried it
	}
	for i := range h.routes {
		rt := &h.routes[i]
		h.mux.HandleFunc(
			rt.method+" "+h.prefix+rt.path, func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, rt) },
		)
	}
	h.mux.HandleFunc("/", h.fallback)
	if h.docs, err = newDocs(h); err != nil {
		return nil, fmt.Errorf("render documents: %w", err)
	}
	if links := accounts.Links(); accounts.HasMailer() && links.Reset == accounts.BaseURL()+mail.DefaultLink &&
		cfg.LinkPage() != mail.DefaultLink {
		cfg.Logger.Warn("mailed links lead to a page that does not exist: set auth.Config.Links", "link", links.Reset,
			"page", accounts.BaseURL()+cfg.LinkPage())
	}
	if h.link, err = newLinkPage(); err != nil {
		return nil, fmt.Errorf("render documents: %w", err)
	}
	return h, nil
}

// withDefaults returns c with every default filled in, and an error that joins all problems
// that can be found without the accounts.
func (c Config) withDefaults() (Config, error) {
	var errs []error
	c.Prefix = cmp.Or(c.Prefix, "/auth")
	if p := c.Prefix; p != "/" && (strings.HasSuffix(p, "/") || !cleanPath(p) || strings.ContainsAny(p, "{}%? ")) {
		errs = append(errs, fmt.Errorf("prefix %q: start it with a slash and end it without one", p))
	}
	c.TrustedProxies, c.TrustedOrigins = slices.Clone(c.TrustedProxies), slices.Clone(c.TrustedOrigins)
	if slices.ContainsFunc(c.TrustedProxies, func(p netip.Prefix) bool { return !p.IsValid() }) {
		errs = append(errs, errors.New("trusted proxies: a network is not valid"))
	}
	for _, o := range c.TrustedOrigins {
		errs = append(errs, http.NewCrossOriginProtection().AddTrustedOrigin(o))
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c, errors.Join(errs...)
}

// Validate returns an error that joins every problem in c. New does the same, and also checks
// the accounts.
func (c Config) Validate() error {
	if _, err := c.withDefaults(); err != nil {
		return fmt.Errorf("configure http adapter: %w", err)
	}
	return nil
}

// LinkPage returns the path of the page for mailed links, for auth.Config.Links.
func (c Config) LinkPage() string { return prefixOf(cmp.Or(c.Prefix, "/auth")) + "/link" }

// prefixOf returns what paths under a prefix begin with, which is nothing at the root.
func prefixOf(p string) string { return strings.TrimSuffix(p, "/") }

// checkCookies decides whether cookies need https, which they do unless the host is the
// developer's own machine.
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
		return fmt.Errorf("base URL %q: cookies need https, unless the host is the loopback", h.accounts.BaseURL())
	}
	h.cfg.Logger.Warn("cookies travel over plain http", "base_url", h.accounts.BaseURL())
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// ServeHTTP serves the API. It never redirects: a path that is not clean does not exist.
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

// cleanPath reports whether a path begins with a slash and has no segment that is empty, "." or
// "..". An empty last segment is allowed.
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

// fallback answers when no route has the path and the method. It answers 401 first if every
// route with that path needs a credential.
func (h *Handler) fallback(w http.ResponseWriter, r *http.Request) {
	var allow []string
	public := false
	for i := range h.routes {
		rt := &h.routes[i]
		probe := &http.Request{Method: rt.method, URL: r.URL, Host: r.Host}
		if _, pattern := h.mux.Handler(probe); pattern == rt.method+" "+h.prefix+rt.path {
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
		u.Path, u.RawPath = h.prefix+u.Path, ""
		inner := *r
		inner.URL = &u
		h.ServeHTTP(w, &inner)
	})
}
