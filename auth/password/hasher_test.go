package password_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hallpass-go/hallpass/auth/password"
)

// cheap keeps tests fast that do not test cost.
var cheap = password.Config{Params: password.Params{MemoryKiB: 8, Iterations: 1, Parallelism: 1}, AllowWeakParams: true}

func newHasher(t testing.TB, cfg password.Config) *password.Hasher {
	t.Helper()
	h, err := password.NewHasher(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func hash(t testing.TB, h *password.Hasher, pw string) string {
	t.Helper()
	s, err := h.Hash(t.Context(), pw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func verify(t testing.TB, h *password.Hasher, stored, pw string) password.Result {
	t.Helper()
	r, err := h.Verify(t.Context(), stored, pw)
	if err != nil {
		t.Fatalf("Verify(%q): %v", stored, err)
	}
	return r
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	var re *password.RuleError
	got := ""
	if errors.As(err, &re) {
		got = re.Code
	} else if err != nil {
		got = err.Error()
	}
	if got != code {
		t.Errorf("code %q, want %q", got, code)
	}
}

func TestSec_PW06_OnlyTheExactPasswordMatches(t *testing.T) {
	t.Parallel()
	h := newHasher(t, cheap)
	pw := strings.Repeat("abcdefgh", 128)
	stored := hash(t, h, pw)
	if !verify(t, h, stored, pw).Match {
		t.Fatal("the password itself does not match")
	}
	for _, at := range []int{1, 72, 73, 200, 1023, 1024} {
		other := []byte(pw)
		other[at-1] ^= 1
		if verify(t, h, stored, string(other)).Match {
			t.Errorf("matches with a difference in byte %d", at)
		}
	}
	stored = hash(t, h, "Tall oak tree")
	for _, other := range []string{"", " Tall oak tree", "Tall oak tree ", "tall oak tree", "Tall oak tree\n",
		"Tall oak tree\x00",
		"Tall oak tre", "Tall oak tree\xff", strings.Repeat("Tall oak tree", 400)} {
		if r := verify(t, h, stored, other); r != (password.Result{}) {
			t.Errorf("%.40q: %+v", other, r)
		}
	}
}

func FuzzVerifyExact(f *testing.F) {
	h := newHasher(f, cheap)
	f.Add("password", "passwort")
	f.Add("e\u0301", "\u00e9")
	f.Add("a", "a ")
	f.Add(strings.Repeat("x", 1024), strings.Repeat("x", 1025))
	f.Fuzz(func(t *testing.T, a, b string) {
		ta, errA := password.Normalize(a)
		tb, errB := password.Normalize(b)
		stored, err := h.Hash(t.Context(), a)
		if (err == nil) != (errA == nil) {
			t.Fatalf("Hash: %v, Normalize: %v", err, errA)
		}
		if err != nil {
			return
		}
		want := password.Result{Match: errB == nil && ta == tb}
		if got := verify(t, h, stored, b); got != want {
			t.Fatalf("hash of %q, verify %q: %+v, want %+v", a, b, got, want)
		}
	})
}

func TestSec_PW07_DefaultHashIsArgon2idWithRandomSalt(t *testing.T) {
	t.Parallel()
	f := strings.Split(hash(t, newHasher(t, password.Config{}), "correct horse"), "$")
	if len(f) != 6 {
		t.Fatalf("fields: %q", f)
	}
	if diff := cmp.Diff([]string{"", "argon2id", "v=19", "m=19456,t=2,p=1"}, f[:4]); diff != "" {
		t.Error(diff)
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(f[4])
	tag, err2 := base64.RawStdEncoding.DecodeString(f[5])
	if err1 != nil || err2 != nil || len(salt) != 16 || len(tag) != 32 {
		t.Errorf("salt %d bytes (%v), tag %d bytes (%v)", len(salt), err1, len(tag), err2)
	}
	h, seen := newHasher(t, cheap), map[string]bool{}
	for range 10_000 {
		seen[strings.Split(hash(t, h, "x"), "$")[4]] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("%d different salts in 10000 hashes", len(seen))
	}
}

func TestNewHasherReportsEveryProblem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg  password.Config
		want []string
	}{
		"all": {password.Config{Params: password.Params{MemoryKiB: 1 << 20, Iterations: 11}, Slots: -1, Queue: -1},
			[]string{"memory", "iterations", "parallelism", "slots", "queue"}},
		"zero iterations": {
			password.Config{Params: password.Params{MemoryKiB: 19456, Parallelism: 1}}, []string{"iterations"},
		},
		"memory below 8 lanes": {password.Config{
			Params: password.Params{MemoryKiB: 63, Iterations: 1, Parallelism: 8}, AllowWeakParams: true,
		},
			[]string{"memory"}},
		"weak": {password.Config{
			Params: password.Params{MemoryKiB: 19456, Iterations: 1, Parallelism: 1},
		}, []string{"AllowWeakParams"}},
		"small": {password.Config{
			Params: password.Params{MemoryKiB: 7167, Iterations: 10, Parallelism: 1},
		}, []string{"AllowWeakParams"}},
	} {
		_, err := password.NewHasher(c.cfg)
		for _, w := range c.want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v lacks %q", name, err, w)
			}
		}
	}
	for _, p := range []password.Params{{7168, 5, 1}, {47104, 1, 1}, {65536, 3, 4}, password.DefaultParams(), {}} {
		if _, err := password.NewHasher(password.Config{Params: p}); err != nil {
			t.Error(err)
		}
	}
}

func TestVerifyAsksForRehashOnlyAfterAMatchBelowToday(t *testing.T) {
	t.Parallel()
	today := newHasher(t, password.Config{
		Params: password.Params{MemoryKiB: 64, Iterations: 2, Parallelism: 1}, AllowWeakParams: true,
	})
	for _, c := range []struct {
		p    password.Params
		want bool
	}{
		{password.Params{64, 2, 1}, false}, {password.Params{64, 1, 1}, true}, {password.Params{63, 2, 1}, true},
		{password.Params{128, 3, 2}, false}, {password.Params{64, 2, 2}, false}, {password.Params{512, 1, 1}, true},
	} {
		stored := hash(t, newHasher(t, password.Config{Params: c.p, AllowWeakParams: true}), "pw")
		if r := verify(t, today, stored, "pw"); r != (password.Result{Match: true, Rehash: c.want}) {
			t.Errorf("%+v: %+v", c.p, r)
		}
		if r := verify(t, today, stored, "PW"); r != (password.Result{}) {
			t.Errorf("%+v: %+v for a wrong password", c.p, r)
		}
	}
	if r := verify(t, today, "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$"+strings.Repeat("A", 43), "x"); r.Match {
		t.Error("a wrong tag matches")
	}
}

func TestVerifyRefusesUnknownHash(t *testing.T) {
	t.Parallel()
	h := newHasher(t, cheap)
	for _, stored := range []string{"", "!", "plaintext", "$1$abc$def", "md5$a$b"} {
		if _, err := h.Verify(t.Context(), stored, "plaintext"); !errors.Is(err, password.ErrUnknownHash) {
			t.Errorf("%q: %v", stored, err)
		}
		if h.Recognised(stored) {
			t.Errorf("%q is recognised", stored)
		}
	}
}

// TestSec_EN02_EN03_AllVerificationsTakeAsLong measures time, so it is not parallel. It
// compares the fastest of several runs, which a busy machine disturbs least, and measures again
// if they differ. Work that is skipped or done twice shows up every time.
func TestSec_EN02_EN03_AllVerificationsTakeAsLong(t *testing.T) {
	h := newHasher(t, password.Config{Slots: 1})
	weak := hash(t, newHasher(t, password.Config{
		Params: password.Params{MemoryKiB: 9728, Iterations: 2, Parallelism: 1}, AllowWeakParams: true,
	}), "x")
	own := hash(t, h, "x")
	kinds := []verification{
		{"own", own, "x"}, {"wrong password", own, "y"}, {"unknown hash", "?", "x"}, {
			"too long", own, strings.Repeat("x", 5000),
		},
		{"half the memory", weak, "x"}, {
			"bcrypt 4", vectors["bcrypt 2b"], "x",
		}, {"pbkdf2", vectors["passlib sha256"], "x"}, {"dummy", "", ""},
	}
	var off []string
	for range 6 {
		if off = unequal(t, h, kinds); len(off) == 0 {
			return
		}
	}
	t.Error(strings.Join(off, "\n"))
}

type verification struct{ name, stored, pw string }

// unequal times each kind and describes those that do not take as long as the first.
func unequal(t *testing.T, h *password.Hasher, kinds []verification) (off []string) {
	t.Helper()
	fastest := make([]time.Duration, len(kinds))
	for round := range 10 {
		for i, k := range kinds {
			start := time.Now()
			if k.name == "dummy" {
				if err := h.VerifyDummy(context.Background(), "x"); err != nil {
					t.Fatal(err)
				}
			} else if _, err := h.Verify(t.Context(), k.stored, k.pw); err != nil &&
				!errors.Is(err, password.ErrUnknownHash) {
				t.Fatal(err)
			}
			if took := time.Since(start); round == 0 || took < fastest[i] {
				fastest[i] = took
			}
		}
	}
	for i, k := range kinds {
		ratio := fastest[i].Seconds() / fastest[0].Seconds()
		t.Logf("%-16s %.3f of a hash with today's parameters", k.name, ratio)
		if ratio < 0.6 || ratio > 1.5 {
			off = append(off, fmt.Sprintf("%s takes %.2f times as long", k.name, ratio))
		}
	}
	return off
}
