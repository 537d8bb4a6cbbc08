package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// newService is a service on an empty store, with open sign-up and cheap hashing.
func newService() *auth.Service {
	s, err := auth.New(memstore.New().Auth(), auth.Config{
		Secret:   []byte("32 bytes or more from a key file"),
		BaseURL:  "https://app.example",
		Settings: policy.Settings{SignUp: policy.SignUpOpen},
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	return s
}

// Sign up, sign in, and look at one's own login history.
func Example() {
	ctx := context.Background()
	s := newService()
	if err := s.Ready(ctx); err != nil {
		log.Fatal(err)
	}
	_, err := s.CreateUser(ctx, nil, auth.UserInput{Username: "ada", Password: "tiny horse 42 staple"}, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := s.PasswordGrant(ctx, auth.SignInRequest{Login: "Ada", Password: "tiny horse 42 staple"})
	if err != nil {
		log.Fatal(err)
	}
	p, err := s.Authenticate(ctx, tokens.Access)
	if err != nil {
		log.Fatal(err)
	}
	logins, err := s.History.Logins(ctx, p, p.User.ID, auth.LoginFilter{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.User.Username, logins.Items[0].Method, logins.Items[0].Outcome)
	// Output: ada password success
}

// The first admin comes from a token that only who started the server has seen.
func ExampleSetUp_CreateAdmin() {
	ctx := context.Background()
	s := newService()
	token, err := s.SetUp.NewToken(ctx)
	if err != nil {
		log.Fatal(err)
	}
	in := auth.SetUpInput{Token: token.Reveal(), Username: "root", Password: "tiny horse 42 staple"}
	admin, err := s.SetUp.CreateAdmin(ctx, in)
	if err != nil {
		log.Fatal(err)
	}
	_, again := s.SetUp.CreateAdmin(ctx, in)
	fmt.Println(admin.Roles, errors.Is(again, auth.ErrSetUpDone))
	// Output: [admin user] true
}

// A refresh token is used once and gives its successor.
func ExampleService_Refresh() {
	ctx := context.Background()
	s := newService()
	pw := "tiny horse 42 staple"
	if _, err := s.CreateUser(ctx, nil, auth.UserInput{Username: "ada", Password: pw}, auth.Client{}); err != nil {
		log.Fatal(err)
	}
	first, err := s.PasswordGrant(ctx, auth.SignInRequest{Login: "ada", Password: pw})
	if err != nil {
		log.Fatal(err)
	}
	next, err := s.Refresh(ctx, auth.RefreshRequest{Token: first.Refresh.Reveal()})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(next.Refresh, next.Session.ID == first.Session.ID)
	// Output: [redacted] true
}

// A manager with the scope users changes others, up to what they hold themselves.
func ExampleService_UpdateUser() {
	ctx := context.Background()
	s := newService()
	ada, err := s.CreateUser(ctx, s.Operator("example"), auth.UserInput{Username: "ada"}, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	disabled := auth.StatusDisabled
	ada, err = s.UpdateUser(ctx, s.Operator("example"), ada.ID, auth.UserPatch{Status: &disabled})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ada.Status)
	// Output: disabled
}

// A code is mailed, typed where it was asked for, and signs in.
func ExampleService_BeginEmailCode() {
	ctx := context.Background()
	box := mail.NewMemory() // in a program: mail.Console, smtpmail.Open or a Mailer of its own
	s, err := auth.New(memstore.New().Auth(), auth.Config{
		Secret: []byte("32 bytes or more from a key file"), BaseURL: "https://app.example", Mailer: box,
		Settings: policy.Settings{SignUp: policy.SignUpOpen},
		// so that a code alone can make an account
		Identifiers: policy.Identifiers{Username: policy.Off, Email: policy.Required},
	})
	if err != nil {
		log.Fatal(err)
	}
	flow, err := s.BeginEmailCode(ctx, "ada@example.org", emailcode.SignIn, auth.Client{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := s.Outbox.Deliver(ctx); err != nil { // go s.Run(ctx) does this by itself
		log.Fatal(err)
	}
	m, _ := box.Last("ada@example.org")
	proof := emailcode.Evidence{Flow: flow.ID, Secret: flow.Secret.Reveal(), Code: authtest.ReadMail(m).Code}
	in, err := s.SignInByCode(ctx, proof, auth.SignInRequest{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(in.User.Email, in.User.EmailVerified, in.Session.Method)
	_, err = s.SignInByCode(ctx, proof, auth.SignInRequest{})
	fmt.Println(errors.Is(err, auth.ErrBadCredentials))
	// Output:
	// ada@example.org true email_code
	// true
}
