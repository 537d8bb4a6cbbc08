package auth

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
	if CodeLife > 10*time.Minute || CodeTries > 5 {
		t.Errorf("a code counts for %v and %d tries", CodeLife, CodeTries)
	}
}

func TestSpansAreWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		10 * time.Minute: "10 minutes", time.Minute: "1 minute", time.Hour: "1 hour", 90 * time.Minute: "90 minutes",
		24 * time.Hour:     "1 day",
		7 * 24 * time.Hour: "7 days", 36 * time.Hour: "36 hours", 90 * time.Second: "1 minute", time.Second: "1 minute",
	} {
		if got := span(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
