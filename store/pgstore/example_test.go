package pgstore_test

import (
	"context"
	"os"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store/pgstore"
)

func Example() {
	run := func(ctx context.Context, secret []byte) error {
		st, err := pgstore.Open(ctx, os.Getenv("DATABASE_URL")) // …?sslmode=verify-full
		if err != nil {
			return err
		}
		defer st.Close()
		accounts, err := auth.New(st.Auth(), auth.Config{Secret: secret, BaseURL: "https://app.example"})
		if err != nil {
			return err
		}
		return accounts.Ready(ctx)
	}
	_ = run
}
