package httpadapter

import (
	"net/http"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

const deviceLife = 365 * 24 * time.Hour

// presented is who a request acts as, and whether a cookie says so.
type presented struct {
	p      *auth.Principal
	cookie bool
}

// credential reads the one credential of a request: the Authorization header if there is one
// (RFC 6750 section 2.1), otherwise the session cookie. It never reads the query, because URLs
// end up in logs. Without a credential the request acts as the guest, if guests are allowed.
func (h *Handler) credential(r *http.Request) (presented, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) > 1 {
		return presented{}, errTwoCredentials
	}
	if len(headers) == 1 {
		scheme, text, _ := strings.Cut(headers[0], " ")
		if !strings.EqualFold(scheme, "Bearer") || text == "" || strings.ContainsAny(text, " \t") {
			return presented{}, auth.ErrTokenInvalid
		}
		p, err := h.accounts.Authenticate(r.Context(), text)
		return presented{p: p}, err
	}
	cookie, err := r.Cookie(h.cookieName("session"))
	if err != nil {
		p, err := h.accounts.Guest(r.Context())
		return presented{p: p}, err
	}
	p, err := h.accounts.AuthenticateCookie(r.Context(), cookie.Value)
	return presented{p: p, cookie: true}, err
}

// hasCookie reports whether the request has a session cookie, valid or not.
func (h *Handler) hasCookie(r *http.Request) bool {
	_, err := r.Cookie(h.cookieName("session"))
	return err == nil
}

// principal is credential with the origin rule: a page of another site can't use the cookie to
// change anything.
func (h *Handler) principal(r *http.Request) (*auth.Principal, error) {
	who, err := h.credential(r)
	if err == nil && who.cookie {
		err = h.checkOrigin(r, true)
	}
	return who.p, err
}

// cookieName returns a name with the prefix that ties a cookie to this host and to https (RFC
// 6265bis section 4.1.3.2). On the loopback it has no prefix.
func (h *Handler) cookieName(what string) string {
	if h.secure {
		return "__Host-hp_" + what
	}
	return "hp_" + what
}

func (h *Handler) setCookie(w http.ResponseWriter, what, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: h.cookieName(what), Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: h.secure, SameSite: http.SameSiteLaxMode,
	})
}

// setSession sets the cookie of a session. Without remember it goes when the browser closes.
func (h *Handler) setSession(w http.ResponseWriter, secret token.Secret, x auth.Session, remember bool) {
	var life time.Duration
	if remember {
		life = x.EndsAt.Sub(x.LastSeenAt)
	}
	h.setCookie(w, "session", secret.Reveal(), life)
}

func (h *Handler) clearCookie(w http.ResponseWriter) { h.setCookie(w, "session", "", -time.Second) }

// setDevice marks the browser, so that later sign-ins are recognised.
func (h *Handler) setDevice(w http.ResponseWriter, mark string) {
	if mark != "" {
		h.setCookie(w, "device", mark, deviceLife)
	}
}

// client returns where the request comes from.
func (c *call) client() auth.Client { return c.h.Client(c.r) }

// Client returns where a request comes from, also behind trusted proxies. It is for routes of
// the host that sign people in or up.
func (h *Handler) Client(r *http.Request) auth.Client {
	out := auth.Client{IP: h.clientIP(r), UserAgent: r.UserAgent()}
	if mark, err := r.Cookie(h.cookieName("device")); err == nil {
		out.Device = mark.Value
	}
	return out
}
