package sqlitestore

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/bunstore"
)

// add stores an account.
func add(t testing.TB, st store.Store, id auth.UserID, name string) {
	t.Helper()
	err := st.Auth().CreateAccount(t.Context(), auth.Account{
		User: auth.User{ID: id, Username: name, Status: auth.StatusActive, CreatedAt: time.Now()}, UsernameKey: name,
	})
	if err != nil {
		t.Fatal(err)
	}
}

const (
	ada   = auth.UserID("01890a5d-ac96-774b-bcce-b302099a8057")
	grace = auth.UserID("01890a5d-ac96-774b-bcce-b302099a8058")
)

// TestSec_IO08_FileModes checks that nobody else on the machine can read the file, its log or a
// backup.
func TestSec_IO08_FileModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes here")
	}
	dir := filepath.Join(t.TempDir(), "made", "for it")
	st, err := Open(t.Context(), filepath.Join(dir, "app.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	add(t, st, ada, "ada")
	if err := st.Backup(t.Context(), filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{
		"app.db": 0o600, "app.db-wal": 0o600, "app.db-shm": 0o600, "copy.db": 0o600, ".": 0o700, "..": 0o700,
	} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", name, got, want)
		}
	}
}

func TestPathsAreTakenLiterally(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"plain.db", "a b.db", "a?mode=memory", "50%41.db", "a#b.db", "file:x.db", "ü'\".db",
		"&_pragma=query_only(1).db", "-x"} {
		st, err := Open(t.Context(), filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		add(t, st, ada, "ada")
		if err := st.Close(); err != nil {
			t.Errorf("%q: close: %v", name, err)
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%q: no such file was written: %v", name, err)
		}
	}
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("my notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct{ path, says string }{
		{dir, "is a directory"}, {
			text, "is not a SQLite database",
		}, {"", "no path"}, {filepath.Join(text, "x.db"), "not a directory"},
	} {
		st, err := Open(t.Context(), s.path)
		if err == nil {
			st.Close()
			t.Errorf("opened %q", s.path)
		} else if !strings.Contains(err.Error(), s.says) {
			t.Errorf("%q: %v does not say %q", s.path, err, s.says)
		}
	}
	if got, err := os.ReadFile(text); err != nil || string(got) != "my notes" {
		t.Errorf("the file was changed to %q, %v", got, err)
	}
}

func TestOpenRefusesNewerSchema(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	_, err := st.DB().Exec(
		"INSERT INTO hallpass_migrations SELECT 999, 'later', 'x', 999, applied_at FROM hallpass_migrations LIMIT 1",
	)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Open(t.Context(), st.cfg.Path); !errors.Is(err, bunstore.ErrNewerSchema) {
		t.Errorf("opened %v with %v", again, err)
	}
}

func TestMemoryIsOneDatabase(t *testing.T) {
	t.Parallel()
	st, err := Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	other, err := Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	add(t, st, ada, "ada")
	if _, err := st.Auth().Account(t.Context(), ada); err != nil {
		t.Errorf("the account is not there: %v", err)
	}
	if _, err := other.Auth().Account(t.Context(), ada); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("another memory database has it: %v", err)
	}
	if err := st.Backup(t.Context(), filepath.Join(t.TempDir(), "copy.db")); err != nil {
		t.Errorf("backup: %v", err)
	}
}

func TestBackupIsComplete(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	add(t, st, ada, "ada")
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := st.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if err := st.Backup(t.Context(), path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a backup wrote over another: %v", err)
	}
	add(t, st, grace, "grace")
	copied, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if _, err := copied.Auth().Account(t.Context(), ada); err != nil {
		t.Errorf("the copy lacks an account: %v", err)
	}
	if _, err := copied.Auth().Account(t.Context(), grace); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the copy has a later account: %v", err)
	}
}

func TestFailedBackupLeavesNoFile(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := st.Backup(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("backup: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}
}

func TestManyOpenersAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "shared.db")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			st, err := Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestAcknowledgedWritesAreInTheFiles(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	add(t, st, ada, "ada-lovelace-in-full")
	var all []byte
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(st.cfg.Path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	if !bytes.Contains(all, []byte("ada-lovelace-in-full")) {
		t.Error("the account is neither in the database nor in its log")
	}
	var level, keys int
	if err := st.DB().QueryRow("PRAGMA synchronous").Scan(&level); err != nil || level != 2 {
		t.Errorf("synchronous is %d, %v, want 2 (FULL)", level, err)
	}
	if err := st.reader.QueryRow("PRAGMA foreign_keys").Scan(&keys); err != nil || keys != 1 {
		t.Errorf("foreign_keys is %d, %v", keys, err)
	}
	if _, err := st.reader.Exec("DELETE FROM hallpass_users"); err == nil {
		t.Error("a reader wrote")
	}
}
