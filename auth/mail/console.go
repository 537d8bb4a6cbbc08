package mail

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/hallpass-go/hallpass/auth"
)

// Console writes the text of mails to w, codes included. For development.
func Console(w io.Writer) auth.Mailer { return &console{w: w} }

type console struct {
	mu sync.Mutex
	w  io.Writer
}

// SendMail writes one mail.
func (c *console) SendMail(_ context.Context, m auth.Mail) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := fmt.Fprintf(c.w, "--- mail to %s: %s\n%s---\n", m.To, m.Subject, m.Text)
	return err
}
