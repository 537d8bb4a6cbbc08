package host

import (
	"errors"
	"os"
	"path/filepath"
)

// PrivatePrefix is how the names of WritePrivate's unfinished files begin: a dot, and the name
// of the file.
func PrivatePrefix(file string) string { return "." + filepath.Base(file) + "-" }

// WritePrivate puts data in place of what a file holds, readable by its owner alone. Whoever
// reads meanwhile, and after a crash at whatever moment, finds all of the old or all of the
// new.
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
