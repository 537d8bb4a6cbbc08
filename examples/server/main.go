// Command server is hallpass as a standalone service. It serves the API under /auth, documents
// and health probes, and has commands for its operator.
//
//	go run ./examples/server
//
// It listens on 127.0.0.1:8080 and keeps hallpass.db and hallpass.key in the working directory.
// --help lists the commands and flags.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hallpass-go/hallpass/examples/internal/host"
)

func main() {
	host.Main(func(ctx context.Context, args []string) (status int) {
		return run(ctx, args, os.Stdin, os.Stdout, os.Stderr)
	})
}

// cli is the command line. Flags win over environment variables.
type cli struct {
	Serve       serveCmd       `cmd:"" default:"withargs" help:"Serve the API (default)."`
	CreateAdmin createAdminCmd `cmd:"" help:"Make an admin account, which may do everything."`
	MakeAdmin   makeAdminCmd   `cmd:"" help:"Make an existing user an admin."`
	User        userCmd        `cmd:"" help:"Show users and change their status."`
	Import      importCmd      `cmd:"" help:"Import the users of another system."`
	Settings    settingsCmd    `cmd:"" help:"Read and change settings."`
	Migrate     migrateCmd     `cmd:"" help:"Bring the database up to this version."`
	OpenAPI     openapiCmd     `cmd:"" name:"openapi" help:"Print the OpenAPI description."`
	Doctor      doctorCmd      `cmd:"" help:"Check key, database and set-up."`
	Health      healthCmd      `cmd:"" help:"Ask the running server whether it is ready."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// env is what a command works with.
type env struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer
	errOut io.Writer
}

// run runs one command line. An error is one line on errOut, and a status that is not zero.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	p := host.Program{
		Name: "server", About: "Accounts, sign-in and tokens.", CLI: &cli{}, Env: &env{ctx, in, out, errOut}, Out: out,
		ErrOut: errOut,
	}
	if err := readFileVariables(os.Environ(), os.Setenv); err != nil {
		return p.Fail(2, err)
	}
	return p.Run(args)
}

// readFileVariables reads HALLPASS_X from the file in HALLPASS_X_FILE, because container
// platforms hand out secrets as files. HALLPASS_KEY_FILE is a flag of its own.
func readFileVariables(environ []string, set func(name, value string) error) error {
	var errs []error
	for _, line := range environ {
		name, path, _ := strings.Cut(line, "=")
		name, ok := strings.CutSuffix(name, "_FILE")
		if !ok || !strings.HasPrefix(name, "HALLPASS_") || name == "HALLPASS_KEY" || path == "" {
			continue
		}
		text, err := os.ReadFile(path)
		if err == nil {
			err = set(name, strings.TrimRight(string(text), "\r\n"))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s_FILE: %w", name, err))
		}
	}
	return errors.Join(errs...)
}
