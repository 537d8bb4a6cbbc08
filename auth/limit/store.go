package limit

import (
	"context"
	"time"
)

// Take is a request for one try from a bucket.
type Take struct {
	Key      string        // opaque; at most 100 bytes
	Interval time.Duration // one try comes back each interval
	Burst    int           // tries that a full bucket holds; at least 1
}

// Store keeps buckets. Its methods are safe for concurrent use; times are UTC in whole
// microseconds.
type Store interface {
	// TakeTries takes one try from every bucket, or none: wait is zero, or how long until every
	// bucket that refused has a try. Keys are distinct. A bucket takes when max(full, now) +
	// Interval <= now + Burst*Interval, and that sum becomes its new full. Concurrent calls
	// never take more than a bucket holds. One statement, refused or not.
	TakeTries(ctx context.Context, now time.Time, takes []Take) (wait time.Duration, err error)
	// GiveBack fills the buckets named in full and returns one try to the bucket of each in one
	// (whose Burst does not matter). No error for a bucket that does not exist. At most one
	// statement for each of the two.
	GiveBack(ctx context.Context, full []string, one []Take) error
	// DeleteFullBuckets removes up to limit buckets that are full at now, and says how many.
	DeleteFullBuckets(ctx context.Context, now time.Time, limit int) (int, error)
}
