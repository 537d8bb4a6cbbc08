package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
)

func quietStore(t *testing.T) store {
	return store{path: filepath.Join(t.TempDir(), "config.json"),
		say: func(format string, args ...any) { t.Logf(format, args...) }}
}

// Reading returns what was saved, and other members stay.
func TestFileIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-097", "syftbox-095")
	s := quietStore(t)
	if err := os.WriteFile(s.path, []byte(`{"email":" Alice@Example.com ","data_dir":"~/SyftBox","client_timeout":60,"server_url":"https://box.example.org"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := s.load()
	if err != nil || a.Email != "alice@example.com" || a.Server != "https://box.example.org" || a.signedIn() {
		t.Fatalf("%+v %v", a, err)
	}
	a.Access, a.Refresh = "access", "refresh"
	if err := s.save(a); err != nil {
		t.Fatal(err)
	}
	again, err := s.load()
	if err != nil || !reflect.DeepEqual(again, a) {
		t.Errorf("%+v %v", again, err)
	}
	text, err := os.ReadFile(s.path)
	var members map[string]any
	if err != nil || json.Unmarshal(text, &members) != nil || members["data_dir"] != "~/SyftBox" ||
		members["client_timeout"] != 60.0 || members["access_token"] != "access" {
		t.Errorf("%s %v", text, err)
	}
}

// Printing or logging the content of the file shows no token.
func TestReportsShowNoToken(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-038")
	a := account{Server: "https://box.example.org", Email: "ada@example.org", Access: "not-to-be-shown", Refresh: "not-to-be-shown"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("report", "account", a, "token", a.Access)
	slog.New(slog.NewTextHandler(&log, nil)).Info("report", "account", a, "token", a.Access)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, v := range []any{
			a, &a, a.Access, []secret{a.Access}, tokens{a.Access, a.Refresh}, flow{Secret: a.Access},
		} {
			fmt.Fprintf(&log, verb+"\n", v)
		}
	}
	if said := log.String(); strings.Contains(said, "not-to-be-shown") || strings.Contains(said, "6e6f742d") ||
		!strings.Contains(said, "ada@example.org") {
		t.Error(said)
	}
}

// Only its owner can read the file, whatever mode it had before. Its folder is made.
func TestFileIsPrivate(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-094")
	s := newPlace(t).serve()
	mode := func(name string, want os.FileMode) {
		t.Helper()
		if info, err := os.Stat(filepath.Join(s.dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	a := s.signIn("ada@example.org", 1)
	mode("config.json", 0o600)
	if a.Access == "" || a.Refresh == "" || a.Server != s.url || a.Email != "ada@example.org" {
		t.Errorf("%v", a)
	}
	if err := os.Chmod(filepath.Join(s.dir, "config.json"), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, out, errOut := s.client(nil); status != 0 || !strings.Contains(out, "could be read by others") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	mode("config.json", 0o600)
	s.silent()
	s.signIn("bob@example.org", 1, "--config", filepath.Join("new", "folder", "box.json"))
	mode("new/folder/box.json", 0o600)
	mode("new/folder", 0o700)

	if err := os.Symlink(filepath.Join(s.dir, "config.json"), filepath.Join(s.dir, "link.json")); err != nil {
		t.Fatal(err)
	}
	s.clock.advance(time.Hour)
	s.silent("--config", "link.json") // it refreshes, and writes
	if info, err := os.Lstat(filepath.Join(s.dir, "link.json")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v %v", info, err)
	}
	s.silent()
}

// writeForEver is a client that keeps writing its file. Both tokens are always alike.
func writeForEver(path string) {
	s := store{path: path, say: func(string, ...any) {}}
	for i := 0; ; i++ {
		token := secret(strings.Repeat(fmt.Sprint(i%10), 200_000))
		if err := s.save(account{Server: "https://box.example.org", Email: "ada@example.org", Access: token, Refresh: token}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// A client that is killed while it writes leaves the old file or the new one. The next client
// removes the unfinished one.
func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	s := quietStore(t)
	for range 25 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "SYFTBOX_TEST_WRITE="+s.path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			if _, err := os.Stat(s.path); err == nil {
				break
			} else if time.Now().After(deadline) {
				t.Fatal("nothing is written")
			}
		}
		time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond) // anywhere within a write
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
		text, err := os.ReadFile(s.path)
		var a account
		if err != nil || json.Unmarshal(text, &a) != nil || len(a.Access) != 200_000 || a.Access != a.Refresh ||
			strings.Trim(string(a.Access), string(a.Access[:1])) != "" {
			t.Fatalf("%d bytes, %v", len(text), err)
		}
		if info, err := os.Stat(s.path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
	}
	left := filepath.Join(filepath.Dir(s.path), ".config.json-123")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.save(account{}); err != nil {
		t.Fatal(err)
	}
	if names, err := os.ReadDir(filepath.Dir(s.path)); err != nil || len(names) != 1 {
		t.Errorf("%v %v", names, err)
	}
}

// If the file can't be written, the old one stays and the client says so.
func TestFileThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := quietStore(t)
	if err := os.Mkdir(s.path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.save(
		account{Access: "not-to-be-shown"},
	); err == nil || strings.Contains(err.Error(), "not-to-be-shown") {
		t.Error(err)
	}
	if _, err := s.load(); err == nil || !strings.Contains(err.Error(), "is no file") {
		t.Errorf("a folder was read: %v", err)
	}
	if _, err := s.lock(t.Context()); err == nil {
		t.Error("a folder was locked")
	}
	if names, err := os.ReadDir(filepath.Dir(s.path)); err != nil || len(names) != 1 {
		t.Errorf("it left %v, %v", names, err)
	}
}

// Something that is not a regular file is left alone: a socket, and so a device, is not read,
// moved or given another mode.
func TestOnlyFilesAreTouched(t *testing.T) {
	t.Parallel()
	s := quietStore(t)
	ln, err := net.Listen("unix", s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	before, err := os.Lstat(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.load(); err == nil || !strings.Contains(err.Error(), "is no file") {
		t.Error(err)
	}
	if _, err := s.lock(t.Context()); err == nil {
		t.Error("it was locked")
	}
	after, err := os.Lstat(s.path)
	names, readErr := os.ReadDir(filepath.Dir(s.path))
	if err != nil || readErr != nil || after.Mode() != before.Mode() || len(names) != 1 {
		t.Errorf("%v became %v beside %v: %v %v", before.Mode(), after.Mode(), names, err, readErr)
	}
}

// One client works with the file, and the others wait until they are stopped.
func TestClientsTakeTurns(t *testing.T) {
	t.Parallel()
	s := quietStore(t)
	unlock, err := s.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.lock(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	unlock()
	var wait sync.WaitGroup
	var busy atomic.Bool // the race detector does not know of locks on files
	for range 8 {
		wait.Go(func() {
			unlock, err := s.lock(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			if busy.Swap(true) {
				t.Error("two at once")
			}
			time.Sleep(time.Millisecond) // gives another the chance to come in
			busy.Store(false)
		})
	}
	wait.Wait()
}
