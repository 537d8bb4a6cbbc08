package examples

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"

	"github.com/hallpass-go/hallpass"
	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// library is hallpass on a store in memory, with open sign-up and hashing that is only for
// tests.
func library() *hallpass.Hallpass {
	hp, err := hallpass.New(memstore.New(), hallpass.Config{
		Secret: make([]byte, 32), BaseURL: "http://localhost",
		Accounts: auth.Config{
			Settings: policy.Settings{SignUp: policy.SignUpOpen},
			Hashing: password.Config{
				Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
			},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	return hp
}

// tour calls /hello without an account, signs up, signs in and calls it again.
func tour(h http.Handler) {
	call := func(method, path, body string, cookies []*http.Cookie) *http.Response {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	const ada = `"password":"tiny horse 42 staple"}`
	fmt.Println(call("GET", "/hello", "", nil).StatusCode)
	fmt.Println(call("POST", "/auth/users", `{"username":"ada",`+ada, nil).StatusCode)
	in := call("POST", "/auth/sessions", `{"login":"ada",`+ada, nil)
	text, err := io.ReadAll(call("GET", "/hello", "", in.Cookies()).Body)
	fmt.Println(string(text), err)
	fmt.Println(call("GET", "/auth//policy", "", nil).StatusCode)
}

func helloHandler(w http.ResponseWriter, r *http.Request) {
	p, _ := hallpass.PrincipalFrom(r.Context())
	fmt.Fprintf(w, "Hello, %s.", p.User.Username)
}

// In net/http, a middleware is a func(http.Handler) http.Handler. The mux itself redirects
// paths that are not clean.
func Example_netHTTP() {
	hp := library()
	mux := http.NewServeMux()
	mux.Handle("/auth/", hp)
	mux.Handle("GET /hello", hp.RequireUser(http.HandlerFunc(helloHandler)))
	tour(mux)
	// Output:
	// 401
	// 201
	// Hello, ada. <nil>
	// 307
}

// In chi, Mount leaves the path as it is, and With or Use take the middleware.
func Example_chi() {
	hp := library()
	r := chi.NewRouter()
	r.Mount("/auth", hp)
	r.With(hp.RequireUser).Get("/hello", helloHandler)
	tour(r)
	// Output:
	// 401
	// 201
	// Hello, ada. <nil>
	// 404
}

// In gin, WrapH takes the handler, and a middleware is three lines around Authenticate.
func Example_gin() {
	gin.SetMode(gin.ReleaseMode)
	hp := library()
	r := gin.New()
	r.Any("/auth/*path", gin.WrapH(hp))
	signedIn := func(c *gin.Context) {
		p, ok := hp.Authenticate(c.Writer, c.Request) // it has answered if it returns false
		if !ok {
			c.Abort()
			return
		}
		c.Request = c.Request.WithContext(hallpass.WithPrincipal(c.Request.Context(), p))
	}
	r.GET("/hello", signedIn, gin.WrapF(helloHandler))
	tour(r)
	// Output:
	// 401
	// 201
	// Hello, ada. <nil>
	// 404
}
