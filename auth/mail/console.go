package mail

import (
	"context"
	"fmt"
	"io"
	"sync"
)

// Console returns a Mailer that writes the text of messages to w, codes included. It is for
// development.
func Console(w io.Writer) Mailer { return &console{w: w} }

type console struct {
	mu sync.Mutex
	w  io.Writer
}

// Send writes one message.
func (c *console) Send(_ context.Context, m Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := fmt.Fprintf(c.w, "--- mail to %s: %s\n%s---\n", m.To, m.Subject, m.Text)
	return err
}
