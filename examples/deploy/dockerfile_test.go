package deploy

import (
	"bytes"
	"fmt"
	"go/version"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

const dockerfile = "Dockerfile"

// stages maps names to the stages of the Dockerfile. The last stage has no name.
type stages map[string]instructions.Stage

// readDockerfile reads the file as BuildKit does. Warnings of BuildKit are errors here.
func readDockerfile(t *testing.T) (stages, []instructions.ArgCommand) {
	t.Helper()
	text, err := os.ReadFile(dockerfile)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range tree.Warnings {
		t.Errorf("warning: %s", w.Short)
	}
	list, args, err := instructions.Parse(tree.AST, linter.New(&linter.Config{Warn: func(
		rule, _, _, what string, at []parser.Range,
	) {
		t.Errorf("%v: %s: %s", at, rule, what)
	}}))
	if err != nil {
		t.Fatal(err)
	}
	byName := stages{}
	for _, s := range list {
		byName[s.Name] = s
	}
	if len(byName) != len(list) {
		t.Fatal("two stages have one name")
	}
	return byName, args
}

// only returns the single instruction of a kind in a stage.
func only[T instructions.Command](t *testing.T, s instructions.Stage) T {
	t.Helper()
	found := all[T](s)
	if len(found) != 1 {
		t.Fatalf("stage %q has %d of %T", s.Name, len(found), *new(T))
	}
	return found[0]
}

func all[T instructions.Command](s instructions.Stage) (found []T) {
	for _, c := range s.Commands {
		if c, ok := c.(T); ok {
			found = append(found, c)
		}
	}
	return found
}

// environment returns what ENV sets in a stage.
func environment(s instructions.Stage) map[string]string {
	env := map[string]string{}
	for _, c := range all[*instructions.EnvCommand](s) {
		for _, pair := range c.Env {
			env[pair.Key] = pair.Value
		}
	}
	return env
}

// The image is built by an exact version of Go that is new enough, from no other image, for the
// program that the build argument names.
func TestImageComesFromPinnedBases(t *testing.T) {
	t.Parallel()
	all, args := readDockerfile(t)
	want := []string{"", "base", "build"}
	for _, p := range programs {
		want = append(want, p.name)
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, want) {
		t.Fatalf("stages %q, want %q", got, want)
	}
	for name, from := range map[string]string{"": "$PROGRAM", "base": "scratch"} {
		if got := all[name].BaseName; got != from {
			t.Errorf("stage %q is from %q, want %q", name, got, from)
		}
	}
	for _, p := range programs {
		if got := all[p.name].BaseName; got != "base" {
			t.Errorf("stage %q is from %q", p.name, got)
		}
	}
	pin := regexp.MustCompile(`^golang:(\d+\.\d+\.\d+)-[a-z]+$`).FindStringSubmatch(all["build"].BaseName)
	if pin == nil {
		t.Fatalf("the build is from %q", all["build"].BaseName)
	}
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	needed := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(string(module))
	if needed == nil || version.Compare("go"+pin[1], "go"+needed[1]) < 0 {
		t.Errorf("the build has Go %s, the module needs %q", pin[1], needed)
	}
	if len(args) != 1 || args[0].Args[0].Key != "PROGRAM" || args[0].Args[0].Value == nil ||
		*args[0].Args[0].Value != "server" {
		t.Errorf("arguments before the first stage: %v", args)
	}
}

// The program runs as a user without rights and name, keeps its data on a volume, and is
// started without a shell.
func TestImageRunsAsNobody(t *testing.T) {
	t.Parallel()
	all, _ := readDockerfile(t)
	base := all["base"]
	if user := only[*instructions.UserCommand](t,
		base).User; !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(user) {
		t.Errorf("user %q", user)
	}
	volume, dir := only[*instructions.VolumeCommand](t, base).Volumes, only[*instructions.WorkdirCommand](t, base).Path
	if len(volume) != 1 || volume[0] != dir || dir != "/data" {
		t.Errorf("volume %q, working directory %q", volume, dir)
	}
	for _, p := range programs {
		stage := all[p.name]
		entry := only[*instructions.EntrypointCommand](t, stage)
		if entry.PrependShell || !slices.Equal(entry.CmdLine, []string{"/bin/" + p.name}) {
			t.Errorf("%s: entry point %q", p.name, entry.CmdLine)
		}
		var args []string
		for _, cmd := range allCmds(stage) {
			args = cmd.CmdLine
			if cmd.PrependShell {
				t.Errorf("%s: arguments for a shell", p.name)
			}
		}
		if !slices.Equal(args, p.image) {
			t.Errorf("%s: arguments %q, want %q", p.name, args, p.image)
		}
		if ports := only[*instructions.ExposeCommand](t, stage).Ports; !slices.Equal(ports, []string{p.port}) {
			t.Errorf("%s: ports %q", p.name, ports)
		}
		for _, c := range stage.Commands {
			switch c.(type) {
			case *instructions.EntrypointCommand, *instructions.CmdCommand, *instructions.ExposeCommand,
				*instructions.EnvCommand, *instructions.HealthCheckCommand:
			default:
				t.Errorf("%s: %s", p.name, c.Name())
			}
		}
	}
	for _, s := range all {
		for name := range environment(s) {
			if regexp.MustCompile(`(?i)password|secret|token`).MatchString(name) {
				t.Errorf("stage %q sets %s", s.Name, name)
			}
		}
	}
}

func imageUser(t *testing.T) string {
	t.Helper()
	stages, _ := readDockerfile(t)
	return only[*instructions.UserCommand](t, stages["base"]).User
}

func allCmds(s instructions.Stage) []*instructions.CmdCommand {
	return all[*instructions.CmdCommand](s)
}

// healthCheck returns the health check of a program's image, or nil.
func healthCheck(t *testing.T, name string) []string {
	t.Helper()
	stages, _ := readDockerfile(t)
	found := all[*instructions.HealthCheckCommand](stages[name])
	if len(found) == 0 {
		return nil
	}
	test := found[0].Health.Test
	if len(found) != 1 || len(test) < 2 || test[0] != "CMD" {
		t.Fatalf("%s: health check %q, which takes a shell", name, test)
	}
	return test[1:]
}

// buildStep returns the command that builds the programs, and its environment besides the build
// arguments.
func buildStep(t *testing.T) (command string, env map[string]string) {
	t.Helper()
	stages, _ := readDockerfile(t)
	for _, run := range all[*instructions.RunCommand](stages["build"]) {
		if line := strings.Join(run.CmdLine, " "); strings.Contains(line, "go build") {
			command += line
		}
	}
	if strings.Count(command, "go build") != 1 || strings.Count(command, "-o /out/ ") != 1 {
		t.Fatal(fmt.Errorf("the build step is %q", command))
	}
	return command, environment(stages["build"])
}
