package storetest

import (
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth/limit"
)

var limitScenarios = []scenario{
	{"TakeTries", takeTries},
	{"TakeAllOrNone", takeAllOrNone},
	{"TakeWithOtherBurst", takeWithOtherBurst},
	{"BucketFollowsTheFormula", bucketFollowsTheFormula},
	{"GiveBack", giveBack},
	{"DeleteFullBuckets", deleteFullBuckets},
}

// takes takes a try from every bucket and compares the time to wait.
func (w *world) takes(now time.Time, want time.Duration, takes ...limit.Take) {
	w.t.Helper()
	wait, err := w.st.Limits().TakeTries(w.ctx, now, takes)
	w.must(err)
	w.same("wait", wait, want)
}

func bucket(key string, burst int) limit.Take {
	return limit.Take{Key: key, Interval: time.Second, Burst: burst}
}

func takeTries(w *world) {
	w.takes(start, 0) // without buckets, nothing refuses
	a := bucket("a", 3)
	for range 3 {
		w.takes(start, 0, a)
	}
	w.takes(start, time.Second, a)
	w.takes(start, time.Second, a) // a refused try costs nothing
	w.takes(start.Add(time.Second-time.Microsecond), time.Microsecond, a)
	w.takes(start.Add(time.Second), 0, a)
	w.takes(start.Add(time.Second), time.Second, a)
	w.takes(start.Add(3*time.Second), 0, a)
	w.takes(start.Add(3*time.Second), 0, a)
	w.takes(start.Add(3*time.Second), time.Second, a)
	for range 3 { // a bucket holds no more than burst, however long it rests
		w.takes(start.Add(time.Hour), 0, a)
	}
	w.takes(start.Add(time.Hour), time.Second, a)
	w.takes(start.Add(time.Hour), 0, bucket("b", 1)) // another key is another bucket
	w.takes(start.Add(time.Hour), 0, bucket("A", 1))
	w.takes(start, time.Hour+time.Second, a) // a clock that is behind gives nothing away

	long := limit.Take{Key: strings.Repeat("k", 100), Interval: 24 * time.Hour, Burst: 1}
	w.takes(start, 0, long)
	w.takes(start, 24*time.Hour, long)
	tiny := limit.Take{Key: "tiny", Interval: time.Microsecond, Burst: 2}
	w.takes(start, 0, tiny)
	w.takes(start, 0, tiny)
	w.takes(start, time.Microsecond, tiny)
}

func takeAllOrNone(w *world) {
	a, b, c := bucket("a", 2), bucket("b", 1), limit.Take{Key: "c", Interval: time.Minute, Burst: 1}
	w.takes(start, 0, c, a, b)
	w.takes(start, time.Second, a, b) // b has none, so a keeps its try
	w.takes(start, time.Minute, a, b, c)
	w.takes(start, time.Minute, c, b, a)
	w.takes(start, 0, a)
	w.takes(start, time.Second, a)
	w.takes(start, time.Second, bucket("new", 1), b) // the first try of a new bucket is not taken either
	w.takes(start, 0, bucket("new", 1))
	many := []limit.Take{}
	for _, key := range strings.Split("zyxwvutsrqponmlkji", "") {
		many = append(many, bucket(key, 1))
	}
	w.takes(start, 0, many...)
	w.takes(start, time.Second, many...)
}

// The call decides the size and speed of a bucket, because settings change.
func takeWithOtherBurst(w *world) {
	w.takes(start, 0, bucket("a", 1))
	w.takes(start, time.Second, bucket("a", 1))
	w.takes(start, 0, bucket("a", 2))
	w.takes(start, 2*time.Second, bucket("a", 1))
	w.takes(start, 0, limit.Take{Key: "a", Interval: time.Minute, Burst: 2})
}

// The bucket is compared with the formula of the contract step by step, with times that also go
// back.
func bucketFollowsTheFormula(w *world) {
	full := map[string]time.Time{}
	for i := range 60 {
		now := start.Add(time.Duration(i*i%37) * 1500 * time.Microsecond)
		t := limit.Take{Key: []string{"a", "b"}[i%2], Interval: time.Duration(1+i%5) * time.Millisecond, Burst: 1 + i%4}
		from := now
		if full[t.Key].After(now) {
			from = full[t.Key]
		}
		next := from.Add(t.Interval)
		wait := max(0, next.Sub(now.Add(time.Duration(t.Burst)*t.Interval)))
		w.takes(now, wait, t)
		if wait == 0 {
			full[t.Key] = next
		}
	}
}

func giveBack(w *world) {
	a, b, c := bucket("a", 2), bucket("b", 2), bucket("c", 2)
	w.takes(start, 0, a, b, c)
	w.takes(start, 0, a, b, c)
	w.must(w.st.Limits().GiveBack(w.ctx, []string{"a"}, []limit.Take{{Key: "b", Interval: time.Second}}))
	w.takes(start, 0, a)
	w.takes(start, 0, a)
	w.takes(start, time.Second, a)
	w.takes(start, 0, b)
	w.takes(start, time.Second, b)
	w.takes(start, time.Second, c)
	w.must(w.st.Limits().GiveBack(w.ctx, []string{"none", "b", "a"}, nil))
	w.must(w.st.Limits().GiveBack(w.ctx, nil, []limit.Take{c, bucket("none", 9), {Key: "c2", Interval: time.Hour}}))
	w.must(w.st.Limits().GiveBack(w.ctx, nil, nil))
	w.takes(start, 0, a, b, c)
	w.takes(start, 0, bucket("none", 1)) // a bucket that did not exist has saved nothing
	w.takes(start, time.Second, bucket("none", 1))
	w.takes(start, time.Second, c)
	w.must(w.st.Limits().GiveBack(w.ctx, []string{"c"}, []limit.Take{a, b}))
	for _, take := range []limit.Take{a, b, c} {
		w.takes(start, 0, take)
		w.takes(start, 0, take)
		w.takes(start, time.Second, take)
	}
}

func deleteFullBuckets(w *world) {
	deleted := func(now time.Time, limit, want int) {
		w.t.Helper()
		n, err := w.st.Limits().DeleteFullBuckets(w.ctx, now, limit)
		w.must(err)
		w.same("deleted", n, want)
	}
	deleted(start, 9, 0)
	for _, key := range []string{"a", "b", "c", "d"} {
		w.takes(start, 0, bucket(key, 2))
	}
	w.takes(start, 0, bucket("d", 2))
	deleted(start.Add(time.Second-time.Microsecond), 9, 0)
	deleted(start.Add(time.Second), 2, 2)
	deleted(start.Add(time.Second), 2, 1)
	deleted(start.Add(time.Second), 2, 0)
	w.takes(start, time.Second, bucket("d", 2)) // not full, so it stays
	w.takes(start, 0, bucket("a", 1))
	deleted(start.Add(time.Hour), 9, 2)
}
