package password_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth/password"
)

func TestSec_PW01_MinimumLength(t *testing.T) {
	t.Parallel()
	const odd = "vq7tzk2mwp4xjh9"
	for _, c := range []struct {
		rules password.Rules
		n     int
		code  string
	}{
		{
			password.Rules{}, 7, "too_short",
		}, {password.Rules{}, 8, ""}, {password.Rules{}, 14, ""}, {password.Rules{}, 15, ""},
		{password.Rules{Min: 8}, 7, "too_short"}, {password.Rules{Min: 8}, 8, ""},
		{password.Rules{Min: 15}, 7, "too_short"}, {password.Rules{Min: 15}, 8, "too_short"},
		{password.Rules{Min: 15}, 14, "too_short"}, {password.Rules{Min: 15}, 15, ""},
		{password.Rules{Min: 4}, 7, "too_short"}, // Validate would refuse Min, so 8 applies
		{password.Rules{Min: 4, AllowShort: true}, 4, ""}, {password.Rules{Min: 4, AllowShort: true}, 3, "too_short"},
		{password.Rules{AllowShort: true}, 7, "too_short"}, {password.Rules{}, 0, "too_short"},
	} {
		wantCode(t, c.rules.Check(t.Context(), odd[:c.n]), c.code)
	}
	for _, r := range []password.Rules{
		{Min: 7}, {Min: 1}, {Min: -1}, {Min: -1, AllowShort: true}, {Min: 65}, {Max: 255}, {Max: 1025}, {Max: -1},
	} {
		if r.Validate() == nil {
			t.Errorf("accepted Min %d Max %d", r.Min, r.Max)
		}
	}
	for _, r := range []password.Rules{
		{}, {Min: 8}, {Min: 15}, {Min: 64}, {Min: 1, AllowShort: true}, {Max: 256}, {Max: 1024},
	} {
		if err := r.Validate(); err != nil {
			t.Error(err)
		}
	}
	if err := (password.Rules{Min: 7, Max: 7}).Validate(); err == nil || !strings.Contains(err.Error(), "min") ||
		!strings.Contains(err.Error(), "max") {
		t.Errorf("not every problem: %v", err)
	}
}

func TestSec_PW02_LengthCountsCodePointsAfterNormalisation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, pw, code string }{
		{"15 emoji", strings.Repeat("\U0001F98A", 15), ""},
		{"14 emoji", strings.Repeat("\U0001F98A", 14), "too_short"},
		{"a letter with 15 marks, one of them composed away", "e" + strings.Repeat("\u0301", 15), ""},
		{"a letter with 14 marks, one of them composed away", "e" + strings.Repeat("\u0301", 14), "too_short"},
		{"8 letters of two code points", strings.Repeat("e\u0301", 8), "too_short"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantCode(t, password.Rules{Min: 15}.Check(t.Context(), c.pw), c.code)
		})
	}
}

func TestSec_PW03_LongPasswordsUpToTheCap(t *testing.T) {
	t.Parallel()
	h := newHasher(t, cheap)
	for _, pw := range []string{
		strings.Repeat("\U0001F98A", 64), strings.Repeat("xy", 512), strings.Repeat("e\u0301", 512),
	} {
		wantCode(t, password.Rules{}.Check(t.Context(), pw), "")
		if !verify(t, h, hash(t, h, pw), pw).Match {
			t.Errorf("%d bytes do not match", len(pw))
		}
	}
	wantCode(t, password.Rules{Max: 256}.Check(t.Context(), strings.Repeat("\U0001F98A", 64)), "")
	wantCode(t, password.Rules{Max: 256}.Check(t.Context(), strings.Repeat("\U0001F98A", 64)+"x"), "too_long")
	for _, n := range []int{1025, 4096, 4097, 1 << 20} {
		wantCode(t, password.Rules{}.Check(t.Context(), strings.Repeat("x", n)), "too_long")
	}
	wantCode(t, password.Rules{}.Check(t.Context(), "nul\x00in the middle"), "invalid")
	wantCode(t, password.Rules{}.Check(t.Context(), "not utf-8 \xff\xfe"), "invalid")
}

func TestSec_PW04_NoRulesOfComposition(t *testing.T) {
	t.Parallel()
	for _, pw := range []string{"aaaaaaaaaaaaaaab", "zzzzzzzzzzzzzzzzzzzzzzz", "only lower case words",
		"              .", "8675309867530986753"} {
		wantCode(t, password.Rules{Min: 15}.Check(t.Context(), pw), "")
	}
}

