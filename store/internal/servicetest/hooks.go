package servicetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/store"
)

// executor is the handle of a transaction on a store with SQL.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// profiles is a table of the host with a row for each user, kept up to date by hooks. On stores
// without SQL it does nothing.
type profiles struct{ w *world }

func (p profiles) exec(ctx context.Context, tx auth.Tx, text string) error {
	db, ok := tx.Handle().(executor)
	if !ok {
		return nil
	}
	_, err := db.ExecContext(ctx, text)
	return err
}

// create makes the table.
func (p profiles) create() {
	p.w.t.Helper()
	p.w.must(p.w.st.Tx(p.w.ctx, func(st store.Store) error {
		if db, ok := st.Auth().Handle().(executor); ok {
			_, err := db.ExecContext(p.w.ctx, "CREATE TABLE profiles (user_id TEXT PRIMARY KEY, name TEXT NOT NULL)")
			return err
		}
		return nil
	}))
}

// count returns the number of rows, or want on a store without SQL.
func (p profiles) count(want int) int {
	p.w.t.Helper()
	n := want
	p.w.must(p.w.st.Tx(p.w.ctx, func(st store.Store) error {
		if db, ok := st.Auth().Handle().(executor); ok {
			return db.QueryRowContext(p.w.ctx, "SELECT count(*) FROM profiles").Scan(&n)
		}
		return nil
	}))
	return n
}

// hooks returns the hooks that keep the table up to date.
func (p profiles) hooks() auth.Hooks {
	return auth.Hooks{
		UserCreated: func(ctx context.Context, tx auth.Tx, u auth.User) error {
			return p.exec(
				ctx, tx, fmt.Sprintf("INSERT INTO profiles (user_id, name) VALUES ('%s', '%s')", u.ID, u.Username),
			)
		},
		UserUpdated: func(ctx context.Context, tx auth.Tx, _, u auth.User) error {
			return p.exec(
				ctx, tx, fmt.Sprintf("UPDATE profiles SET name = '%s' WHERE user_id = '%s'", u.Username, u.ID),
			)
		},
		UserDeleting: func(ctx context.Context, tx auth.Tx, u auth.User) error {
			return p.exec(ctx, tx, fmt.Sprintf("DELETE FROM profiles WHERE user_id = '%s'", u.ID))
		},
	}
}

// hooksCommitTogether checks that what a hook writes is committed together with the change,
// also when registrations race.
func hooksCommitTogether(t *testing.T, open Open) {
	p := &profiles{}
	w := setup(t, open, func(c *auth.Config) { c.Hooks = p.hooks() })
	p.w = w
	p.create()
	errs := race(16, func(i int) error {
		_, err := w.CreateUser(w.ctx, nil, auth.UserInput{Username: fmt.Sprintf("user%d", i/2), Password: pass}, home)
		return err
	})
	if count(errs, nil) != 8 || p.count(8) != 8 {
		t.Fatalf("%d accounts, %d profiles: %v", count(errs, nil), p.count(8), errs)
	}
	u, err := w.UserByLogin(w.ctx, w.op, "user0")
	w.must(err)
	w.must(w.DeleteUser(w.ctx, w.op, u.ID))
	if n := p.count(7); n != 7 {
		t.Fatalf("%d profiles after a deletion, want 7", n)
	}
}

