package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/store/bunstore"
)

type doctorCmd struct{ storeFlags }

// Run makes the checks one after the other, and fails if one of them fails. It makes no key and
// no database, and migrates nothing.
func (c *doctorCmd) Run(e *env) error {
	r := &report{out: e.out}
	key := r.check("key file "+c.KeyFile, c.checkKeyFile())
	if r.check("database answers and is current", c.checkSchema(e.ctx)) && key {
		c.checkStore(e.ctx, r)
	}
	if r.failed {
		return errors.New("something is wrong")
	}
	return nil
}

// report prints a line for each check.
type report struct {
	out    io.Writer
	failed bool
}

func (r *report) check(what string, err error) (ok bool) {
	if err != nil {
		r.failed = true
		fmt.Fprintf(r.out, "FAIL  %s: %s\n", what, host.OneLine(err))
		return false
	}
	fmt.Fprintf(r.out, "ok    %s\n", what)
	return true
}

// checkStore checks the content of a database that is current.
func (c *doctorCmd) checkStore(ctx context.Context, r *report) {
	db, err := c.open(ctx)
	if !r.check("database opens", err) {
		return
	}
	defer db.Close()
	taken, err := auth.HasSecret(ctx, db.Auth())
	if err == nil && !taken {
		err = errors.New("it belongs to no key yet: start the server, or run create-admin")
	}
	var s *site
	if err == nil {
		s, err = c.onStore(ctx, db, nil)
	}
	if !r.check("key belongs to the database", err) {
		return
	}
	r.check("clock", checkClock(ctx, s))
	done, err := s.accounts.SetUp.Done(ctx)
	if err == nil && !done {
		err = errors.New("there is none: start the server, or run create-admin")
	}
	r.check("an admin exists", err)
}

// checkKeyFile checks the mode of the file: others must not read the key. A group may, because
// container platforms hand out secrets as files of root and of the program's own group.
func (f storeFlags) checkKeyFile() error {
	info, err := os.Stat(f.KeyFile)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o037 != 0 {
		return fmt.Errorf("mode is %o: run chmod 600", mode)
	}
	_, err = host.ReadKey(f.KeyFile)
	return err
}

// checkSchema checks the database without opening a store, which would create and migrate it.
func (f storeFlags) checkSchema(ctx context.Context) error {
	driver, dsn, dialect := "pgx", f.DB, bunstore.Postgres
	if !host.IsPostgres(f.DB) {
		path, err := host.SQLitePath(f.DB)
		if err == nil {
			path, err = filepath.Abs(path)
		}
		if err == nil {
			_, err = os.Stat(path)
		}
		if err != nil {
			return err
		}
		driver, dsn, dialect = "sqlite", "file://"+(&url.URL{Path: path}).EscapedPath()+"?mode=rw", bunstore.SQLite
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	st, err := bunstore.New(db, dialect)
	if err != nil {
		return err
	}
	defer st.Close()
	return ready(ctx, st)
}

// checkClock compares the clock with the latest time in the store. With a clock that is behind,
// tokens live too long, and other programs refuse new ones.
func checkClock(ctx context.Context, s *site) error {
	latest := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // earlier than this code
	one := auth.PageQuery{Limit: 1}
	logins, err := s.accounts.History.Logins(ctx, s.operator, "", auth.LoginFilter{PageQuery: one})
	if err != nil {
		return err
	}
	audits, err := s.accounts.History.Audits(ctx, s.operator, auth.AuditFilter{PageQuery: one})
	if err != nil {
		return err
	}
	var seen []time.Time
	for _, l := range logins.Items {
		seen = append(seen, l.At)
	}
	for _, a := range audits.Items {
		seen = append(seen, a.At)
	}
	latest = slices.MaxFunc(append(seen, latest), time.Time.Compare)
	if now := time.Now(); now.Add(time.Minute).Before(latest) {
		return fmt.Errorf(
			"it says %s, and the store has seen %s", now.UTC().Format(time.RFC3339), latest.Format(time.RFC3339),
		)
	}
	return nil
}
