package sqlitestore

import (
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
