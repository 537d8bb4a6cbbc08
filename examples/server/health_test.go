package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The health command agrees with the readiness probe of the server.
func TestHealth(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.serve()
	addr := strings.TrimPrefix(s.url, "http://")
	if out := p.command("", "health", "--addr", addr); out != "ready\n" {
		t.Error(out)
	}
	s.end(t)
	unready := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			answer(w, http.StatusServiceUnavailable, "unavailable")
		}
	}))
	defer unready.Close()
	for addr, want := range map[string]string{addr: "refused", strings.TrimPrefix(unready.URL, "http://"): "503", "nonsense": "missing port"} {
		var out, errOut bytes.Buffer
		status := run(t.Context(), []string{"health", "--addr", addr}, strings.NewReader(""), &out, &errOut)
		if status != 1 || out.Len() > 0 || !strings.Contains(errOut.String(), want) {
			t.Errorf("%s: status %d, %s%s", addr, status, &out, &errOut)
		}
	}
}

// A server that listens on all addresses is asked on the loopback.
func TestHealthURL(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		":80": "http://127.0.0.1:80/readyz", "0.0.0.0:80": "http://127.0.0.1:80/readyz", "[::]:80": "http://[::1]:80/readyz",
		"192.0.2.1:80": "http://192.0.2.1:80/readyz", "auth.example.org:80": "http://auth.example.org:80/readyz",
	} {
		if got, err := (&healthCmd{Addr: addr}).url(); got != want || err != nil {
			t.Errorf("%s: %s, %v", addr, got, err)
		}
	}
}
