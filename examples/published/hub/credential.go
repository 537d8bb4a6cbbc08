package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"mime"
	"net/http"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

// authenticate finds who calls the API, from a token or from the cookie of a browser. Pages of
// other sites can't use the cookie: a request that may change something has to carry the proof
// of one of our pages. If the browser says where the request comes from, that has to be our own
// site.
func (c *call) authenticate() error {
	headers := c.r.Header.Values("Authorization")
	if len(headers) > 0 {
		scheme, token, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
		token = strings.TrimSpace(token)
		if len(headers) > 1 || token == "" || strings.ContainsAny(token, " \t") ||
			!strings.EqualFold(scheme, "token") && !strings.EqualFold(scheme, "bearer") {
			return auth.ErrTokenInvalid
		}
		p, err := c.accounts.Authenticate(c.ctx(), token)
		c.p = p
		return err
	}
	if err := c.signedIn(); err != nil {
		return err
	}
	if c.r.Method == http.MethodGet || c.r.Method == http.MethodHead {
		return nil
	}
	p := c.p
	c.p = nil
	if err := c.ownPage(c.r.URL.Query().Get("_xsrf")); err != nil {
		return err
	}
	if kind := c.r.Header.Get("Content-Type"); kind != "" {
		if media, _, err := mime.ParseMediaType(kind); err != nil || media != "application/json" {
			return auth.ErrUnauthenticated
		}
	}
	c.p = p
	return nil
}

// signedIn finds who is signed in, from the cookie.
func (c *call) signedIn() error {
	cookie, err := c.r.Cookie(c.cookieName())
	if err != nil {
		return auth.ErrUnauthenticated
	}
	if c.p, err = c.accounts.AuthenticateCookie(c.ctx(), cookie.Value); err != nil {
		return err
	}
	c.xsrf = xsrf(cookie.Value)
	return nil
}

// xsrf is the proof that a page was made for the session with this cookie. It does not reveal
// the cookie.
func xsrf(cookie string) string {
	mac := hmac.New(sha256.New, []byte(cookie))
	mac.Write([]byte("hub: proof of an own page"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// ownPage refuses requests that do not come from one of our pages.
func (c *call) ownPage(proof string) error {
	if proof == "" {
		proof = c.r.Header.Get("X-XSRFToken")
	}
	if c.xsrf == "" || subtle.ConstantTimeCompare([]byte(proof), []byte(c.xsrf)) != 1 || c.origins.Check(c.r) != nil {
		return errXSRF
	}
	return nil
}

// cookieName is the name of the cookie. On https it has the prefix that ties a cookie to this
// host (RFC 6265bis section 4.1.3.2).
func (s *service) cookieName() string {
	if s.secure {
		return "__Host-hub"
	}
	return "hub"
}

// setCookie sets the cookie of a session, or removes it if the value is empty.
func (c *call) setCookie(value string) {
	cookie := &http.Cookie{
		Name: c.cookieName(), Value: value, Path: "/", HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(c.w, cookie)
}

// signedIn wraps an endpoint that needs a caller, for routes that are public otherwise.
func signedIn(next endpoint) endpoint {
	return func(c *call) (reply, error) {
		if c.p == nil {
			return reply{}, auth.ErrUnauthenticated
		}
		return next(c)
	}
}
