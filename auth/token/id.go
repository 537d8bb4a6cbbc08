package token

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// NewID makes a UUIDv7 in canonical form for the instant now: 48 bits of Unix milliseconds, 12
// bits of the fraction below (RFC 9562 section 6.2, method 3) and 62 random bits. The time
// comes from the caller, so that a service's clock is the only one. An id is no secret.
func NewID(now time.Time) string {
	u := uuid.New()
	ms := uint64(now.UnixMilli())
	sub := uint16(uint64(now.Nanosecond()%1_000_000) * 4096 / 1_000_000)
	binary.BigEndian.PutUint64(u[:8], ms<<16)
	binary.BigEndian.PutUint16(u[6:8], 0x7000|sub)
	return u.String()
}
