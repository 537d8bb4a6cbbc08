package main

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

// key reads the key. One is made only for a store that belongs to none: any other could open nothing there.
func (f storeFlags) key(ctx context.Context, st database) ([]byte, error) {
	key, err := f.readKey()
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	taken, err := auth.HasSecret(ctx, st.Auth())
	if err != nil {
		return nil, err
	}
	if taken {
		return nil, fmt.Errorf("the key file %s is missing, and the database was set up with a key: bring that file back", f.KeyFile)
	}
	if err := f.newKey(); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return f.readKey() // perhaps that of another process that was faster
}

func (f storeFlags) readKey() ([]byte, error) {
	text, err := os.ReadFile(f.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) < 32 {
		return nil, fmt.Errorf("key file %s: not a key of at least 32 bytes in base64", f.KeyFile)
	}
	return key, nil
}

// newKey writes a key whole or not at all, and never over one that is there. What the store seals with it is lost without
// it, so it is on the disk before it is used.
func (f storeFlags) newKey() error {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	folder := filepath.Dir(f.KeyFile)
	tmp, err := os.CreateTemp(folder, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), f.KeyFile); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder puts the names in a folder on the disk.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
