package token

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// NewID returns a new UUIDv7 in canonical form for the time now: 48 bits of Unix milliseconds,
// 12 bits of their fraction (RFC 9562 section 6.2, method 3) and 62 random bits. The caller
// passes the time so that a service has only one clock. An id is not a secret.
func NewID(now time.Time) string {
	u := uuid.New()
	ms := uint64(now.UnixMilli())
	sub := uint16(uint64(now.Nanosecond()%1_000_000) * 4096 / 1_000_000)
	binary.BigEndian.PutUint64(u[:8], ms<<16)
	binary.BigEndian.PutUint16(u[6:8], 0x7000|sub)
	return u.String()
}

// IsID reports whether s is an id as NewID writes them: a UUID in lower case with dashes.
func IsID(s string) bool {
	if len(s) != 36 {
		return false
	}
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}
