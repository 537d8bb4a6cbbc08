package mail

import (
	"context"
	"fmt"
	"io"
	"sync"
)

// Console writes the text of mails to w, codes included. For development.
func Console(w io.Writer) Mailer { return &console{w: w} }

type console struct {
	mu sync.Mutex
	w  io.Writer
}

// Send writes one mail.
func (c *console) Send(_ context.Context, m Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := fmt.Fprintf(c.w, "--- mail to %s: %s\n%s---\n", m.To, m.Subject, m.Text)
	return err
}
