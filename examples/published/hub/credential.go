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

// authenticate tells who calls the API: the holder of a token, or who is signed in. A page of
// somebody else can use the cookie for nothing: a request that may change something carries the
// proof of an own page, and comes from one if the browser says where from.
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

// signedIn tells who is signed in, by the cookie.
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

// xsrf proves that a page was made for the session with this cookie, and tells nothing of it.
func xsrf(cookie string) string {
	mac := hmac.New(sha256.New, []byte(cookie))
	mac.Write([]byte("hub: proof of an own page"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// ownPage refuses requests that no page of ours made.
func (c *call) ownPage(proof string) error {
	if proof == "" {
		proof = c.r.Header.Get("X-XSRFToken")
	}
	if c.xsrf == "" || subtle.ConstantTimeCompare([]byte(proof), []byte(c.xsrf)) != 1 || c.origins.Check(c.r) != nil {
		return errXSRF
	}
	return nil
}

// cookieName has the prefix that ties a cookie to this host and https (RFC 6265bis section
// 4.1.3.2), except on plain http.
func (s *service) cookieName() string {
	if s.secure {
		return "__Host-hub"
	}
	return "hub"
}

// setCookie hands out the cookie of a session, or takes it back with an empty value.
func (c *call) setCookie(value string) {
	cookie := &http.Cookie{
		Name: c.cookieName(), Value: value, Path: "/", HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(c.w, cookie)
}

// signedIn is for endpoints of routes that are public otherwise.
func signedIn(next endpoint) endpoint {
	return func(c *call) (reply, error) {
		if c.p == nil {
			return reply{}, auth.ErrUnauthenticated
		}
		return next(c)
	}
}
