package servicetest_test

import (
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// Codes use the whole alphabet evenly, and no two are alike.
func TestSec_RL04_CodesAreRandom(t *testing.T) {
	t.Parallel()
	seen, letters := map[string]bool{}, map[rune]int{}
	const codes = 500
	for range codes {
		code := emailcode.Show(emailcode.NewCode())
		seen[code] = true
		for _, r := range strings.ReplaceAll(code, "-", "") {
			letters[r]++
		}
	}
	if len(seen) != codes || len(letters) != len(emailcode.Alphabet) {
		t.Errorf("%d codes, %d letters", len(seen), len(letters))
	}
	for r, n := range letters { // 200 expected; six standard deviations
		if n < 110 || n > 290 || !strings.ContainsRune(emailcode.Alphabet, r) {
			t.Errorf("%c comes %d times", r, n)
		}
	}
}
