package deploy

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

// composeFiles maps each program to its Compose file.
var composeFiles = map[string]string{"server": "compose.yaml", "userauth": "compose.userauth.yaml"}

const composePassword = "POSTGRES_PASSWORD=from-the-environment"

// readCompose reads a Compose file as Compose does, which checks it against the schema of the
// specification.
func readCompose(ctx context.Context, file string, env ...string) (*types.Project, error) {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithEnv(env), cli.WithResolvedPaths(true))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(ctx)
}

// service returns a service of a Compose file.
func service(t *testing.T, file, name string) types.ServiceConfig {
	t.Helper()
	project, err := readCompose(t.Context(), file, composePassword)
	if err != nil {
		t.Fatal(err)
	}
	s, err := project.GetService(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// No service has rights that it does not need.
func TestComposeIsHardened(t *testing.T) {
	t.Parallel()
	for _, file := range composeFiles {
		project, err := readCompose(t.Context(), file, composePassword)
		if err != nil {
			t.Fatal(err)
		}
		for name, s := range project.Services {
			if !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(s.User) || s.Privileged || len(s.CapAdd) > 0 {
				t.Errorf("%s: %s: user %q, privileged %t, more rights %v", file, name, s.User, s.Privileged, s.CapAdd)
			}
			if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) ||
				!slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) {
				t.Errorf("%s: %s: read-only %t, rights dropped %v, options %v", file, name, s.ReadOnly, s.CapDrop,
					s.SecurityOpt)
			}
			for _, p := range s.Ports {
				if p.HostIP != "127.0.0.1" {
					t.Errorf("%s: %s: port %s is open to %q", file, name, p.Published, p.HostIP)
				}
			}
			for _, v := range s.Volumes {
				if v.Type != types.VolumeTypeVolume {
					t.Errorf("%s: %s: %s of the machine is at %s", file, name, v.Source, v.Target)
				}
			}
		}
	}
}

// The program is built by the Dockerfile, listens on its port, and waits for a database that
// others can't reach.
func TestComposeStartsProgramOnItsDatabase(t *testing.T) {
	t.Parallel()
	for _, p := range programs {
		file := composeFiles[p.name]
		project, err := readCompose(t.Context(), file, composePassword)
		if err != nil {
			t.Fatal(err)
		}
		s, db := project.Services[p.name], project.Services["postgres"]
		if len(project.Services) != 2 || s.Build == nil || db.HealthCheck == nil {
			t.Fatalf("%s: services %v", file, project.ServiceNames())
		}
		top, err := filepath.Abs("../..")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(
			filepath.Join(s.Build.Context, s.Build.Dockerfile),
		); err != nil || s.Build.Context != top || *s.Build.Args["PROGRAM"] != p.name {
			t.Errorf("%s: built from %+v (%v)", file, s.Build, err)
		}
		if len(s.Entrypoint)+len(s.Command) > 0 || len(s.Ports) != 1 || s.Ports[0].Published != p.port ||
			strconv.Itoa(int(s.Ports[0].Target)) != p.port {
			t.Errorf("%s: command %v, ports %v", file, s.Command, s.Ports)
		}
		if s.DependsOn["postgres"].Condition != types.ServiceConditionHealthy {
			t.Errorf("%s: depends on %v", file, s.DependsOn)
		}
		if s.StopGracePeriod == nil || s.StopGracePeriod.String() != "15s" {
			t.Errorf("%s: stops within %v", file, s.StopGracePeriod)
		}
		if !slices.Contains(mountedAt(s), "/data") || !slices.Contains(mountedAt(db), "/var/lib/postgresql/data") {
			t.Errorf("%s: data at %v and %v", file, mountedAt(s), mountedAt(db))
		}
		if len(db.Ports) > 0 || len(db.Networks) != 1 || !project.Networks["database"].Internal {
			t.Errorf("%s: the database is reached by ports %v, networks %v", file, db.Ports, db.Networks)
		}
		for name := range db.Networks {
			if _, joins := s.Networks[name]; name != "database" || !joins || len(s.Networks) != 2 {
				t.Errorf("%s: the database is on %s, the program on %v", file, name, s.Networks)
			}
		}
	}
}

func mountedAt(s types.ServiceConfig) (paths []string) {
	for _, v := range s.Volumes {
		paths = append(paths, v.Target)
	}
	return paths
}

