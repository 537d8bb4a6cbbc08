package auth

import "time"

// MailID identifies a mail: a UUIDv7 in canonical form.
type MailID string

// OutboxMail is a mail that waits to be sent. What it says is sealed: codes and links are
// secrets.
type OutboxMail struct {
	ID        MailID
	Sealed    []byte
	Attempts  int       // that began so far
	DueAt     time.Time // of the next attempt
	ExpiresAt time.Time // when it is not worth sending any more
	CreatedAt time.Time
}
