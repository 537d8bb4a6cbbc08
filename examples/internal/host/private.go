package host

import (
	"errors"
	"os"
	"path/filepath"
)

// PrivatePrefix is the prefix of the names of unfinished files of WritePrivate: a dot and the
// name of the file.
func PrivatePrefix(file string) string { return "." + filepath.Base(file) + "-" }

// WritePrivate replaces the content of a file. Only its owner can read it. Readers find all of
// the old content or all of the new, even after a crash.
func WritePrivate(file string, data []byte) error {
	folder := filepath.Dir(file)
	tmp, err := os.CreateTemp(folder, PrivatePrefix(file)+"*") // mode 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return syncFolder(folder)
}
