package sharing_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// notebook is a host that shares its notes.
type notebook struct {
	accounts *auth.Service
	shares   *sharing.Service
	owners   map[string]auth.UserID // the host's own table: owner by id of the note
}

func newNotebook() *notebook {
	st, n := memstore.New(), &notebook{owners: map[string]auth.UserID{}}
	var err error
	n.accounts, err = auth.New(st.Auth(), auth.Config{
		Secret: []byte("32 bytes or more from a key file"), BaseURL: "https://app.example",
		Scopes: scopes.Model{
			Kinds: []scopes.Kind{{Name: "note"}},
			Scopes: []scopes.Definition{
				{Name: "read:notes", Label: "Read notes", Filters: []string{"note", "user", "group"}},
			},
		},
		Settings: policy.Settings{SignUp: policy.SignUpOpen},
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	n.shares, err = sharing.New(n.accounts, st.Sharing(), sharing.Config{
		Kinds:     map[string]sharing.Kind{"note": {Owners: n.find, Reshare: true}},
		AcceptURL: "https://app.example/share",
	})
	if err != nil {
		log.Fatal(err)
	}
	return n
}

// find is the ownership function: SELECT id, owner FROM notes WHERE id IN (…).
func (n *notebook) find(_ context.Context, ids []string) (map[string]auth.UserID, error) {
	out := map[string]auth.UserID{}
	for _, id := range ids {
		if owner, ok := n.owners[id]; ok {
			out[id] = owner
		}
	}
	return out, nil
}

// person makes a user and signs them in.
func (n *notebook) person(name string) *auth.Principal {
	ctx, pw := context.Background(), "tiny horse 42 staple"
	if _, err := n.accounts.CreateUser(
		ctx, nil, auth.UserInput{Username: name, Password: pw}, auth.Client{},
	); err != nil {
		log.Fatal(err)
	}
	tokens, err := n.accounts.PasswordGrant(ctx, auth.SignInRequest{Login: name, Password: pw})
	if err != nil {
		log.Fatal(err)
	}
	p, err := n.accounts.Authenticate(ctx, tokens.Access)
	if err != nil {
		log.Fatal(err)
	}
	return p
}

func (n *notebook) mayRead(p *auth.Principal, note string) bool {
	v, err := n.shares.Decide(context.Background(), p, "read:notes", auth.ResourceRef{Kind: "note", ID: note})
	if err != nil {
		log.Fatal(err)
	}
	return v == scopes.Allowed
}

// What a person passed on counts as long as they hold it themselves.
func Example() {
	ctx, n := context.Background(), newNotebook()
	ada, bob, cal := n.person("ada"), n.person("bob"), n.person("cal")
	note := auth.ResourceRef{Kind: "note", ID: "7"}
	n.owners["7"] = ada.User.ID

	first, err := n.shares.Create(ctx, ada, note, sharing.ShareInput{User: bob.User.ID})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := n.shares.Create(ctx, bob, note, sharing.ShareInput{User: cal.User.ID}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(n.mayRead(ada, "7"), n.mayRead(bob, "7"), n.mayRead(cal, "7"))
	if err := n.shares.Revoke(ctx, ada, note, sharing.Revocation{ID: first.ID}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(n.mayRead(ada, "7"), n.mayRead(bob, "7"), n.mayRead(cal, "7"))
	// Output:
	// true true true
	// true false false
}

// A code for one use is looked at, taken, and taken back with what it gave.
func ExampleService_CreateShareCode() {
	ctx, n := context.Background(), newNotebook()
	ada, bob, cal := n.person("ada"), n.person("bob"), n.person("cal")
	note := auth.ResourceRef{Kind: "note", ID: "7"}
	n.owners["7"] = ada.User.ID

	code, secret, err := n.shares.CreateShareCode(
		ctx, ada, note, sharing.ShareCodeInput{MaxUses: 1, Label: "for whoever helps", Next: "/notes/7"},
	)
	if err != nil {
		log.Fatal(err)
	}
	offer, err := n.shares.Preview(ctx, bob, secret.Reveal(), auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	got, err := n.shares.Accept(ctx, bob, secret.Reveal(), auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	_, late := n.shares.Accept(ctx, cal, secret.Reveal(), auth.Client{})
	fmt.Println(offer.Scopes[0].Label, got.Next, n.mayRead(bob, "7"), errors.Is(late, sharing.ErrShareCodeInvalid))
	if err := n.shares.RevokeShareCode(ctx, ada, note, code.ID, true); err != nil {
		log.Fatal(err)
	}
	fmt.Println(n.mayRead(bob, "7"))
	// Output:
	// Read notes /notes/7 true true
	// false
}

// The condition goes into the host's own query, beside conditions of its own.
func ExampleVisibility_Where() {
	v := sharing.Visibility{Owners: []auth.UserID{"0190d5c0-7a3e-7c1e-8000-000000000001"}, IDs: []string{"7", "12"}}
	where, values := v.Where(sharing.SQLite, sharing.Columns{Owner: "owner", ID: "id", IDType: "bigint"}, 1)
	fmt.Println("SELECT title FROM notes WHERE archived = 0 AND")
	fmt.Println(where)
	fmt.Println(values[1])
	// Output:
	// SELECT title FROM notes WHERE archived = 0 AND
	// (owner IN (SELECT value FROM json_each(?)) OR id IN (SELECT value FROM json_each(?)))
	// ["7","12"]
}
