package main

import (
	"errors"
	"fmt"
	"os"
)

type doctorCmd struct{ storeFlags }

// Run checks one thing after the other and fails if any is wrong. It makes no key and no database.
func (c *doctorCmd) Run(e *env) error {
	failed := false
	report := func(what string, err error) bool {
		if err != nil {
			failed = true
			fmt.Fprintf(e.out, "FAIL  %s: %s\n", what, oneLine(err))
			return false
		}
		fmt.Fprintf(e.out, "ok    %s\n", what)
		return true
	}
	if !report("key file "+c.KeyFile, c.checkKeyFile()) {
		return errors.New("something is wrong")
	}
	db, err := c.open(e.ctx)
	if !report("database opens and is current", err) {
		return errors.New("something is wrong")
	}
	defer db.Close()
	report("database answers", db.Ping(e.ctx))
	s, err := c.onStore(e.ctx, db, nil)
	if report("key belongs to the database", err) {
		done, err := s.accounts.SetUpDone(e.ctx)
		if err == nil && !done {
			err = errors.New("there is none: start the server, or run create-admin")
		}
		report("an admin exists", err)
	}
	if failed {
		return errors.New("something is wrong")
	}
	return nil
}

// checkKeyFile looks at the file's mode: others must not read the key.
func (f storeFlags) checkKeyFile() error {
	info, err := os.Stat(f.KeyFile)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("mode is %o: run chmod 600", mode)
	}
	return nil
}
