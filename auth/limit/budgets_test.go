package limit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/limit"
)

func TestZeroLimitsAreTheDefaults(t *testing.T) {
	t.Parallel()
	l, err := limit.Limits{Rename: limit.Limit{Burst: 7, Interval: time.Second}}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if l.Rename != (limit.Limit{Burst: 7, Interval: time.Second}) {
		t.Errorf("what was set became %v", l.Rename)
	}
	if l.Pair != (limit.Limit{Burst: 20, Interval: time.Minute}) {
		t.Errorf("pair is %v", l.Pair)
	}
	if again, err := l.WithDefaults(); err != nil || again != l {
		t.Errorf("%v become %v, %v", l, again, err)
	}
}

func TestLimitsOutOfRangeAreAllReported(t *testing.T) {
	t.Parallel()
	bad := limit.Limits{
		Account: limit.Limit{Burst: 1}, Mail: limit.Limit{Interval: time.Second},
		Codes: limit.Limit{
			Burst: 1_000_001, Interval: time.Second,
		}, Pair: limit.Limit{Burst: 1, Interval: 25 * time.Hour},
	}
	_, err := bad.WithDefaults()
	for _, name := range []string{"limit account:", "limit mail:", "limit codes:", "limit pair:"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%q is missing in %v", name, err)
		}
	}
	if _, err := limit.New(nil, nil, time.Now, bad); err == nil {
		t.Error("a Limiter takes limits out of range")
	}
}
