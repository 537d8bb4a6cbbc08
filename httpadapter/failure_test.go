package httpadapter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/httpadapter"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// failing is a store that can't read sign-ins.
type failing struct {
	auth.Store
	err error
}

func (f failing) ReadSignIn(context.Context, string) (auth.SignInRead, error) {
	return auth.SignInRead{}, fmt.Errorf("read sign-in: %w", f.err)
}

func setupFailing(t *testing.T, err error) *world {
	t.Helper()
	w := &world{t: t, st: memstore.New(), mux: http.NewServeMux(), log: &bytes.Buffer{}}
	var failed error
	w.accounts, failed = auth.New(failing{w.st.Auth(), err}, auth.Config{
		Secret: []byte("a secret for tests only, 32 bytes"), BaseURL: "https://app.example",
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
	})
	if failed != nil {
		t.Fatal(failed)
	}
	if w.hp, failed = httpadapter.New(
		w.accounts, httpadapter.Rooms{}, httpadapter.Config{
			Prefix: "/auth", Logger: slog.New(slog.NewTextHandler(w.log, nil)),
		},
	); failed != nil {
		t.Fatal(failed)
	}
	w.mux.Handle("/auth/", w.hp)
	return w
}

// signInBodies are a sign-in by either way.
var signInBodies = map[string]string{
	"/auth/sessions": `{"login":"ada","password":"` + pass + `"}`,
	"/auth/token":    `{"grant_type":"password","username":"ada","password":"` + pass + `"}`,
}

func TestFailuresOfTheStoreAskToTryAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err   error
		code  string
		retry string
	}{
		{
			auth.ErrUnavailable, "unavailable", "1",
		}, {auth.ErrSerialization, "conflict_retry", "1"}, {context.DeadlineExceeded, "timeout", "1"},
		{&password.BusyError{RetryAfter: 6100 * time.Millisecond}, "busy", "7"},
	} {
		w := setupFailing(t, c.err)
		for path, body := range signInBodies {
			a := w.do("POST", path, body)
			if a.status != 503 || a.header.Get("Retry-After") != c.retry || !strings.Contains(a.body, `"`+c.code+`"`) {
				t.Errorf("%s with %v: %d %s %v", path, c.err, a.status, a.body, a.header)
			}
		}
	}
}

func TestUnknownErrorsStayInside(t *testing.T) {
	t.Parallel()
	const text = "relation hallpass_users does not exist at 10.0.0.5"
	w := setupFailing(t, errors.New(text))
	for path, body := range signInBodies {
		a := w.quietly("POST", path, body)
		if a.status != 500 || !strings.Contains(a.body, `"internal"`) || strings.Contains(a.body, "hallpass_users") ||
			strings.Contains(a.body, "10.0.0.5") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		if !strings.Contains(w.log.String(), text) || !strings.Contains(w.log.String(), path) {
			t.Errorf("the log does not say what happened: %s", w.log)
		}
	}
	if strings.Contains(w.log.String(), pass) {
		t.Errorf("the log has a password: %s", w.log)
	}
}

// What fails because the caller is gone or out of time is neither our fault nor worth a line.
func TestEndedRequestsAreNoFault(t *testing.T) {
	t.Parallel()
	w := setupFailing(t, errors.New("interrupted"))
	for path, body := range signInBodies {
		a := w.do("POST", path, body, func(r *http.Request) {
			ctx, cancel := context.WithCancel(r.Context())
			cancel()
			*r = *r.WithContext(ctx)
		})
		if a.status != 503 || a.header.Get("Retry-After") == "" || w.log.Len() > 0 {
			t.Errorf("%s: %d %s, log %s", path, a.status, a.body, w.log)
		}
	}
}
