package auth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// Unknown users take the same hash through the same gate. The test compares the fastest of
// several runs, which a busy machine disturbs least, and measures again if that was not enough;
// without the hash the ratio would be above a hundred each time.
func TestSec_EN02_UnknownUserCostsAHash(t *testing.T) {
	unlimited := limit.Limit{Burst: 1_000_000, Interval: time.Millisecond}
	s, err := auth.New(memstore.New().Auth(), auth.Config{
		Secret: []byte("32 bytes or more from a key file"), BaseURL: "https://app.example",
		Hashing: password.Config{Params: password.Params{MemoryKiB: 7168, Iterations: 5, Parallelism: 1}},
		Limits:  limit.Limits{Account: unlimited, AccountLong: unlimited, Pair: unlimited, Network: unlimited},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []auth.UserInput{{Username: "ada", Password: "tiny horse 42 staple"}, {Username: "nopassword"}} {
		if _, err := s.CreateUser(t.Context(), s.Operator("test"), u, auth.Client{}); err != nil {
			t.Fatal(err)
		}
	}
	logins := []string{"ada", "nobody", "nopassword", "not a name"}
	var off []string
	for range 6 {
		if off = unequal(t, s, logins); len(off) == 0 {
			return
		}
	}
	t.Error(strings.Join(off, "\n"))
}

// unequal times failed sign-ins and describes those that do not take as long as the first.
func unequal(t *testing.T, s *auth.Service, logins []string) (off []string) {
	t.Helper()
	fastest := map[string]time.Duration{}
	for range 12 {
		for _, login := range logins {
			start := time.Now()
			_, err := s.SignIn(t.Context(), auth.SignInRequest{Login: login, Password: "wrong password"})
			if took := time.Since(start); fastest[login] == 0 || took < fastest[login] {
				fastest[login] = took
			}
			if !errors.Is(err, auth.ErrBadCredentials) {
				t.Fatal(err)
			}
		}
	}
	for _, login := range logins {
		ratio := fastest[login].Seconds() / fastest[logins[0]].Seconds()
		t.Logf("%s: %.3f of the time of a known user", login, ratio)
		if ratio < 0.6 || ratio > 1.6 {
			off = append(off, fmt.Sprintf("%s takes %.2f of the time of a known user", login, ratio))
		}
	}
	return off
}
