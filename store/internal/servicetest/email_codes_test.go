package servicetest_test

import (
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// Codes use all letters of the alphabet equally often, and no two codes are alike.
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
		t.Errorf("%d different codes, %d different letters", len(seen), len(letters))
	}
	for r, n := range letters { // 200 are expected, and six standard deviations allowed
		if n < 110 || n > 290 || !strings.ContainsRune(emailcode.Alphabet, r) {
			t.Errorf("%c appears %d times", r, n)
		}
	}
}
