package storetest

import (
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var limitScenarios = []scenario{
	{"BucketHoldsItsBurst", bucketHoldsItsBurst},
	{"RefusedTakesNothing", refusedTakesNothing},
	{"AllBucketsOrNone", allBucketsOrNone},
	{"BucketFollowsTheFormula", bucketFollowsTheFormula},
	{"GiveBack", giveBack},
	{"DeleteFullBuckets", deleteFullBuckets},
}

// take asks for tries and checks the answer.
func (w *world) take(what string, now time.Time, want time.Duration, takes ...auth.Take) {
	w.t.Helper()
	wait, err := w.st.TakeTries(w.ctx, now, takes)
	w.must(err)
	if wait != want {
		w.t.Errorf("%s: wait %v, want %v", what, wait, want)
	}
}

func bucketHoldsItsBurst(w *world) {
	k := auth.Take{Key: "a", Interval: time.Minute, Burst: 3}
	w.take("no bucket", start, 0)
	for range k.Burst {
		w.take("burst", start, 0, k)
	}
	w.take("empty", start, time.Minute, k)
	w.take("too early", start.Add(time.Minute-time.Microsecond), time.Microsecond, k)
	w.take("one came back", start.Add(time.Minute), 0, k)
	w.take("and no other", start.Add(time.Minute), time.Minute, k)
	w.take("other key", start, 0, auth.Take{Key: "A", Interval: time.Minute, Burst: 1})
	later := start.Add(time.Hour)
	for range k.Burst { // never more than full
		w.take("after a long time", later, 0, k)
	}
	w.take("empty again", later, time.Minute, k)
}

func refusedTakesNothing(w *world) {
	k := auth.Take{Key: "a", Interval: time.Second, Burst: 1}
	w.take("first", start, 0, k)
	for range 5 {
		w.take("refused", start, time.Second, k)
	}
	w.take("not put off by refusals", start.Add(time.Second), 0, k)
}

func allBucketsOrNone(w *world) {
	a := auth.Take{Key: "a", Interval: time.Minute, Burst: 3}
	b := auth.Take{Key: "b", Interval: time.Hour, Burst: 1}
	c := auth.Take{Key: "c", Interval: time.Second, Burst: 1}
	w.take("all", start, 0, b, a, c)
	w.take("the longest wait", start, time.Hour, a, b, c)
	w.take("in another order", start, time.Hour, c, a, b)
	d := auth.Take{Key: "d", Interval: time.Minute, Burst: 1}
	w.take("one refuses", start, time.Second, d, c)
	w.take("so the new one was not taken from", start, 0, d)
	w.take("a has two left", start, 0, a)
	w.take("a has one left", start, 0, a)
	w.take("a has none left", start, time.Minute, a)
}

// The bucket is compared with the formula of the contract, step by step, with times that also go back.
func bucketFollowsTheFormula(w *world) {
	full := map[string]time.Time{}
	for i := range 60 {
		now := start.Add(time.Duration(i*i%37) * 1500 * time.Microsecond)
		t := auth.Take{Key: []string{"a", "b"}[i%2], Interval: time.Duration(1+i%5) * time.Millisecond, Burst: 1 + i%4}
		from := now
		if full[t.Key].After(now) {
			from = full[t.Key]
		}
		next := from.Add(t.Interval)
		wait := max(0, next.Sub(now.Add(time.Duration(t.Burst)*t.Interval)))
		w.take("step", now, wait, t)
		if wait == 0 {
			full[t.Key] = next
		}
	}
}

func giveBack(w *world) {
	a := auth.Take{Key: "a", Interval: time.Minute, Burst: 2}
	b := auth.Take{Key: "b", Interval: time.Minute, Burst: 2}
	c := auth.Take{Key: strings.Repeat("c", 100), Interval: time.Hour, Burst: 2}
	empty := func() {
		w.t.Helper()
		for range 2 {
			w.take("taken", start, 0, a, b, c)
		}
		w.take("empty", start, time.Hour, a, b, c)
	}
	give := func(full []string, one ...auth.Take) {
		w.t.Helper()
		w.must(w.st.GiveBack(w.ctx, full, one))
	}
	empty()
	give(nil)
	w.take("nothing was given", start, time.Minute, a)
	give([]string{"a"}, auth.Take{Key: "b", Interval: time.Minute}, auth.Take{Key: c.Key, Interval: time.Hour}, auth.Take{Key: "none", Interval: time.Hour})
	w.take("a is full", start, 0, a)
	w.take("each has one", start, 0, a, b, c)
	w.take("and no more", start, time.Hour, a, b, c)
	give([]string{"b", "none", c.Key, "a"})
	empty()
	give(nil, a, a, a, a) // more than was taken
	give(nil, a)
	w.take("full", start, 0, a)
	w.take("full", start, 0, a)
	w.take("never more than full", start, time.Minute, a)
	none := auth.Take{Key: "none", Interval: time.Hour, Burst: 1}
	w.take("what did not exist holds its burst", start, 0, none)
	w.take("and no more", start, time.Hour, none)
}

func deleteFullBuckets(w *world) {
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		w.take(key, start, 0, auth.Take{Key: key, Interval: time.Minute, Burst: 2})
	}
	late := auth.Take{Key: "late", Interval: time.Minute + time.Microsecond, Burst: 1}
	w.take("late", start, 0, late)
	now := start.Add(time.Minute)
	w.batches("none is full yet", 0, 9, func(limit int) (int, error) {
		return w.st.DeleteFullBuckets(w.ctx, now.Add(-time.Microsecond), limit)
	})
	w.batches("full now", 5, 2, func(limit int) (int, error) { return w.st.DeleteFullBuckets(w.ctx, now, limit) })
	w.take("late is not full", now, time.Microsecond, late)
	for range 2 {
		w.take("a removed bucket is a full one", now, 0, auth.Take{Key: "a", Interval: time.Minute, Burst: 2})
	}
	w.take("no more than that", now, time.Minute, auth.Take{Key: "a", Interval: time.Minute, Burst: 2})
}
