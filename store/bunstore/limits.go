package bunstore

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth/limit"
)

// limitRow is a bucket. Its times are Unix microseconds on both databases, so that SQL can
// calculate with them.
type limitRow struct {
	bun.BaseModel `bun:"table:hallpass_limits,alias:b"`

	Key    string `bun:"key,pk"`
	FullAt int64  `bun:"full_at"`
	Most   int64  `bun:"most"` // the latest FullAt with which the last try would have been allowed
	Took   bool   `bun:"took"` // whether the last try was allowed
}

// errRefused ends the transaction if a bucket has no try left.
var errRefused = errors.New("a bucket is empty")

// Limits returns the store of tries.
func (s accounts) Limits() limit.Store { return s }

// TakeTries takes from all buckets or from none.
func (s accounts) TakeTries(ctx context.Context, now time.Time, takes []limit.Take) (wait time.Duration, err error) {
	if len(takes) == 0 {
		return 0, nil
	}
	// The buckets are taken in order of their keys, so that two calls for the same buckets wait
	// for each other and do not deadlock.
	takes = slices.SortedFunc(slices.Values(takes), func(a, b limit.Take) int { return strings.Compare(a.Key, b.Key) })
	take := func(h *handle) error {
		return h.run(ctx, "take tries", func() (err error) {
			if wait, err = h.take(ctx, now.UnixMicro(), takes); err == nil && wait > 0 {
				return errRefused
			}
			return err
		})
	}
	if len(takes) == 1 {
		err = take(s.handle) // a bucket that refuses stays as it was, so there is nothing to undo
	} else {
		err = s.tx(ctx, take)
	}
	if errors.Is(err, errRefused) {
		return wait, nil
	}
	return 0, err
}

// take runs one statement that writes what the buckets would be if each allowed a try, and
// returns for each whether it did.
func (h *handle) take(ctx context.Context, now int64, takes []limit.Take) (time.Duration, error) {
	rows, steps := make([]limitRow, len(takes)), map[string]int64{}
	for i, t := range takes {
		step := t.Interval.Microseconds()
		rows[i] = limitRow{Key: t.Key, FullAt: now + step, Most: now + int64(t.Burst)*step, Took: t.Burst > 0}
		steps[t.Key] = step
	}
	next := h.pool.words.greatest + "(b.full_at, ?0) + excluded.full_at - ?0"
	fits := next + " <= excluded.most"
	var got []limitRow
	err := h.db.NewInsert().Model(&rows).
		On("CONFLICT (key) DO UPDATE").
		Set("full_at = CASE WHEN "+fits+" THEN "+next+" ELSE b.full_at END", now).
		Set("most = excluded.most").
		Set("took = ("+fits+")", now).
		Returning("key, full_at, most, took").Scan(ctx, &got)
	if err != nil {
		return 0, err
	}
	var wait int64 // microseconds
	for _, r := range got {
		if !r.Took {
			wait = max(wait, max(r.FullAt, now)+steps[r.Key]-r.Most)
		}
	}
	return microseconds(wait), nil
}

// microseconds returns n microseconds, or the longest duration if that is shorter.
func microseconds(n int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Microsecond)
	return time.Duration(min(n, most)) * time.Microsecond
}

// filled is the FullAt of a bucket that GiveBack has filled. Such a row has no meaning. It is
// kept only so that one UPDATE, in one commit, can handle everything that a sign-in gives back.
const filled = 0

// GiveBack fills some buckets and returns single tries to others.
func (s accounts) GiveBack(ctx context.Context, full []string, one []limit.Take) error {
	text, args, keys := strings.Builder{}, []any{}, slices.Clone(full)
	for _, t := range one {
		text.WriteString(" WHEN ? THEN ?")
		args = append(args, t.Key, t.Interval.Microseconds())
		keys = append(keys, t.Key)
	}
	if len(keys) == 0 {
		return nil
	}
	set := "full_at"
	if len(one) > 0 {
		set += " - CASE key" + text.String() + " ELSE 0 END"
	}
	if len(full) > 0 {
		set = "CASE WHEN key IN (?) THEN 0 ELSE " + set + " END"
		args = append([]any{bun.List(full)}, args...)
	}
	// The rows are locked in the same order as in TakeTries.
	return s.run(ctx, "give back tries", func() error {
		_, err := s.exec(ctx, "UPDATE hallpass_limits SET full_at = "+set+" WHERE full_at <> 0 AND key IN ("+
			"SELECT key FROM hallpass_limits WHERE key IN (?) ORDER BY key"+s.pool.words.forUpdate+
			")", append(args, bun.List(keys))...)
		return err
	})
}

// DeleteFullBuckets removes one batch. It leaves buckets that were used in the meantime.
func (s accounts) DeleteFullBuckets(ctx context.Context, now time.Time, limit int) (n int, err error) {
	for {
		n, err := s.deleteBuckets(ctx, "full_at = ?", filled, limit)
		if err != nil {
			return 0, err
		}
		if n < max(limit, 1) {
			break
		}
	}
	return s.deleteBuckets(ctx, "full_at <= ?", now.UnixMicro(), limit)
}

func (h *handle) deleteBuckets(ctx context.Context, where string, at int64, limit int) (n int, err error) {
	err = h.run(ctx, "delete full buckets", func() (err error) {
		n, err = h.exec(ctx, "DELETE FROM hallpass_limits WHERE "+where+
			" AND key IN (SELECT key FROM hallpass_limits WHERE "+where+
			" ORDER BY full_at LIMIT ?"+h.pool.words.skipLocked+")", at, at, limit)
		return err
	})
	return n, err
}
