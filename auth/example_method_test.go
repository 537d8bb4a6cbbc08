package auth_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// directory knows the passwords of a company. A real one binds over LDAP.
type directory map[string]string

func (d directory) bind(name, pw string) bool { return pw != "" && d[name] == pw }

// byDirectory is the host's own way to sign in. Settings turn it on by its name.
var byDirectory = auth.SignInMethod{Name: "directory", Switched: true}

// signIn asks the directory instead of a stored password. The gate does the rest: it slows
// guessing, checks the account, writes the login history and makes the session.
func signIn(ctx context.Context, s *auth.Service, d directory, name, pw string) (auth.SignedIn, error) {
	attempt, err := s.Begin(ctx, name, byDirectory, auth.Client{})
	if err != nil {
		return auth.SignedIn{}, err
	}
	// The directory is asked whether or not there is such an account: both take the same time.
	if right := d.bind(name, pw); !right || !attempt.Found() {
		return auth.SignedIn{}, attempt.Fail(ctx, auth.ReasonWrongPassword)
	}
	proof := auth.Proof{User: attempt.User().ID, At: time.Now()}
	return attempt.Start(ctx, proof, auth.SessionWant{})
}

// A host adds a way to sign in of its own: a directory that knows the passwords.
func Example_method() {
	ctx := context.Background()
	s, err := auth.New(memstore.New().Auth(), auth.Config{
		Secret:   []byte("32 bytes or more from a key file"),
		BaseURL:  "https://app.example",
		Methods:  []auth.SignInMethod{byDirectory},
		Settings: policy.Settings{SignInMethods: []policy.Method{"directory"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := s.CreateUser(ctx, s.Operator("set-up"), auth.UserInput{Username: "ada"}, auth.Client{}); err != nil {
		log.Fatal(err)
	}
	company := directory{"ada": "tiny horse 42 staple"}
	_, err = signIn(ctx, s, company, "ada", "a guess")
	fmt.Println(err)
	v, err := signIn(ctx, s, company, "ada", company["ada"])
	fmt.Println(v.User.Username, v.Session.Method, err)
	// Output:
	// bad credentials
	// ada directory <nil>
}
