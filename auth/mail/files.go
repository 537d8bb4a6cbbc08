package mail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Files writes each message to a file of its own in Dir, as RFC 5322 text: <ID>.eml. A message
// that is sent again replaces its file. Only the owner can read the files and a folder that
// Files makes. Unfinished files have names that begin with a dot.
type Files struct{ Dir string }

var _ Mailer = Files{}

// Send writes one message.
func (f Files) Send(_ context.Context, m Message) error {
	text, err := m.Encode()
	if err != nil {
		return &PermanentError{Err: err}
	}
	if err := f.write(m.ID, text); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	return nil
}

func (f Files) write(id string, text []byte) (err error) {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(f.Dir, ".mail-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(text)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), filepath.Join(f.Dir, filepath.Base(id)+".eml"))
}
