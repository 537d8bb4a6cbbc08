package httpadapter_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/httpadapter"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// A host with one protected route: sign up, sign in, and call it with the cookie.
func Example() {
	accounts, err := auth.New(memstore.New().Auth(), auth.Config{
		Secret: []byte("32 bytes or more from a key file"), BaseURL: "http://localhost:8080",
		Settings: policy.Settings{SignUp: policy.SignUpOpen},
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
	mux := http.NewServeMux()
	mux.Handle("/auth/", hp)
	mux.Handle("GET /hello", hp.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := httpadapter.PrincipalFrom(r.Context())
		fmt.Fprintf(w, "Hello, %s.", p.User.Username)
	})))

	request := func(method, path, body string, cookies ...*http.Cookie) *http.Response {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Result()
	}
	fmt.Println(request("GET", "/hello", "").Status)
	fmt.Println(request("POST", "/auth/users", `{"username":"ada","password":"tiny horse 42 staple"}`).Status)
	signedIn := request("POST", "/auth/sessions", `{"login":"ada","password":"tiny horse 42 staple"}`)
	body, err := io.ReadAll(request("GET", "/hello", "", signedIn.Cookies()...).Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(body))
	// Output:
	// 401 Unauthorized
	// 201 Created
	// Hello, ada.
}
