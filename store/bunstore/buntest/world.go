package buntest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

// start is the time of all records.
var start = time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)

const hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func newHash() (h token.Hash) {
	rand.Read(h[:])
	return h
}

// newAccount returns an active user with two roles.
func newAccount(name string) auth.Account {
	return auth.Account{
		User: auth.User{
			ID: auth.UserID(newID()), Username: name, Email: name + "@example.org", Name: "A Person",
			Attributes: []byte(`{"team":"one"}`),
			Roles:      []auth.RoleID{"editor", "user"}, Status: auth.StatusActive, CreatedAt: start, UpdatedAt: start,
		},
		UsernameKey: name, EmailKey: name + "@example.org", PasswordHash: hash,
	}
}

func newSession(user auth.UserID) auth.Session {
	return auth.Session{
		ID: auth.SessionID(newID()), User: user, Method: auth.MethodPassword, ClientName: "a client", IP: "192.0.2.1",
		UserAgent: "Mozilla/5.0", CreatedAt: start, LastSeenAt: start, ProvedAt: start, ExpiresAt: start.Add(time.Hour),
		EndsAt: start.Add(24 * time.Hour), Idle: time.Hour, Refreshes: true, TokenHash: newHash(),
		Salt: []byte("0123456789abcdef"),
	}
}

func newLogin(x auth.Session) auth.Login {
	return auth.Login{
		ID: auth.LoginID(newID()), User: x.User, At: start, Method: auth.MethodPassword, Outcome: auth.Success,
		IP: x.IP, UserAgent: x.UserAgent, Session: x.ID,
	}
}

// signedIn stores an account and a session of it.
func signedIn(t testing.TB, st auth.Store, name string) (auth.Account, auth.Session) {
	t.Helper()
	a := newAccount(name)
	must(t, st.CreateAccount(t.Context(), a))
	x := newSession(a.ID)
	must(t, st.CompleteSignIn(t.Context(), auth.SignIn{OldHash: hash, NewHash: hash, Login: newLogin(x), Session: x}))
	return a, x
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func name(i int) string { return fmt.Sprintf("user%07d", i) }

// hexLiteral writes bytes as a literal of PostgreSQL or SQLite.
func hexLiteral(b []byte, postgres bool) string {
	if postgres {
		return `'\x` + hex.EncodeToString(b) + "'"
	}
	return "X'" + hex.EncodeToString(b) + "'"
}