// failingHookLeavesNothing checks that a hook that refuses, fails or panics undoes the change
// and everything that it wrote itself. What it had left for after the commit does not run.
func failingHookLeavesNothing(t *testing.T, open Open) {
	p := &profiles{}
	errInside := errors.New("inside")
	var fail func(tx auth.Tx) error
	ran := 0
	step := func(ctx context.Context, tx auth.Tx) error {
		tx.AfterCommit(func(context.Context) { ran++ })
		if fail == nil {
			return nil
		}
		if err := p.exec(ctx, tx, "INSERT INTO profiles (user_id, name) VALUES ('x', 'left behind')"); err != nil {
			return err
		}
		return fail(tx)
	}
	w := setup(t, open, func(c *auth.Config) {
		c.Hooks = auth.Hooks{
			UserCreating: func(ctx context.Context, tx auth.Tx, _ auth.User) error { return step(ctx, tx) },
			UserCreated:  func(ctx context.Context, tx auth.Tx, _ auth.User) error { return step(ctx, tx) },
			UserUpdated:  func(ctx context.Context, tx auth.Tx, _, _ auth.User) error { return step(ctx, tx) },
			UserDeleting: func(ctx context.Context, tx auth.Tx, _ auth.User) error { return step(ctx, tx) },
			SigningIn: func(
				ctx context.Context, tx auth.Tx, _ auth.User, _ auth.Session,
			) error {
				return step(ctx, tx)
			},
		}
	})
	p.w = w
	p.create()
	u := w.signUp("ada")
	w.tokens("ada")
	if ran != 3 { // two for the account, one for the sign-in
		t.Fatalf("%d functions ran after commits, want 3", ran)
	}
	state := func() string {
		users, err := w.Users(w.ctx, w.op, auth.UserFilter{})
		w.must(err)
		audits, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{})
		w.must(err)
		sessions, err := w.Sessions.List(w.ctx, w.op, u.ID, auth.PageQuery{})
		w.must(err)
		return fmt.Sprint(users.Items, len(audits.Items), len(sessions.Items), p.count(0))
	}
	before := state()
	name, none := "lovelace", []string{}
	for what, do := range map[string]func() error{
		"create": func() error {
			_, err := w.CreateUser(w.ctx, nil, auth.UserInput{Username: "eve", Password: pass}, home)
			return err
		},
		"rename": func() error {
			_, err := w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Username: &name})
			return err
		},
		"roles": func() error {
			_, err := w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Roles: &none})
			return err
		},
		"add role": func() error { return w.AddRole(w.ctx, w.op, u.ID, "helper") },
		"delete":   func() error { return w.DeleteUser(w.ctx, w.op, u.ID) },
		"sign in":  func() error { return w.guess(w.Service, "ada", pass, home) },
	} {
		for how, f := range map[string]func(auth.Tx) error{
			"refuse": func(auth.Tx) error { return fmt.Errorf("not you: %w", auth.ErrRefused) },
			"fail":   func(auth.Tx) error { return errInside },
			"panic":  func(auth.Tx) error { panic(errInside) },
		} {
			fail = f
			err := do()
			fail = nil
			if err == nil || errors.Is(err, auth.ErrRefused) != (how == "refuse") {
				t.Errorf("%s, %s: got error %v", what, how, err)
			}
			if after := state(); after != before {
				t.Errorf("%s, %s: the state is\n%s\nwant\n%s", what, how, after, before)
			}
		}
	}
	if ran != 3 {
		t.Errorf("%d functions ran after a rollback", ran-3)
	}
}

// deletedRoleRunsHooks checks that deleting a role by force takes it from everybody who holds
// it, and that the hook runs for each user who held it directly, in the same transaction.
func deletedRoleRunsHooks(t *testing.T, open Open) {
	const holders = 103 // more than are read at a time
	lost := map[auth.UserID]bool{}
	var fail error
	w := setup(t, open, func(c *auth.Config) {
		c.Hooks.UserUpdated = func(_ context.Context, _ auth.Tx, before, after auth.User) error {
			if !slices.Contains(before.RoleNames(), "writer") || slices.Contains(after.RoleNames(), "writer") {
				return fmt.Errorf("%s had %v and has %v", after.Username, before.RoleNames(), after.RoleNames())
			}
			lost[after.ID] = true
			return fail
		}
	})
	writer, _, err := w.Roles.Put(w.ctx, w.op, "writer", auth.RoleInput{Scopes: []string{"read:users"}})
	w.must(err)
	w.must(w.st.Tx(w.ctx, func(st store.Store) error {
		for i := range holders + 1 {
			id := auth.UserID(token.NewID(w.clock.Now()))
			u := auth.User{ID: id, Status: auth.StatusActive, Attributes: []byte("{}"), Roles: []auth.RoleID{"user"}}
			if i == 0 {
				u.Status = auth.StatusDisabled
			}
			if i < holders {
				u.Roles = append(u.Roles, writer.ID)
			}
			if err := st.Auth().CreateAccount(w.ctx, auth.Account{User: u}); err != nil {
				return err
			}
		}
		return nil
	}))
	held := func() int {
		list, err := w.st.Auth().Users(w.ctx, auth.UserQuery{Role: writer.ID, Limit: 2 * holders})
		w.must(err)
		return len(list)
	}
	fail = auth.ErrRefused
	w.want(w.Roles.Delete(w.ctx, w.op, "writer", true), auth.ErrRefused)
	if n := held(); n != holders {
		t.Fatalf("%d users hold the role after a refusal", n)
	}
	clear(lost)
	fail = nil
	w.must(w.Roles.Delete(w.ctx, w.op, "writer", true))
	if len(lost) != holders || held() != 0 {
		t.Errorf("the hook ran for %d users of %d; %d hold the role", len(lost), holders, held())
	}
}

