package emailcode_test

import (
	"testing"

	"github.com/hallpass-go/hallpass/auth/emailcode"
)

func FuzzTyped(f *testing.F) {
	for _, s := range []string{"", "BCDF-GHJK", "bcdf ghjk", "--", "\u0131", "BCDFGHJK\x00", "ＢＣＤＦ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := emailcode.Typed(text); emailcode.Typed(got) != got || len(got) > len(text)+3*len(text) {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}
