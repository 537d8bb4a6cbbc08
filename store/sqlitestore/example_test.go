package sqlitestore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store/sqlitestore"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	st, err := sqlitestore.Open(ctx, filepath.Join(dir, "app.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer st.Close()
	// the secret must be random and kept
	accounts, err := auth.New(st.Auth(), auth.Config{Secret: make([]byte, 32), BaseURL: "https://app.example"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ada, err := accounts.CreateUser(
		ctx, accounts.Operator("example"), auth.UserInput{Username: "ada", Password: "violet engine 42"}, auth.Client{},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	stored, err := st.Auth().Account(ctx, ada.ID)
	fmt.Println(stored.Username, stored.Status, err)
	// Output: ada active <nil>
}

func ExampleStore_Backup() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	st, err := sqlitestore.Open(ctx, filepath.Join(dir, "app.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer st.Close()
	fmt.Println(st.Backup(ctx, filepath.Join(dir, "monday.db")))
	// Output: <nil>
}
