package mail

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Mailer sends messages. It must be safe for concurrent use and heed its context. After an
// error the message is sent again later, with the same ID and the same text, so that a message
// that arrived after all does no harm. After a PermanentError it is not sent again. Errors are
// reported, so they must not contain the address or the text.
type Mailer interface {
	Send(ctx context.Context, m Message) error
}

// Message is one email to one address. Its text may hold codes and links that open accounts, so
// printing or logging a Message shows only its ID.
type Message struct {
	ID      string    // the same for each attempt; fit for a Message-ID
	From    string    // one bare address
	To      string    // one bare address, as the account has it
	Subject string    // one line of plain text
	Text    string    // lines end with \n
	HTML    string    // the same as a page
	At      time.Time // when it was written
}

// Format writes the ID, whatever the verb.
func (m Message) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("mail " + m.ID)) }

// LogValue returns the ID.
func (m Message) LogValue() slog.Value { return slog.StringValue("mail " + m.ID) }

// PermanentError marks an error after which a message must not be sent again, such as an
// address that does not exist.
type PermanentError struct{ Err error }

// Error returns the text of Err.
func (e *PermanentError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *PermanentError) Unwrap() error { return e.Err }
