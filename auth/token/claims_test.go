package token_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Nobody reads anything into the subject: whatever it looks like, it comes back as it was.
func TestSec_JW07_SubjectIsGivenBackUnchanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, id := range []string{userID, strings.ToUpper(userID), "me", "ada@example.org", " ", "a\"b\\c", "<&>",
		"\u00e9", "e\u0301", "\u2028", "0", "null", "\U0001F98A"} {
		c := claims()
		c.Subject, c.Session, c.ID = id, "s"+id, "j"+id
		got, err := b.ring.Verify(sign(t, b.ring, c, start), start)
		if err != nil || got.Subject != id || got.Session != "s"+id || got.ID != "j"+id {
			t.Errorf("%q: %+v, %v", id, got, err)
		}
	}
}

func TestSignRefusesWhatVerifyWould(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, spoil := range map[string]func(*token.Claims){
		"no subject":    func(c *token.Claims) { c.Subject = "" },
		"no session":    func(c *token.Claims) { c.Session = "" },
		"no id":         func(c *token.Claims) { c.ID = "" },
		"no issue":      func(c *token.Claims) { c.IssuedAt = time.Time{} },
		"no expiry":     func(c *token.Claims) { c.ExpiresAt = time.Time{} },
		"before 1970":   func(c *token.Claims) { c.IssuedAt = time.Unix(-1, 0) },
		"after 9999":    func(c *token.Claims) { c.ExpiresAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"empty scope":   func(c *token.Claims) { c.Scopes = []string{"a", ""} },
		"two in one":    func(c *token.Claims) { c.Scopes = []string{"read:notes notes"} },
		"space after":   func(c *token.Claims) { c.Scopes = []string{"notes "} },
		"other space":   func(c *token.Claims) { c.Scopes = []string{"a\u00a0b"} },
		"end of a line": func(c *token.Claims) { c.Scopes = []string{"a\nb"} },
	} {
		c := claims()
		c.HasScopes = true
		spoil(&c)
		if text, err := b.ring.Sign(c, start); err == nil || text != "" {
			t.Errorf("%s: signed", name)
		}
	}
}

func TestSec_TK09_RingsPrintRedacted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	type holder struct {
		Ring   *token.Ring
		hidden *token.Ring
		value  token.Ring
	}
	h := holder{b.ring, b.ring, *b.ring}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, v := range []any{b.ring, *b.ring, h, &h, []any{h.hidden, h.value}} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("loaded", "ring", b.ring, "value", *b.ring, "holder", h)
	}
	seed := b.private.Seed()[:8]
	list := strings.Trim(fmt.Sprint(seed), "[]")
	for _, form := range []string{list, strings.ReplaceAll(list, " ", ", "), hex.EncodeToString(seed), string(seed),
		base64.StdEncoding.EncodeToString(seed)[:10], fmt.Sprintf("%#v", seed)[7:40]} {
		if strings.Contains(out.String(), form) {
			t.Error("a private key is in the output")
		}
	}
	if n := strings.Count(out.String(), "[redacted]"); n < 24 {
		t.Errorf("only %d are called redacted", n)
	}
}
