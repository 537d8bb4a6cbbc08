package limit_test

import (
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/limit"
)

func TestSuccessForgetsFailures(t *testing.T) {
	t.Parallel()
	b := setup(t, limit.Limits{Pair: limit.Limit{Burst: 2, Interval: time.Hour}})
	try := b.SignIn("u1", "n")
	for range 3 {
		b.took(0, try.All...)
		b.took(0, try.All...)
		b.took(time.Hour, try.All...)
		if err := b.Succeed(t.Context(), try); err != nil {
			t.Fatal(err)
		}
	}
}

// A success gives its network one try back, no more: whoever has an account must not be able to
// refill what guessing at others has used up.
func TestSuccessGivesItsNetworkOneTry(t *testing.T) {
	t.Parallel()
	b := setup(t, limit.Limits{Network: limit.Limit{Burst: 3, Interval: time.Hour}})
	b.took(0, b.SignIn("u1", "n").All...)
	b.took(0, b.SignIn("u1", "n").All...)
	mine := b.SignIn("u2", "n")
	b.took(0, mine.All...)
	if err := b.Succeed(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	b.took(0, b.SignIn("u1", "n").All...)
	b.took(time.Hour, b.SignIn("u1", "n").All...)
}

func TestStrangersDoNotLockOutAKnownDevice(t *testing.T) {
	t.Parallel()
	one := limit.Limit{Burst: 1, Interval: time.Hour}
	b := setup(t, limit.Limits{Account: one, Device: limit.Limit{Burst: 2, Interval: time.Hour}})
	b.took(0, b.SignIn("u1", "n1").All...)
	b.took(time.Hour, b.SignIn("u1", "n2").All...)
	mine := b.SignInFromDevice("u1", "mark")
	b.took(0, mine.All...)
	b.took(0, mine.All...)
	b.took(time.Hour, mine.All...)
	if err := b.Succeed(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	b.took(0, b.SignIn("u1", "n2").All...)
}

// Many marks of one account share a budget.
func TestDevicesOfAnAccountShareABudget(t *testing.T) {
	t.Parallel()
	b := setup(t, limit.Limits{AccountLong: limit.Limit{Burst: 2, Interval: time.Hour}})
	b.took(0, b.SignInFromDevice("u1", "a").All...)
	b.took(0, b.SignInFromDevice("u1", "b").All...)
	b.took(time.Hour, b.SignInFromDevice("u1", "c").All...)
	b.took(0, b.SignInFromDevice("u2", "c").All...)
}
