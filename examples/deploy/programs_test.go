package deploy

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// program is an example that has an image.
type program struct {
	name   string
	folder string // where its code is, below examples
	prefix string
	port   string
	serve  []string // arguments to serve; the port is in them or in the environment
	image  []string // those of them that the image has
	help   []string // arguments that print its variables, which begin with prefix
	about  []string // arguments that need no database
	says   string   // what it prints then
	file   string   // its SQLite database, in the working directory
	key    string   // its key there, unless the environment names another file
	ready  string   // path that answers when it is ready
}

var programs = []program{
	{
		name: "server", folder: "server", prefix: "HALLPASS_", port: "8080",
		file: "hallpass.db", key: "hallpass.key", ready: "/readyz",
		serve: []string{"serve"},
		help:  []string{"serve", "--help"},
		about: []string{"version"}, says: "hallpass v0.0.0-test\n",
	},
	{
		name: "userauth", folder: "published/userauth", prefix: "USERAUTH_", port: "8000",
		file: "sqlite3.db", key: "userauth.key",
		ready: "/auth/policy",
		serve: []string{"server", "start", "--ip", "0.0.0.0", "--port", "8000", "--recogniser", "none"},
		image: []string{"server", "start", "--ip", "0.0.0.0", "--port", "8000"},
		help:  []string{"server", "start", "--help"},
		about: []string{"--help"}, says: "userauth",
	},
}

func programNamed(t *testing.T, name string) program {
	t.Helper()
	i := slices.IndexFunc(programs, func(p program) bool { return p.name == name })
	if i < 0 {
		t.Fatalf("there is no program %q", name)
	}
	return programs[i]
}

func TestProgramsAreThere(t *testing.T) {
	t.Parallel()
	for _, p := range programs {
		if _, err := os.Stat(filepath.Join("..", p.folder, "main.go")); err != nil {
			t.Error(err)
		}
	}
}
