package host

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

// Key reads the key from a file. It makes a key only for a store that has none: with another
// key, nothing in the store could be opened.
func Key(ctx context.Context, st auth.Store, file string) ([]byte, error) {
	key, err := ReadKey(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	taken, err := auth.HasSecret(ctx, st)
	if err != nil {
		return nil, err
	}
	if taken {
		return nil, fmt.Errorf(
			"the key file %s is missing, and the database was set up with a key: bring that file back", file,
		)
	}
	if err := newKey(file); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return ReadKey(file) // perhaps the key of another process that was faster
}

// ReadKey reads the key from an existing file.
func ReadKey(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) < 32 {
		return nil, fmt.Errorf("key file %s: not a key of at least 32 bytes in base64", file)
	}
	return key, nil
}

// newKey writes the whole key or nothing, and never over an existing file. The key is on the
// disk before it is used, because what the store seals with it is lost without it.
func newKey(file string) error {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	folder := filepath.Dir(file)
	tmp, err := os.CreateTemp(folder, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), file); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder writes the names in a folder to the disk.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
