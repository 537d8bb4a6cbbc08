package bunstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store/bunstore"
)

// A host brings its own pool, and does its own work and ours in one transaction.
func ExampleStore_WithTx() {
	signUp := func(ctx context.Context, db *sql.DB, st *bunstore.Store, accounts *auth.Service) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		in := accounts.WithStore(st.WithTx(tx).Auth())
		user, err := in.CreateUser(ctx, in.Operator("shop"), auth.UserInput{Username: "ada"}, auth.Client{})
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO shop_customers (user_id) VALUES ($1)", user.ID); err != nil {
			return err
		}
		return tx.Commit()
	}
	_ = signUp
}

// Schema returns the SQL for hosts with a migration tool of their own.
func ExampleSchema() {
	files, err := fs.Glob(bunstore.Schema(bunstore.Postgres), "*.sql")
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(files)
	// Output: [0001_accounts.sql 0002_groups.sql 0003_sharing.sql 0004_mail.sql]
}
