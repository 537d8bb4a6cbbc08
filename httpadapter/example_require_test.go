package httpadapter_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/httpadapter"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// A scope of the host's own protects its notes: a role gives one note to its holders, and the
// rest looks absent.
func ExampleHandler_Require() {
	ctx := context.Background()
	accounts, err := auth.New(memstore.New().Auth(), auth.Config{
		Secret: []byte("32 bytes or more from a key file"), BaseURL: "http://localhost:8080",
		Scopes: scopes.Model{Kinds: []scopes.Kind{{Name: "note"}}, Scopes: []scopes.Definition{
			{Name: "read:notes", Label: "Read notes", Filters: []string{"note"}},
		}},
		Roles: []auth.Role{{Name: "reader", Scopes: []string{"read:notes!note=welcome"}}},
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	hp, err := httpadapter.New(accounts, httpadapter.Rooms{}, httpadapter.Config{Prefix: "/auth"})
	if err != nil {
		log.Fatal(err)
	}
	ada := auth.UserInput{Username: "ada", Password: "tiny horse 42 staple", Roles: []string{"reader"}}
	if _, err := accounts.CreateUser(ctx, accounts.Operator("example"), ada, auth.Client{}); err != nil {
		log.Fatal(err)
	}
	tokens, err := accounts.PasswordGrant(ctx, auth.SignInRequest{Login: "ada", Password: ada.Password})
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	notes := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.Handle("GET /notes/{id}", hp.Require("read:notes", httpadapter.Resource("note", "id"), notes))
	mux.Handle("GET /notes", hp.Require("read:notes", httpadapter.Everything(), notes))
	for _, path := range []string{"/notes/welcome", "/notes/diary", "/notes"} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Authorization", "Bearer "+tokens.Access)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(path, w.Code)
	}
	// Output:
	// /notes/welcome 200
	// /notes/diary 404
	// /notes 403
}
