package auth_test

import (
	"math"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/limit"
)

// What an attacker can guess in a day on one account, with all the tries that the default
// limits give to strangers, and on all flows.
func TestSec_RL05_GuessingIsHopeless(t *testing.T) {
	t.Parallel()
	l, err := limit.Limits{}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	space := math.Pow(float64(len(emailcode.Alphabet)), emailcode.Length)
	if bits := math.Log2(space); bits < 20 {
		t.Errorf("a code has %.1f bits", bits)
	}
	inADay := func(l limit.Limit) float64 { return float64(l.Burst) + float64(24*time.Hour)/float64(l.Interval) }
	if p := inADay(l.Codes) / space; p > 1e-4 {
		t.Errorf("a day finds a code with probability %g", p)
	}
	if n := float64(l.Mail.Burst-1) + float64(time.Hour)/float64(l.Mail.Interval); n > 5 {
		t.Errorf("%v mails in an hour", n)
	}
	if emailcode.Life > 10*time.Minute || emailcode.MaxTries > 5 {
		t.Errorf("a code counts for %v and %d tries", emailcode.Life, emailcode.MaxTries)
	}
}
