package httpadapter_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// Routes of a host answer with the statuses and codes of the API, and what is nobody's business
// goes to the log.
func TestExplainIsWhatTheAPIAnswers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/mine", nil)
	for _, c := range []struct {
		err  error
		want httpadapter.Explanation
	}{
		{fmt.Errorf("create user: %w", auth.ErrUsernameTaken), httpadapter.Explanation{
			Status: 409, Code: "username_taken", Detail: "The username is taken.",
		}},
		{&auth.LimitError{RetryAfter: 1500 * time.Millisecond}, httpadapter.Explanation{
			Status: 429, Code: "too_many_attempts", Detail: "Too many attempts.", RetryAfter: 2,
		}},
		{&password.BusyError{RetryAfter: 3 * time.Second}, httpadapter.Explanation{
			Status: 503, Code: "busy", Detail: "Too many people are signing in.", RetryAfter: 3,
		}},
	} {
		if got := w.hp.Explain(r, c.err); got != c.want {
			t.Errorf("%v: %+v", c.err, got)
		}
	}
	if w.log.Len() > 0 {
		t.Errorf("log %s", w.log)
	}
	got := w.hp.Explain(r, errors.New("no such table at 10.0.0.5"))
	if got.Status != 500 || got.Code != "internal" || strings.Contains(got.Detail, "10.0.0.5") {
		t.Errorf("%+v", got)
	}
	if log := w.log.String(); !strings.Contains(log, "no such table at 10.0.0.5") || !strings.Contains(log, "/mine") {
		t.Errorf("log %s", log)
	}
}

// A sign-in route of a host sees the client that the API's own would see.
func TestClientForHostRoutes(t *testing.T) {
	t.Parallel()
	w := setup(t, func(_ *auth.Config, c *httpadapter.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	})
	for peer, want := range map[string]string{"10.0.0.1:1": "198.51.100.7", "192.0.2.1:1": "192.0.2.1"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/mine", nil)
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-For", "203.0.113.9, 198.51.100.7")
		r.Header.Set("User-Agent", "curl")
		r.AddCookie(&http.Cookie{Name: "__Host-hp_device", Value: "mark"})
		if got := w.hp.Client(r); got != (auth.Client{
			IP: netip.MustParseAddr(want), UserAgent: "curl", Device: "mark",
		}) {
			t.Errorf("from %s: %+v", peer, got)
		}
	}
}
