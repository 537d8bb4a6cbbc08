package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

const pass = "tiny horse 42 staple"

// serving is the service in this process.
type serving struct {
	*service
	hosttest.Client
	log *hosttest.Buffer
}

// serve serves a database of one kind with an admin in it.
func serve(t *testing.T, database string, edit ...func(*auth.Config)) *serving {
	t.Helper()
	s, err := openSite(context.Background(), hosttest.Databases[database](t), filepath.Join(t.TempDir(), "key"),
		func(c *auth.Config) {
			hosttest.CheapHashing(c)
			for _, e := range edit {
				e(c)
			}
		})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.db.Close() })
	out := &serving{log: &hosttest.Buffer{}}
	if out.service, err = newService(s, slog.New(slog.NewTextHandler(out.log, nil))); err != nil {
		t.Fatal(err)
	}
	if _, err := host.FirstAdmin(t.Context(), s.accounts, s.operator, auth.UserInput{
		Username: "boss", Email: "boss@example.com", Password: pass, Roles: []string{"admin", "user"},
	}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(out.service)
	t.Cleanup(srv.Close)
	out.Client = hosttest.Client{T: t, URL: srv.URL}
	return out
}

// register makes a user and returns their id.
func (s *serving) register(username string) string {
	s.T.Helper()
	body := fmt.Sprintf(`{"username":%q,"password":%q,"email":"%s@example.com"}`, username, pass, username)
	return s.Call("POST", "/register-user", "", body).Want(201, "").Member("user_id")
}

// token signs a user in.
func (s *serving) token(username string) string {
	s.T.Helper()
	return s.Call(
		"POST", "/token", "", fmt.Sprintf(`{"username":%q,"password":%q}`, username, pass),
	).Want(200, "").Member("token")
}

// predictions counts the stored questions of a user.
func (s *serving) predictions(id string) (n int) {
	s.T.Helper()
	err := s.db.Auth().Tx(s.T.Context(), func(st auth.Store) error {
		return st.Handle().(queryer).QueryRowContext(
			s.T.Context(), `SELECT count(*) FROM mlapi_predictions WHERE user_id = $1`, id,
		).Scan(&n)
	})
	if err != nil {
		s.T.Fatal(err)
	}
	return n
}
