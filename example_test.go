package hallpass_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"

	"github.com/hallpass-go/hallpass"
	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// A host with one protected route: sign up, sign in, and call it with the cookie.
func Example() {
	hp, err := hallpass.New(memstore.New(), hallpass.Config{ // in a program: sqlitestore.Open or pgstore.Open
		Secret:   []byte("32 bytes or more from a key file"),
		BaseURL:  "http://localhost:8080",
		Accounts: auth.Config{Settings: policy.Settings{SignUp: policy.SignUpOpen}},
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/auth/", hp)
	mux.Handle("GET /hello", hp.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := hallpass.PrincipalFrom(r.Context())
		fmt.Printf("Hello, %s.\n", p.User.Username)
	})))

	srv := httptest.NewServer(mux)
	defer srv.Close()
	jar, _ := cookiejar.New(nil) // never fails
	browser := &http.Client{Jar: jar}
	post := func(path, body string) {
		answer, err := browser.Post(srv.URL+path, "application/json", strings.NewReader(body))
		fmt.Println(path, answer.StatusCode, err)
	}
	answer, err := browser.Get(srv.URL + "/hello")
	fmt.Println("/hello", answer.StatusCode, err)
	post("/auth/users", `{"username":"ada","password":"tiny horse 42 staple"}`)
	post("/auth/sessions", `{"login":"ada","password":"tiny horse 42 staple"}`)
	answer, err = browser.Get(srv.URL + "/hello")
	fmt.Println("/hello", answer.StatusCode, err)
	// Output:
	// /hello 401 <nil>
	// /auth/users 201 <nil>
	// /auth/sessions 201 <nil>
	// Hello, ada.
	// /hello 200 <nil>
}

// notebook is a library on an empty store, with notes to share and cheap hashing.
func notebook() (*memstore.Store, *hallpass.Hallpass) {
	st := memstore.New()
	hp, err := hallpass.New(st, hallpass.Config{
		Secret:  []byte("32 bytes or more from a key file"),
		BaseURL: "https://app.example",
		Accounts: auth.Config{
			Scopes: scopes.Model{
				Kinds: []scopes.Kind{{Name: "note"}},
				Scopes: []scopes.Definition{
					{Name: "read:notes", Label: "Read notes", Filters: []string{"note", "user"}},
				},
			},
			Hashing: password.Config{
				Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
			},
		},
		Sharing: sharing.Config{Kinds: map[string]sharing.Kind{"note": {}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	return st, hp
}

// person makes a user and signs them in.
func person(hp *hallpass.Hallpass, name string) *auth.Principal {
	ctx, pw := context.Background(), "tiny horse 42 staple"
	_, err := hp.Accounts.CreateUser(
		ctx, hp.Accounts.Operator("example"), auth.UserInput{Username: name, Password: pw}, auth.Client{},
	)
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := hp.Accounts.PasswordGrant(ctx, auth.SignInRequest{Login: name, Password: pw})
	if err != nil {
		log.Fatal(err)
	}
	p, err := hp.Accounts.Authenticate(ctx, tokens.Access)
	if err != nil {
		log.Fatal(err)
	}
	return p
}

// The owner of a note makes a code, and whoever accepts it may read the note.
func Example_sharing() {
	ctx := context.Background()
	_, hp := notebook()
	ada, bob := person(hp, "ada"), person(hp, "bob")
	note := auth.ResourceRef{Kind: "note", ID: "7"}
	if _, _, err := hp.Sharing.Put(ctx, ada, note); err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.Handle("GET /notes/{id}", hp.Require("read:notes", hallpass.Resource("note", "id"),
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "Buy milk.") })))
	read := func() {
		tokens, err := hp.Accounts.PasswordGrant(
			ctx, auth.SignInRequest{Login: "bob", Password: "tiny horse 42 staple"},
		)
		if err != nil {
			log.Fatal(err)
		}
		r, w := httptest.NewRequest("GET", "/notes/7", nil), httptest.NewRecorder()
		r.Header.Set("Authorization", "Bearer "+tokens.Access)
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	read()
	_, secret, err := hp.Sharing.CreateShareCode(ctx, ada, note, sharing.ShareCodeInput{MaxUses: 1})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := hp.Sharing.Accept(ctx, bob, secret.Reveal(), auth.Client{}); err != nil {
		log.Fatal(err)
	}
	read()
	// Output:
	// 404
	// 200
}

// A user and a note appear together, or not at all. A host with a transaction on its own
// database passes st.WithTx(tx), which sqlitestore, pgstore and bunstore have.
func ExampleRooms_WithStore() {
	ctx := context.Background()
	st, hp := notebook()
	ada := person(hp, "ada")
	var rooms hallpass.Rooms
	err := st.Tx(ctx, func(tx store.Store) error {
		rooms = hp.WithStore(tx)
		bob := auth.UserInput{Username: "bob"}
		if _, err := rooms.Accounts.CreateUser(
			ctx, rooms.Accounts.Operator("example"), bob, auth.Client{},
		); err != nil {
			return err
		}
		_, created, err := rooms.Sharing.Put(ctx, ada, auth.ResourceRef{Kind: "note", ID: "7"})
		fmt.Println("created:", created)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	rooms.Committed(ctx) // runs what hooks have left for after the commit
	bob, err := hp.Accounts.UserByLogin(ctx, hp.Accounts.Operator("example"), "bob")
	fmt.Println(bob.Username, err)
	// Output:
	// created: true
	// bob <nil>
}
