package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/memstore"
)

func Example() {
	ctx := context.Background()
	st := memstore.New()
	accounts, err := auth.New(st.Auth(), auth.Config{
		Secret: []byte("a secret for tests only, 32 bytes"), BaseURL: "https://app.example",
	})
	if err != nil {
		log.Fatal(err)
	}
	u, err := accounts.CreateUser(
		ctx, accounts.Operator("test"), auth.UserInput{
			Username: "ada", Password: "tiny horse 42 staple",
		}, auth.Client{},
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(u.Username, u.Roles)

	// A transaction that fails leaves nothing behind.
	errVeto := errors.New("vetoed")
	err = st.Tx(ctx, func(st store.Store) error {
		if err := st.Auth().DeleteAccount(ctx, u.ID); err != nil {
			return err
		}
		return errVeto
	})
	fmt.Println(err)
	_, err = st.Auth().Account(ctx, u.ID)
	fmt.Println(err)
	// Output:
	// ada [user]
	// vetoed
	// <nil>
}
