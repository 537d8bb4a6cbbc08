package mail

import (
	"context"
	"slices"
	"sync"

	"github.com/hallpass-go/hallpass/auth"
)

// Memory keeps mails for tests.
type Memory struct {
	mu   sync.Mutex
	list []auth.Mail
	fail func(auth.Mail) error
}

var _ auth.Mailer = (*Memory)(nil)

// NewMemory returns an empty Memory.
func NewMemory() *Memory { return &Memory{} }

// SendMail keeps a mail.
func (b *Memory) SendMail(_ context.Context, m auth.Mail) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		if err := b.fail(m); err != nil {
			return err
		}
	}
	b.list = append(b.list, m)
	return nil
}

// FailWith makes SendMail return what fail says of a mail; nil sends everything again.
func (b *Memory) FailWith(fail func(auth.Mail) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = fail
}

// All returns the mails so far, oldest first.
func (b *Memory) All() []auth.Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.list)
}

// To returns the mails to an address, oldest first.
func (b *Memory) To(address string) []auth.Mail {
	return slices.DeleteFunc(b.All(), func(m auth.Mail) bool { return m.To != address })
}

// Last returns the newest mail to an address; false if there is none.
func (b *Memory) Last(address string) (auth.Mail, bool) {
	list := b.To(address)
	if len(list) == 0 {
		return auth.Mail{}, false
	}
	return list[len(list)-1], true
}
