package sqlitestore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store/bunstore"
	"github.com/hallpass-go/hallpass/store/sqlitestore"
)

// A host keeps a table of profiles in step with the accounts. Hooks write to it in the
// transaction that creates or deletes the account, whoever asked for that.
func Example_hooks() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	check(err)
	defer os.RemoveAll(dir)
	st, err := sqlitestore.Open(ctx, filepath.Join(dir, "app.db"))
	check(err)
	defer st.Close()
	_, err = st.DB().ExecContext(
		ctx, "CREATE TABLE profiles (user_id TEXT PRIMARY KEY REFERENCES hallpass_users (id), bio TEXT NOT NULL)",
	)
	check(err)

	exec := func(ctx context.Context, tx auth.Tx, query string, args ...any) error {
		conn, _ := bunstore.ConnOf(tx)
		_, err := conn.ExecContext(ctx, query, args...)
		return err
	}
	accounts, err := auth.New(st.Auth(), auth.Config{
		Secret: make([]byte, 32), BaseURL: "https://app.example", // the secret must be random and kept
		Hooks: auth.Hooks{
			UserCreated: func(ctx context.Context, tx auth.Tx, u auth.User) error {
				tx.AfterCommit(func(context.Context) { fmt.Println("welcome,", u.Username) })
				return exec(ctx, tx, "INSERT INTO profiles (user_id, bio) VALUES (?, ?)", u.ID, "new here")
			},
			UserDeleting: func(ctx context.Context, tx auth.Tx, u auth.User) error {
				return exec(ctx, tx, "DELETE FROM profiles WHERE user_id = ?", u.ID)
			},
		},
	})
	check(err)
	count := func() (n int) {
		check(st.DB().QueryRowContext(ctx, "SELECT count(*) FROM profiles").Scan(&n))
		return n
	}
	ada, err := accounts.CreateUser(ctx, accounts.Operator("example"), auth.UserInput{Username: "ada"}, auth.Client{})
	check(err)
	fmt.Println(count(), "profile")
	check(accounts.DeleteUser(ctx, accounts.Operator("example"), ada.ID))
	fmt.Println(count(), "profiles")
	// Output:
	// welcome, ada
	// 1 profile
	// 0 profiles
}

// The library works in the host's own transaction: the account and the host's row commit
// together or not at all.
func Example_hostTransaction() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	check(err)
	defer os.RemoveAll(dir)
	st, err := sqlitestore.Open(ctx, filepath.Join(dir, "app.db"))
	check(err)
	defer st.Close()
	accounts, err := auth.New(st.Auth(), auth.Config{Secret: make([]byte, 32), BaseURL: "https://app.example"})
	check(err)

	tx, err := st.DB().BeginTx(ctx, nil)
	check(err)
	bound := accounts.WithStore(st.WithTx(tx).Auth())
	ada, err := bound.CreateUser(ctx, accounts.Operator("example"), auth.UserInput{Username: "ada"}, auth.Client{})
	check(err)
	// … the host's own statements on tx …
	check(tx.Rollback()) // or Commit, and then bound.Committed(ctx)

	_, err = accounts.User(ctx, accounts.Operator("example"), ada.ID)
	fmt.Println(err)
	// Output: not found
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
