package pgstore_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store/bunstore"
	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

// A host has a native pgx pool. hallpass uses the same connections through database/sql, and
// hooks keep a table of profiles in step in the transaction that changes the account.
func Example_pgxPool() {
	run := func(ctx context.Context, pool *pgxpool.Pool, secret []byte) error {
		_, err := onPool(ctx, pool, secret)
		return err
	}
	_ = run
}

// onPool puts accounts on a pool, with a profile for each user.
func onPool(ctx context.Context, pool *pgxpool.Pool, secret []byte) (*auth.Service, error) {
	db := stdlib.OpenDBFromPool(pool)
	st, err := bunstore.New(db, bunstore.Postgres)
	if err != nil {
		return nil, err
	}
	if err := st.Migrate(ctx); err != nil {
		return nil, err
	}
	const table = "CREATE TABLE IF NOT EXISTS profiles (" +
		"user_id uuid PRIMARY KEY REFERENCES hallpass_users (id), bio text NOT NULL)"
	if _, err := pool.Exec(ctx, table); err != nil {
		return nil, err
	}
	exec := func(ctx context.Context, tx auth.Tx, query string, args ...any) error {
		conn, _ := bunstore.ConnOf(tx)
		_, err := conn.ExecContext(ctx, query, args...)
		return err
	}
	return auth.New(st.Auth(), auth.Config{
		Secret: secret, BaseURL: "https://app.example",
		Hooks: auth.Hooks{
			UserCreated: func(ctx context.Context, tx auth.Tx, u auth.User) error {
				return exec(ctx, tx, "INSERT INTO profiles (user_id, bio) VALUES ($1, $2)", u.ID, "new here")
			},
			UserDeleting: func(ctx context.Context, tx auth.Tx, u auth.User) error {
				return exec(ctx, tx, "DELETE FROM profiles WHERE user_id = $1", u.ID)
			},
		},
	})
}

// TestExamplePgxPool checks what the example promises.
func TestExamplePgxPool(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool, err := pgxpool.New(ctx, pgtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	accounts, err := onPool(ctx, pool, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	profiles := func() (n int) {
		if err := pool.QueryRow(ctx, "SELECT count(*) FROM profiles").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	op := accounts.Operator("test")
	ada, err := accounts.CreateUser(ctx, op, auth.UserInput{Username: "ada"}, auth.Client{})
	if err != nil || profiles() != 1 {
		t.Fatalf("%v, %d profiles", err, profiles())
	}
	if err := accounts.DeleteUser(ctx, op, ada.ID); err != nil || profiles() != 0 {
		t.Fatalf("%v, %d profiles", err, profiles())
	}

	// The other way round, our work in the host's transaction is rolled back with it.
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	st, err := bunstore.New(db, bunstore.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.WithStore(st.WithTx(tx).Auth()).CreateUser(
		ctx, op, auth.UserInput{Username: "bob"}, auth.Client{},
	); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil || profiles() != 0 {
		t.Fatalf("%v, %d profiles", err, profiles())
	}
}