// hooksThatLockCrosswise checks that transactions whose hooks deadlock or lose a race start
// over, and that all changes succeed.
func hooksThatLockCrosswise(t *testing.T, open Open) {
	p := &profiles{}
	w := setup(t, open, func(c *auth.Config) {
		c.Hooks.UserCreating = func(ctx context.Context, tx auth.Tx, u auth.User) error {
			rows := []string{"x", "y"}
			if len(u.Username)%2 == 0 {
				rows = []string{"y", "x"}
			}
			for _, row := range rows {
				if err := p.exec(
					ctx, tx, "UPDATE profiles SET name = '"+u.Username+"' WHERE user_id = '"+row+"'",
				); err != nil {
					return err
				}
			}
			return nil
		}
	})
	p.w = w
	p.create()
	w.must(w.st.Tx(w.ctx, func(st store.Store) error {
		db, ok := st.Auth().Handle().(executor)
		if !ok {
			return nil
		}
		_, err := db.ExecContext(w.ctx, "INSERT INTO profiles (user_id, name) VALUES ('x', ''), ('y', '')")
		return err
	}))
	for round := range 3 {
		errs := race(8, func(i int) error {
			_, err := w.CreateUser(
				w.ctx, w.op, auth.UserInput{Username: fmt.Sprintf("user%d%s", round, "abcdefgh"[:i+1])}, home,
			)
			return err
		})
		w.must(errors.Join(errs...))
	}
}

// hookMayNotGoOnAfterRollback checks that no half of a change is committed if a hook ignores
// that its statement was interrupted. The database may or may not have rolled back by then.
func hookMayNotGoOnAfterRollback(t *testing.T, open Open) {
	p := &profiles{}
	w := setup(t, open, func(c *auth.Config) {
		c.Hooks.UserCreating = func(ctx context.Context, tx auth.Tx, _ auth.User) error {
			db, ok := tx.Handle().(executor)
			if !ok {
				return errors.New("this store has no SQL")
			}
			short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			defer cancel()
			_, err := db.ExecContext(short,
				"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000)"+
					" INSERT INTO profiles (user_id, name) SELECT 'z' || i, '' FROM n")
			if err == nil {
				return errors.New("the statement was not interrupted")
			}
			return nil
		}
	})
	p.w = w
	p.create()
	_, err := w.CreateUser(w.ctx, w.op, auth.UserInput{Username: "ada"}, home)
	if err == nil {
		t.Fatal("the account was made")
	}
	list, err := w.Users(w.ctx, w.op, auth.UserFilter{})
	w.must(err)
	if len(list.Items) != 0 || p.count(0) != 0 {
		t.Fatalf("%d users and %d profiles are left", len(list.Items), p.count(0))
	}
}

// failingHookCostsNoTry checks that a sign-in that failed because of a hook does not count as a
// try. It also checks that a panic after the commit is reported and stops nothing else.
func failingHookCostsNoTry(t *testing.T, open Open) {
	broken, ran := true, 0
	var reported []error
	w := setup(t, open, func(c *auth.Config) {
		c.Report = func(err error) { reported = append(reported, err) }
		c.Hooks.SigningIn = func(_ context.Context, tx auth.Tx, _ auth.User, _ auth.Session) error {
			if broken {
				return fmt.Errorf("inside: %w", auth.ErrNotFound)
			}
			tx.AfterCommit(func(context.Context) { panic("after") })
			tx.AfterCommit(func(context.Context) { ran++ })
			return nil
		}
	})
	w.signUp("ada")
	for range 30 {
		if err := w.guess(w.Service, "ada", pass, home); err == nil || errors.Is(err, auth.ErrNotFound) ||
			errors.Is(err, auth.ErrTooManyAttempts) {
			t.Fatal(err)
		}
	}
	broken = false
	w.must(w.guess(w.Service, "ada", pass, home))
	if ran != 1 || len(reported) != 1 {
		t.Fatalf("%d functions ran after the commit, want 1; reported: %v", ran, reported)
	}
}
