package mail

import (
	"testing"
	"time"
)

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
