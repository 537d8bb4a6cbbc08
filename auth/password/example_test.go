package password_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/hallpass-go/hallpass/auth/password"
)

func Example() {
	ctx := context.Background()
	h, err := password.NewHasher(password.Config{})
	if err != nil {
		log.Fatal(err)
	}
	rules := password.Rules{SiteWords: []string{"Acme Notes"}}
	if err := rules.Check(ctx, "a rose is a rose", "gertrude"); err != nil {
		log.Fatal(err)
	}
	stored, err := h.Hash(ctx, "a rose is a rose")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stored[:30])
	for _, typed := range []string{"a rose is a rose", "a rose is a Rose"} {
		r, err := h.Verify(ctx, stored, typed)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.Match)
	}
	// Output:
	// $argon2id$v=19$m=19456,t=2,p=1
	// true
	// false
}

// A hash of an older system verifies, and is replaced when its owner signs in.
func ExampleHasher_Verify() {
	ctx := context.Background()
	h, err := password.NewHasher(password.Config{})
	if err != nil {
		log.Fatal(err)
	}
	stored := "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	r, err := h.Verify(ctx, stored, "U*U")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+v\n", r)
	if r.Rehash {
		if stored, err = h.Hash(ctx, "U*U"); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(stored[:9])
	// Output:
	// {Match:true Rehash:true}
	// $argon2id
}

func ExampleRules_Check() {
	rules := password.Rules{SiteWords: []string{"Acme Notes"}}
	for _, pw := range []string{"rose", "Password1", "gertrude1874", "acme-notes", "a rose is a rose"} {
		err := rules.Check(context.Background(), pw, "gertrude", "gertrude@example.org")
		if refused, ok := errors.AsType[*password.RuleError](err); ok {
			fmt.Println(refused.Code)
		} else if err == nil {
			fmt.Println("ok")
		}
	}
	// Output:
	// too_short
	// too_common
	// too_guessable
	// too_guessable
	// ok
}
