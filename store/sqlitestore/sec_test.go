package sqlitestore

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hallpass-go/hallpass/store/bunstore/buntest"
)

func TestSec_IO04_HostileStringsRoundTrip(t *testing.T) {
	t.Parallel()
	buntest.HostileStrings(t, openFile(t, false), 10_000)
}

func TestSec_ID05_NULIsRefused(t *testing.T) {
	t.Parallel()
	buntest.BadText(t, openFile(t, false))
}

// TestSec_TK03_NoSecretInTheFiles looks for all secrets that were handed out in the file and
// its log, and again after the log was merged into the file. Free pages count too.
func TestSec_TK03_NoSecretInTheFiles(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	secrets := buntest.Secrets(t, st)
	look := func() {
		t.Helper()
		files, err := filepath.Glob(st.cfg.Path + "*")
		if err != nil || len(files) < 2 {
			t.Fatalf("files %v, %v", files, err)
		}
		var all []byte
		for _, path := range files {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all = slices.Concat(all, data)
		}
		buntest.NoSecretIn(t, all, secrets)
	}
	look()
	if _, err := st.DB().Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	look()
}

func TestSec_ID06_BytesDecide(t *testing.T) {
	t.Parallel()
	buntest.Order(t, openFile(t, false))
}
