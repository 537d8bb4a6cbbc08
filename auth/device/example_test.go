package device_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// A program shows a code, a person who is signed in allows it, and the program gets its tokens.
func Example() {
	ctx := context.Background()
	st, clock := memstore.New(), authtest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	accounts, err := auth.New(st.Auth(), auth.Config{
		Secret: []byte("32 bytes or more from a key file"), BaseURL: "https://app.example", Now: clock.Now,
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
		AllowManagerPasswords: true,
	})
	check(err)
	devices, err := device.New(accounts, st.Devices())
	check(err)
	const pw = "tiny horse 42 staple"
	op := accounts.Operator("set-up")
	_, err = accounts.CreateUser(ctx, op, auth.UserInput{Username: "ada", Password: pw}, auth.Client{})
	check(err)

	tv, err := devices.Begin(ctx, device.Request{ClientName: "television"})
	check(err)
	_, err = devices.Redeem(ctx, tv.DeviceCode.Reveal(), "", auth.Client{})
	fmt.Println(errors.Is(err, device.ErrSlowDown)) // it did not wait for its interval

	ada, err := accounts.PasswordGrant(ctx, auth.SignInRequest{Login: "ada", Password: pw})
	check(err)
	p, err := accounts.Authenticate(ctx, ada.Access)
	check(err)
	g, err := devices.LookUp(ctx, p, tv.UserCode)
	check(err)
	fmt.Println("Allow", g.ClientName+"?")
	check(devices.Decide(ctx, p, tv.UserCode, device.Allow))

	clock.Advance(2 * tv.Interval)
	tokens, err := devices.Redeem(ctx, tv.DeviceCode.Reveal(), "", auth.Client{})
	check(err)
	fmt.Println(tokens.User.Username, tokens.Session.Method)
	// Output:
	// true
	// Allow television?
	// ada device_code
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
