// Command quickstart is the smallest host: one protected route, and accounts in a file.
//
//	go run ./examples/quickstart
//
// It keeps quickstart.db and quickstart.key in the working directory. Its own route is GET
// /hello, for signed-in users. Everything under /auth belongs to the library, with a reference
// page at /auth/redoc. The README calls it step by step.
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

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/httpadapter"
	"github.com/hallpass-go/hallpass/store/sqlitestore"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "where to listen")
	flag.Parse()
	ctx := context.Background()
	mux := http.NewServeMux()

	st, err := sqlitestore.Open(ctx, "quickstart.db")
	check(err)
	accounts, err := auth.New(st.Auth(), auth.Config{
		Secret:  secret("quickstart.key"), // at least 32 bytes, the same on every replica
		BaseURL: "http://" + *addr,
		// Anybody may sign up here, so that the first minute needs no admin. The default is
		// closed.
		Settings: auth.Settings{Signup: auth.SignupOpen},
	})
	check(err)
	check(accounts.Ready(ctx))
	hp, err := httpadapter.New(accounts, nil, httpadapter.Config{Prefix: "/auth"})
	check(err)
	mux.Handle("/auth/", hp)
	mux.Handle("GET /hello", hp.RequireUser(http.HandlerFunc(hello)))

	log.Print("listening on http://", *addr)
	srv := &http.Server{Addr: *addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(srv.ListenAndServe())
}

func hello(w http.ResponseWriter, r *http.Request) {
	p, _ := httpadapter.PrincipalFrom(r.Context())
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