func TestSec_PW05_EveryListedPasswordIsRefused(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("common.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) < 5000 {
		t.Errorf("only %d passwords", len(lines))
	}
	last := ""
	for _, pw := range lines {
		if len(pw) < 8 || pw <= last || pw != strings.ToLower(pw) {
			t.Errorf("%q is short, not in lower case or out of order", pw)
		}
		last = pw
		wantCode(t, password.Rules{}.Check(t.Context(), pw), "too_common")
		wantCode(t, password.Rules{}.Check(t.Context(), strings.ToUpper(pw)), "too_common")
	}
	for _, pw := range []string{"Password1", "qwertyuiop", "12345678", "trustno1", "iloveyou", "JENNIFER"} {
		wantCode(t, password.Rules{}.Check(t.Context(), pw), "too_common")
	}
	for _, pw := range []string{"\u0001\u0001\u0001\u0001\u0001\u0001\u0001\u0001", "~~~~~~~~~~~~~~~~~~",
		"password\npassword1", "passwordd0x", last + "x"} {
		wantCode(t, password.Rules{}.Check(t.Context(), pw), "")
	}
}

func TestSec_PW05_ContextWordsAreRefused(t *testing.T) {
	t.Parallel()
	rules := password.Rules{SiteWords: []string{"Acme Notes"}}
	words := []string{"gertrude.stein", "bo", "gert@mail.example.org", "4815162342"}
	for _, c := range []struct{ pw, code string }{
		{"acmenotes", "too_guessable"}, {
			"Acme Notes!", "too_guessable",
		}, {"ACME-2024!", "too_guessable"}, {"acme12345678", "too_guessable"},
		{"gertrude", "too_guessable"}, {
			"Gertrude.Stein", "too_guessable",
		}, {"gertrudestein1", "too_guessable"}, {"1gertrude!", "too_guessable"},
		{
			"gertrudegertrude", "too_guessable",
		}, {"SteinStein99", "too_guessable"}, {"bo123456", "too_guessable"}, {"gertgert", "too_guessable"},
		{
			"gert@mail.example.org", "too_guessable",
		}, {"mail.example.org", "too_guessable"}, {"4815162342", "too_guessable"},
		{"acme123456789", ""}, {"gertrude is a rose", ""}, {"bobobobo", ""}, {"rosegertrude", ""}, {"48151623421", ""},
		{"gertrudesteingertrude", ""},
	} {
		t.Run(c.pw, func(t *testing.T) {
			t.Parallel()
			wantCode(t, rules.Check(t.Context(), c.pw, words...), c.code)
		})
	}
	wantCode(t, rules.Check(t.Context(), "vq7tzk2mwp4x", "", " ", ".", "\xff"), "")
}

func TestSec_PW05_ANameItselfIsRefused(t *testing.T) {
	t.Parallel()
	marks := strings.Repeat("\u0301", 40)
	for _, c := range []struct{ pw, name string }{
		{"a" + marks, "a" + marks}, {
			"A" + marks, "\u00e1" + marks[2:],
		}, {"x.y.z.x.y.z", "x.y.z.x.y.z"}, {"!?!?!?!?!?", "!?!?!?!?!?"},
		{
			"Zo\u00eb zo\u00eb zo\u00eb zo\u00eb", "zoe\u0308 ZOE\u0308 zo\u00eb zo\u00cb",
		}, {"\u03c3\u03c2\u03c3\u03c2\u03c3\u03c2\u03c3\u03c2", "\u03a3\u03a3\u03a3\u03a3\u03a3\u03a3\u03a3\u03a3"},
	} {
		wantCode(t, password.Rules{}.Check(t.Context(), c.pw, c.name), "too_guessable")
	}
}

func TestSec_PW05_BreachedIsAskedLast(t *testing.T) {
	t.Parallel()
	asked, down := 0, errors.New("down")
	rules := password.Rules{Breached: func(_ context.Context, pw string) (bool, error) {
		asked++
		if pw == "caf\u00e9 is down" {
			return false, down
		}
		return pw == "leaked long ago", nil
	}}
	wantCode(t, rules.Check(t.Context(), "leaked long ago"), "breached")
	wantCode(t, rules.Check(t.Context(), "never seen before"), "")
	if err := rules.Check(t.Context(), "cafe\u0301 is down"); !errors.Is(err, down) {
		t.Errorf("error %v", err)
	}
	wantCode(t, rules.Check(t.Context(), "password"), "too_common")
	if asked != 3 {
		t.Errorf("asked %d times", asked)
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"", "abc", "e\u0301", "\u00e9", "\u212b", "a\x00b", "\xff", "a" +
		strings.Repeat("\u0301", 40), "\U0001F98A", strings.Repeat("x", 1025)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, err := password.Normalize(s)
		if err != nil {
			var re *password.RuleError
			if text != "" || !errors.As(err, &re) {
				t.Fatalf("%q: %q, %v", s, text, err)
			}
			return
		}
		if len(text) > password.MaxBytes || strings.ContainsRune(text, 0) {
			t.Fatalf("%q gives %d bytes", s, len(text))
		}
		if again, err := password.Normalize(text); err != nil || again != text {
			t.Fatalf("%q is not stable: %q, then %q (%v)", s, text, again, err)
		}
		if err := (password.Rules{}).Check(t.Context(), s, s); err == nil {
			t.Fatalf("%q may be chosen by a user of that name", s)
		}
	})
}
