// Command quickstart is the smallest host: one protected route, and accounts in a file.
//
//	go run ./examples/quickstart
//
// It keeps quickstart.db and quickstart.key in the working directory. Its own route is GET
// /hello, for people who are signed in. Everything under /auth comes from the library, with a
// reference page at /auth/redoc. The README goes through it call by call.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/hallpass-go/hallpass"
	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/store/sqlitestore"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "where to listen")
	flag.Parse()
	ctx := context.Background()
	mux := http.NewServeMux()

	st, err := sqlitestore.Open(ctx, "quickstart.db")
	check(err)
	hp, err := hallpass.New(st, hallpass.Config{
		Secret:  secret("quickstart.key"), // at least 32 bytes, the same on every replica
		BaseURL: "http://" + *addr,
		// Anybody may sign up here, so that the first minute needs no admin. By default sign-up
		// is closed.
		Accounts: auth.Config{Settings: policy.Settings{SignUp: policy.SignUpOpen}},
	})
	check(err)
	mux.Handle("/auth/", hp)
	mux.Handle("GET /hello", hp.RequireUser(http.HandlerFunc(hello)))
	go hp.Run(ctx) // sends mail and removes what has expired

	log.Print("listening on http://", *addr)
	srv := &http.Server{Addr: *addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(srv.ListenAndServe())
}

func hello(w http.ResponseWriter, r *http.Request) {
	p, _ := hallpass.PrincipalFrom(r.Context())
	fmt.Fprintf(w, "Hello, %s.\n", p.User.Username)
}

// secret reads the key from a file. The first start makes the file.
func secret(path string) []byte {
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, 32)
		rand.Read(key) // never fails
		err = os.WriteFile(path, key, 0o600)
	}
	check(err)
	return key
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
