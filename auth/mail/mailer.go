package mail

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Mailer sends messages. It must be safe for concurrent use and stop when its context ends.
// After an error the message is sent again later, with the same ID and the same text, so it
// does no harm if it had arrived after all. After a PermanentError it is not sent again. Errors
// are reported to the host, so they must not contain the address or the text.
type Mailer interface {
	Send(ctx context.Context, m Message) error
}

// Message is one email to one address. Its text may hold codes and links that open accounts, so
// printing or logging it shows only its ID.
type Message struct {
	ID      string    // the same for each attempt; part of the Message-ID
	From    string    // one bare address
	To      string    // one bare address, as it was typed
	Subject string    // one line of plain text
	Text    string    // lines end with \n
	HTML    string    // the same text as an HTML page
	At      time.Time // when the letter was posted
}

// Format writes the ID, for every verb.
func (m Message) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("mail " + m.ID)) }

// LogValue returns the ID.
func (m Message) LogValue() slog.Value { return slog.StringValue("mail " + m.ID) }

// PermanentError wraps an error after which a message must not be sent again, for example
// because the address does not exist.
type PermanentError struct{ Err error }

// Error returns the text of Err.
func (e *PermanentError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *PermanentError) Unwrap() error { return e.Err }