// Secrets are files that the user made, or come from the environment. No file here contains
// one, and nothing starts without them.
func TestComposeHasNoPasswords(t *testing.T) {
	t.Parallel()
	if _, err := readCompose(
		t.Context(), composeFiles["userauth"],
	); err == nil || !strings.Contains(err.Error(), "POSTGRES_PASSWORD") {
		t.Errorf("without a password: %v", err)
	}
	for program, file := range composeFiles {
		project, err := readCompose(t.Context(), file, composePassword)
		if err != nil {
			t.Fatal(err)
		}
		for name, secret := range project.Secrets {
			// Compose mounts nothing else into a container with a read-only root.
			if filepath.Base(filepath.Dir(secret.File)) != "secrets" || secret.Environment != "" ||
				secret.Content != "" {
				t.Errorf("%s: secret %s is %+v", file, name, secret)
			}
		}
		for service, s := range project.Services {
			for name, value := range s.Environment {
				if value == nil {
					t.Errorf("%s: %s: %s comes from whatever is there", file, service, name)
					continue
				}
				switch secret, isFile := secretAt(s, *value); {
				case isFile && (secret == "" || !strings.HasSuffix(name, "_FILE")):
					t.Errorf("%s: %s: %s is %s, which is not mounted", file, service, name, *value)
				case strings.Contains(name, "PASSWORD") && !isFile &&
					(program != "userauth" || name+"="+*value != composePassword):
					t.Errorf("%s: %s: %s is %q", file, service, name, *value)
				case strings.Contains(*value, "://") && strings.Contains(*value, "@"):
					t.Errorf("%s: %s: %s may have a password", file, service, name)
				}
			}
		}
	}
}

// secretAt returns the secret that is mounted at a path below /run/secrets.
func secretAt(s types.ServiceConfig, path string) (name string, ok bool) {
	if !strings.HasPrefix(path, "/run/secrets/") {
		return "", false
	}
	for _, secret := range s.Secrets {
		if path == "/run/secrets/"+secret.Source && (secret.Target == "" || secret.Target == path) {
			return secret.Source, true
		}
	}
	return "", true
}

// The programs know every variable of theirs that is set for them.
func TestComposeVariablesAreKnown(t *testing.T) {
	t.Parallel()
	for _, p := range programs {
		var names []string
		for name := range service(t, composeFiles[p.name], p.name).Environment {
			names = append(names, name)
		}
		knows(t, p, names)
	}
}

// knows checks that the help of a program names its variables. A variable that ends in _FILE
// may be the file of another one.
func knows(t *testing.T, p program, names []string) {
	t.Helper()
	help, err := exec.CommandContext(t.Context(), p.build(t), p.help...).Output()
	if err != nil {
		t.Fatal(err)
	}
	own := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasPrefix(name, p.prefix) })
	if len(own) == 0 {
		t.Errorf("%s: none of %q begins with %s", p.name, names, p.prefix)
	}
	for _, name := range own {
		if known := regexp.MustCompile(
			`\$(` + name + `|` + strings.TrimSuffix(name, "_FILE") + `)\b`,
		); !known.Match(help) {
			t.Errorf("%s does not know %s", p.name, name)
		}
	}
}

// What Compose starts serves, passes its health check, and ends when it is told to.
func TestComposeServes(t *testing.T) {
	t.Parallel()
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			s := service(t, composeFiles[p.name], p.name)
			env, files := map[string]string{}, map[string]string{"/data/": "", "/tmp/": ""}
			for name, value := range s.Environment {
				env[name] = *value
			}
			dsn := pgtest.DSN(t)
			for _, secret := range s.Secrets {
				files["/run/secrets/"+secret.Source] = dsn + "\n"
			}
			if p.name == "userauth" {
				maps.Copy(env, postgresVariables(t, dsn))
			}
			r := container{program: p, args: p.image, env: imageEnv(t, p.name, env), files: files}.start(t)
			r.wants(t, p.ready)
			check := healthCheck(t, p.name)
			if len(check) > 0 {
				if said, err := r.ask(t, check[1:]...); err != nil || check[0] != "/bin/"+p.name {
					t.Errorf("%q: %v, %s", check, err, said)
				}
			}
			r.end(t)
			if left := r.left(t); !slices.Equal(left, []string{p.key}) {
				t.Errorf("the volume has %q", left)
			}
			if len(check) > 0 {
				if said, err := r.ask(t, check[1:]...); err == nil {
					t.Errorf("after the end, the health check says %s", said)
				}
			}
		})
	}
}
