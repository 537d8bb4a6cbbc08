package auth

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Mailer sends mail. It must be safe for concurrent use and heed its context. An error means
// that the mail is tried again later, with the same ID and the same text, so that one that
// arrived after all does no harm; a PermanentMailError that it is not. Errors are reported:
// they must not tell address or text.
type Mailer interface {
	SendMail(ctx context.Context, m Mail) error
}

// Mail is a message to one address. Its text may hold codes and links that open accounts, so
// printing or logging one shows only its ID.
type Mail struct {
	ID      string    // the same for each attempt; fit for a Message-ID
	From    string    // one bare address
	To      string    // one bare address, as the account has it
	Subject string    // one line of plain text
	Text    string    // lines end with \n
	HTML    string    // the same as a page
	At      time.Time // when it was written
}

// Format writes the ID whatever the verb.
func (m Mail) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("mail " + m.ID)) }

// LogValue returns the ID.
func (m Mail) LogValue() slog.Value { return slog.StringValue("mail " + m.ID) }

// PermanentMailError marks an error after which a mail must not be tried again, such as an
// address that does not exist.
type PermanentMailError struct{ Err error }

// Error is that of Err.
func (e *PermanentMailError) Error() string { return e.Err.Error() }

// Unwrap gives Err.
func (e *PermanentMailError) Unwrap() error { return e.Err }
