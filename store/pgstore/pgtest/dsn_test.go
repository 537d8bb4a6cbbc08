package pgtest_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

func TestSchemasAreApart(t *testing.T) {
	t.Parallel()
	for range 2 {
		conn := connect(t, pgtest.DSN(t))
		if _, err := conn.Exec(t.Context(), "CREATE TABLE same_name (n int)"); err != nil {
			t.Error(err)
		}
	}
}

func TestParamReachesTheServer(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Param(pgtest.Param(
		pgtest.DSN(t), "application_name", "a b'c&d=e",
	), "default_transaction_isolation", "repeatable read")
	conn := connect(t, dsn)
	for name, want := range map[string]string{
		"application_name": "a b'c&d=e", "default_transaction_isolation": "repeatable read",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), "SHOW "+name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", name, got, err, want)
		}
	}
}

func TestParamOnKeywords(t *testing.T) {
	t.Parallel()
	if got := pgtest.Param("host=/tmp user=u", "search_path", "s"); got != "host=/tmp user=u search_path='s'" {
		t.Error(got)
	}
}

// TestNothingIsLeft runs this test binary again, kills it while it uses a server, and waits for
// the server to go away.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	if os.Getenv("HALLPASS_TEST_PG_DSN") != "" {
		t.Skip("the server is not ours")
	}
	pgtest.DSN(t)                      // skips without PostgreSQL
	dir, err := os.MkdirTemp("", "hp") // short, and open to the server's user
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestHang$", "-test.v")
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "HALLPASS_TEST_HANG=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 4096)
	for text := ""; !strings.Contains(text, "running"); {
		n, err := out.Read(said)
		if err != nil {
			t.Fatalf("%v after %q", err, text)
		}
		text += string(said[:n])
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "hallpass-pg-*", "data", "postmaster.pid")); len(left) != 1 {
		t.Fatalf("the server keeps its files in %v", left)
	}
	if err := errors.Join(cmd.Process.Kill(), ignoreExit(cmd.Wait())); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		left, err := os.ReadDir(dir)
		if err == nil && len(left) == 0 {
			return
		}
		if time.Since(start) > 20*time.Second {
			t.Fatalf("left behind: %v, %v", left, err)
		}
	}
}

func ignoreExit(err error) error {
	if e := new(exec.ExitError); errors.As(err, &e) {
		return nil
	}
	return err
}

// TestHang is what TestNothingIsLeft kills.
func TestHang(t *testing.T) {
	if os.Getenv("HALLPASS_TEST_HANG") == "" {
		t.Skip("runs only as a child of TestNothingIsLeft")
	}
	conn := connect(t, pgtest.DSN(t))
	os.Stdout.WriteString("running\n")
	_, _ = conn.Exec(t.Context(), "SELECT pg_sleep(60)")
}
