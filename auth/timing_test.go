package auth_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// Unknown users take the same hash through the same gate: the medians of interleaved samples lie close, and a
// full gate turns both away. The margin is for noisy machines; without the hash the ratio would be above a hundred.
func TestSec_EN02_UnknownUserCostsAHash(t *testing.T) {
	unlimited := auth.Limit{Burst: 1_000_000, Interval: time.Millisecond}
	s, err := auth.New(memstore.New().Auth(), auth.Config{
		Secret: []byte("32 bytes or more from a key file"), BaseURL: "https://app.example",
		Hashing: password.Config{Params: password.Params{MemoryKiB: 7168, Iterations: 5, Parallelism: 1}},
		Limits:  auth.Limits{Account: unlimited, AccountLong: unlimited, Pair: unlimited, Network: unlimited},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []auth.NewUser{{Username: "ada", Password: "tiny horse 42 staple"}, {Username: "nopassword"}} {
		if _, err := s.CreateUser(t.Context(), s.Operator("test"), u, auth.Client{}); err != nil {
			t.Fatal(err)
		}
	}
	logins := []string{"ada", "nobody", "nopassword", "not a name"}
	times := map[string][]time.Duration{}
	for range 25 {
		for _, login := range logins {
			start := time.Now()
			_, err := s.SignIn(t.Context(), auth.SignInRequest{Login: login, Password: "wrong password"})
			times[login] = append(times[login], time.Since(start))
			if !errors.Is(err, auth.ErrBadCredentials) {
				t.Fatal(err)
			}
		}
	}
	median := func(login string) float64 {
		slices.Sort(times[login])
		return float64(times[login][len(times[login])/2])
	}
	for _, login := range logins[1:] {
		ratio := median(login) / median("ada")
		t.Logf("%s: %.3f of the time of a known user", login, ratio)
		if ratio < 0.6 || ratio > 1.6 {
			t.Errorf("%s takes %.2f of the time of a known user", login, ratio)
		}
	}
}
