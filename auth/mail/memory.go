package mail

import (
	"context"
	"slices"
	"sync"
)

// Memory is a Mailer that keeps messages for tests.
type Memory struct {
	mu   sync.Mutex
	list []Message
	fail func(Message) error
}

var _ Mailer = (*Memory)(nil)

// NewMemory returns an empty Memory.
func NewMemory() *Memory { return &Memory{} }

// Send keeps a message.
func (b *Memory) Send(_ context.Context, m Message) error {
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

// FailWith makes Send call fail and return its error. If fail is nil, Send succeeds again.
func (b *Memory) FailWith(fail func(Message) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = fail
}

// All returns the messages so far, oldest first.
func (b *Memory) All() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.list)
}

// To returns the messages to an address, oldest first.
func (b *Memory) To(address string) []Message {
	return slices.DeleteFunc(b.All(), func(m Message) bool { return m.To != address })
}

// Last returns the newest message to an address, or false if there is none.
func (b *Memory) Last(address string) (Message, bool) {
	list := b.To(address)
	if len(list) == 0 {
		return Message{}, false
	}
	return list[len(list)-1], true
}
