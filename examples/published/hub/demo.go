package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

// demoFile holds the passwords of the demo users, so that a second start can print them again.
// Only the user who runs the hub can read it.
const demoFile = "hub.demo.json"

// demoUsers are the people that the published notebook needs, and an admin.
var demoUsers = []struct {
	name  string
	roles []string
}{
	{"admin", []string{"user", "admin"}}, {"sharer", []string{"user", roleSharer}}, {"shared-with", []string{"user"}},
}

const demoToken = "demo: server of sharer"

// demo makes the demo users, a group and a running server if they are not there yet, and prints
// what the notebook reads. Each start makes a new token and ends the earlier ones.
func (e *env) demo(s *service) error {
	passwords, err := e.demoPasswords()
	if err != nil {
		return err
	}
	n := &names{s, map[string]string{}, map[string]server{}}
	users := map[string]auth.User{}
	for _, d := range demoUsers {
		u, found, err := n.user(e.ctx, d.name)
		if err == nil && !found {
			u, err = s.accounts.CreateUser(e.ctx, s.operator, auth.UserInput{
				Username: d.name, Password: passwords[d.name], Roles: d.roles,
			}, auth.Client{})
		}
		if err != nil {
			return fmt.Errorf("make demo user %s: %w", d.name, err)
		}
		users[d.name] = u
	}
	if _, err := s.accounts.Groups.Create(e.ctx, s.operator, auth.GroupInput{Name: "team"}); err == nil {
		err = s.accounts.Groups.AddMember(e.ctx, s.operator, "team", users["shared-with"].ID)
		if err != nil {
			return err
		}
	} else if !errors.Is(err, auth.ErrNameTaken) {
		return err
	}
	v, _, err := n.server(e.ctx, "sharer", "")
	if err != nil {
		return err
	}
	if !v.ready() {
		if err := s.servers.start(e.ctx, v.id, s.now()); err != nil {
			return err
		}
	}
	secret, err := s.serverToken(e.ctx, users["sharer"].ID, v, demoToken)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "hub serves %s\n", s.base)
	fmt.Fprintf(e.out, "Demo administrator: admin, password %s\n", passwords["admin"])
	fmt.Fprintf(e.out, "Demo user: sharer, password %s\n", passwords["sharer"])
	fmt.Fprintf(e.out, "Demo user: shared-with, password %s\n", passwords["shared-with"])
	fmt.Fprintln(e.out, "What a notebook on the server of sharer reads:")
	for _, line := range [][2]string{
		{"API_URL", s.base + api}, {"API_TOKEN", secret}, {"USER", "sharer"}, {"SERVER_NAME", v.name}, {"HOST", s.base},
		{"SERVICE_PREFIX", n.path(v)},
	} {
		fmt.Fprintf(e.out, "JUPYTERHUB_%s=%s\n", line[0], line[1])
	}
	return nil
}

// demoPasswords reads the passwords of the demo users, or makes them.
func (e *env) demoPasswords() (map[string]string, error) {
	path, out := e.path(demoFile), map[string]string{}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &out)
	} else if errors.Is(err, fs.ErrNotExist) {
		for _, d := range demoUsers {
			out[d.name] = strings.ToLower(rand.Text()[:16])
		}
		text, _ = json.MarshalIndent(out, "", "  ") // strings always encode
		err = os.WriteFile(path, append(text, '\n'), 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("passwords of the demo users: %w", err)
	}
	return out, nil
}
