package main

import (
	"os"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if strings.HasSuffix(f.Name(), ".eml") {
			names = append(names, f.Name())
		}
	}
	return names
}

// notebook plays the published notebook "Registering Users in Syft Datasite Server".
type notebook struct {
	hosttest.Client
	root string // token of the root client
}

// login is server.login.
func (n *notebook) login(email, password string) string {
	n.T.Helper()
	return n.Call("POST", "/login", "", body("email", email, "password", password)).Want(200, "").Member("access_token")
}

// register is client.register. An empty token is a client without an account.
func (n *notebook) register(token, email, password, name string) hosttest.Reply {
	n.T.Helper()
	return n.Call("POST", "/register", token, body(
		"email", email, "password", password, "password_verify", password, "name", name,
	))
}

// signupEnabled is root_client.settings.get().signup_enabled.
func (n *notebook) signupEnabled() bool {
	n.T.Helper()
	return hosttest.Read[settingsJSON](n.Call("GET", "/settings", n.root, "").Want(200, "")).SignupEnabled
}

// allowGuestSignup is root_client.settings.allow_guest_signup.
func (n *notebook) allowGuestSignup(enable bool) {
	n.T.Helper()
	got := n.Call("PATCH", "/settings", n.root, body("signup_enabled", enable)).Want(200, "")
	if hosttest.Read[settingsJSON](got).SignupEnabled != enable {
		n.T.Errorf("%s", got.Text)
	}
}

// The steps of the notebook, cell by cell, with the assertions of its cells. An error there is
// a 403 here, a success a 201.
func TestNotebook(t *testing.T) {
	t.Parallel()
	for database := range hosttest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t, database)
			p.vars["DATASITE_ROOT_PASSWORD"] = "abc54321"
			c, out, _ := p.start("--root-email", "sba23021@student.cct.ie") // In [3]
			if !strings.Contains(out.String(), "Demo administrator: sba23021@student.cct.ie") ||
				strings.Contains(out.String(), "abc54321") {
				t.Errorf("%s", out)
			}
			n := &notebook{Client: c}
			n.root = n.login("sba23021@student.cct.ie", "abc54321") // In [4]

			// In [6] to [9]: by default registration is disabled. Only root can register.
			response1 := n.register(n.root, "sba23027@student.cct.ie", "wyz98765", "Kylian Junior")
			response2 := n.register("", "sba23028@student.cct.ie", "1rIzHAx6uQaP", "Victoria Zambrotta")
			response3 := n.register("", "sba23029@student.cct.ie", "5v1ei4OM2N4m", "Kevin Brennans")
			if n.signupEnabled() {
				t.Error("signup is enabled")
			}
			response1.Want(201, "")
			response2.Want(403, "signup_closed")
			response3.Want(403, "signup_closed")

			// In [10] to [15]: root enables registration, then guests can register.
			n.Call("GET", "/settings", n.root, "").Want(200, "")
			n.allowGuestSignup(true)
			n.root = n.login("sba23021@student.cct.ie", "abc54321")
			response2 = n.register("", "sba23028@student.cct.ie", "1rIzHAx6uQaP", "Victoria Zambrotta")
			response3 = n.register("", "sba23029@student.cct.ie", "5v1ei4OM2N4m", "Kevin Brennans")
			if !n.signupEnabled() {
				t.Error("signup is disabled")
			}
			response2.Want(201, "")
			response3.Want(201, "")

			// In [16] to [20]: and no more when it is disabled again.
			n.allowGuestSignup(false)
			n.root = n.login("sba23021@student.cct.ie", "abc54321")
			response2 = n.register("", "sba23030@student.cct.ie", "SKY5cC2zQPRP", "Thomas Stankovic")
			response3 = n.register("", "sba23031@student.cct.ie", "7eVGUuNDyH8P", "Elena Vinokurov")
			if n.signupEnabled() {
				t.Error("signup is enabled")
			}
			response1.Want(201, "")
			response2.Want(403, "signup_closed")
			response3.Want(403, "signup_closed")

			// The accounts that were made are there, and no others.
			n.login("sba23027@student.cct.ie", "wyz98765")
			n.login("sba23028@student.cct.ie", "1rIzHAx6uQaP")
			list := hosttest.Read[pageJSON](n.Call("GET", "/users", n.root, "").Want(200, ""))
			if len(list.Items) != 4 {
				t.Errorf("%+v", list.Items)
			}
		})
	}
}
