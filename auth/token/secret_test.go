package token_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth/token"
)

var classes = []token.Class{
	token.API, token.Refresh, token.Session, token.ShareCode, token.Invitation, token.Flow, token.Device, token.SetUp,
}

func TestSec_TK01_SecretsHave256RandomBits(t *testing.T) {
	t.Parallel()
	const alphabet = 62
	seen := map[string]bool{}
	var at [43]map[byte]bool
	for range 4000 {
		text := token.New(token.API).Reveal()
		if seen[text] {
			t.Fatal("made the same secret twice")
		}
		seen[text] = true
		for i := range at {
			if at[i] == nil {
				at[i] = map[byte]bool{}
			}
			at[i][text[len("hp_api_")+i]] = true
		}
	}
	for i := range at[1:] {
		if n := len(at[1:][i]); n != alphabet {
			t.Errorf("digit %d takes %d values", i+1, n)
		}
	}
	// 2^256 is 60.6 times 62^42, so the first digit is never the last of the alphabet.
	if n := len(at[0]); n != alphabet-1 {
		t.Errorf("the first digit takes %d values", n)
	}
}

func TestSecretsOfEveryClassParse(t *testing.T) {
	t.Parallel()
	for _, c := range classes {
		s := token.New(c)
		text := s.Reveal()
		if !strings.HasPrefix(text, "hp_"+string(c)+"_") || len(text) != 56 {
			t.Errorf("%s: a text of %d bytes", c, len(text))
		}
		got, err := token.Parse(c, text)
		if err != nil || !got.Equal(s) || got.Hash() != s.Hash() {
			t.Errorf("%s: parsed with %v", c, err)
		}
		for _, other := range classes {
			if _, err := token.Parse(other, text); (err == nil) != (other == c) {
				t.Errorf("%s read as %s: %v", c, other, err)
			}
		}
		if of, ok := token.ClassOf(text); of != c || !ok {
			t.Errorf("%s taken for %q, %v", c, of, ok)
		}
	}
	for _, text := range []string{
		"", "hp_", "hp_api", "hp_api-x", "hp_xyz_0", "HP_api_0", "xhp_api_0", "hp_API_0", strings.Repeat("_", 60),
	} {
		if c, ok := token.ClassOf(text); ok {
			t.Errorf("%q is of class %s", text, c)
		}
	}
}

func TestDerivedSecretsDependOnEveryPart(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{1}, 32)
	b := func(s string) []byte { return []byte(s) }
	all := []token.Secret{
		token.Derive(token.Refresh, key),
		token.Derive(token.Refresh, key, nil),
		token.Derive(token.Refresh, key, b("ab")),
		token.Derive(token.Refresh, key, b("a"), b("b")),
		token.Derive(token.Refresh, key, b("b"), b("a")),
		token.Derive(token.Refresh, key, b("ab"), nil),
		token.Derive(token.Refresh, key, nil, b("ab")),
		token.Derive(token.Refresh, bytes.Repeat([]byte{2}, 32), b("ab")),
	}
	seen := map[string]int{}
	for i, s := range all {
		if j, ok := seen[s.Reveal()]; ok {
			t.Errorf("%d and %d are the same", i, j)
		}
		seen[s.Reveal()] = i
		if _, err := token.Parse(token.Refresh, s.Reveal()); err != nil {
			t.Error(err)
		}
	}
	if again := token.Derive(token.Refresh, key, b("a"), b("b")); !again.Equal(all[3]) {
		t.Error("derived anew, it is another one")
	}
	api, refresh := token.Derive(token.API, key).Reveal(), token.Derive(token.Refresh, key).Reveal()
	if api[7:50] == refresh[7:50] {
		t.Error("two classes share a body")
	}
}

// These were computed independently of this package. Secrets already in use depend on them.
const (
	least     = "hp_api_000000000000000000000000000000000000000000032cEbf"
	greatest  = "hp_ses_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp12bAiBu"
	overflow  = "hp_ses_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp20NohDs" // 2^256, with a correct checksum
	allZ      = "hp_ses_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz1GNPIR" // also with a correct checksum
	derived   = "hp_ref_vCeS5mRuBkwRD9S3jIQyXN0vz6OG5w30jTJyVhStDbT2Pk0oe"
	codesKey  = "6f5536db7c3864b33bbe104343f0a9bfebd2edebf2f4fc0880febd1976e79b33"
	hostBytes = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f" +
		"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"
)

func TestFormOfSecretsIsStable(t *testing.T) {
	t.Parallel()
	if got := token.Derive(token.Refresh, []byte(hostBytes), []byte("session"), []byte{1}).Reveal(); got != derived {
		t.Errorf("derived %s", got)
	}
	if got := hex.EncodeToString(token.DeriveKey([]byte(hostBytes), "codes")); got != codesKey {
		t.Errorf("key %s", got)
	}
	if _, err := token.Parse(token.API, least); err != nil {
		t.Error("least:", err)
	}
	if _, err := token.Parse(token.Session, greatest); err != nil {
		t.Error("greatest:", err)
	}
}

func TestSec_TK02_OverflowRejected(t *testing.T) {
	t.Parallel()
	for _, text := range []string{overflow, allZ} {
		if _, err := token.Parse(token.Session, text); !errors.Is(err, token.ErrMalformed) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSec_TK02_ChecksumRejectedWithoutRead(t *testing.T) {
	t.Parallel()
	good := token.New(token.API).Reveal()
	for i := range good {
		for _, c := range []byte("0Az_é-") {
			if c == good[i] {
				continue
			}
			typo := good[:i] + string(rune(c)) + good[i+1:]
			if _, err := token.Parse(token.API, typo); !errors.Is(err, token.ErrMalformed) {
				t.Fatalf("a typo at %d: %v", i, err)
			}
		}
		if _, err := token.Parse(token.API, good[:i]); !errors.Is(err, token.ErrMalformed) {
			t.Fatalf("cut at %d: %v", i, err)
		}
		if i+1 < len(good) && good[i] != good[i+1] {
			swapped := good[:i] + good[i+1:i+2] + good[i:i+1] + good[i+2:]
			if _, err := token.Parse(token.API, swapped); !errors.Is(err, token.ErrMalformed) {
				t.Fatalf("swapped at %d: %v", i, err)
			}
		}
	}
	for _, text := range []string{
		"", good + "0", " " + good, good + "\n", strings.ToUpper(good), strings.Repeat(good, 1000),
	} {
		if _, err := token.Parse(token.API, text); !errors.Is(err, token.ErrMalformed) {
			t.Errorf("%.70q: %v", text, err)
		}
	}
}

func TestSec_TK02_PatternFindsEverySecret(t *testing.T) {
	t.Parallel()
	re := regexp.MustCompile(token.Pattern)
	for _, c := range classes {
		for range 50 {
			text := token.New(c).Reveal()
			for _, around := range []string{"%s", "token=%s", `{"t":"%s"}`, "a %s.", "https://x/%s?y", "Bearer %s\n"} {
				if got := re.FindString(fmt.Sprintf(around, text)); got != text {
					t.Fatalf("in %q: found %q", around, got)
				}
			}
		}
	}
	for _, text := range []string{
		"hp_xyz_" + strings.Repeat("0", 49), "hp_api_" + strings.Repeat("0", 48), "hp_api_" + strings.Repeat("0", 50),
	} {
		if re.MatchString(text) {
			t.Errorf("found %q", text)
		}
	}
}

func TestSec_TK03_OnlyTheHashIsKept(t *testing.T) {
	t.Parallel()
	s := token.New(token.Session)
	h := s.Hash()
	if h != sha256.Sum256([]byte(s.Reveal())) {
		t.Error("not the SHA-256 of the whole text")
	}
	if bytes.Contains(h[:], []byte("hp_")) || h.IsZero() || s.IsZero() {
		t.Error("the hash holds the text or nothing")
	}
	if zero := (token.Secret{}); !zero.Hash().IsZero() || !zero.IsZero() || zero.Reveal() != "" {
		t.Error("the zero secret is something")
	}
	if token.New(token.Session).Hash() == h {
		t.Error("two secrets, one hash")
	}
}

// Typed codes are short, so stores keep an HMAC of them under a derived key.
func TestSec_TK04_KeysForShortCodes(t *testing.T) {
	t.Parallel()
	secret := bytes.Repeat([]byte{7}, 32)
	a, b := token.DeriveKey(secret, "codes"), token.DeriveKey(secret, "signing keys")
	if len(a) != 32 || bytes.Equal(a, b) || bytes.Equal(a, secret) ||
		!bytes.Equal(a, token.DeriveKey(secret, "codes")) {
		t.Error("a key is short, shared between purposes or not stable")
	}
	if bytes.Equal(a, token.DeriveKey(bytes.Repeat([]byte{8}, 32), "codes")) {
		t.Error("two secrets give one key")
	}
}

func TestSec_TK09_SecretsPrintRedacted(t *testing.T) {
	t.Parallel()
	s := token.New(token.API)
	type holder struct {
		Secret token.Secret
		Ptr    *token.Secret
		hidden token.Secret
	}
	h := holder{s, &s, s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v", "%10.3s", "%!"} {
		for _, v := range []any{s, &s, []token.Secret{s}, map[string]token.Secret{"k": s}, h, &h, []any{s, h}} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	fmt.Fprintln(&out, s, &s, fmt.Errorf("wrapped: %v", s), s.String(), s.GoString())
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("signed in", "token", s, "ptr", &s, "holder", h, "any", []any{s})
	}
	enc := json.NewEncoder(&out)
	for _, v := range []any{s, &s, h, map[string]any{"k": s}, []token.Secret{s}} {
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := json.NewEncoder(&out).Encode(map[string]token.Secret{"k": s}); err != nil {
		t.Fatal(err)
	}
	_ = h.hidden
	body := s.Reveal()[7:50]
	if text := out.String(); strings.Contains(text, body) || strings.Contains(text, fmt.Sprintf("%x", body)) ||
		strings.Contains(text, fmt.Sprintf("%X", body)) {
		t.Errorf("a secret is in the output")
	}
	if n := strings.Count(out.String(), "[redacted]"); n < 40 {
		t.Errorf("only %d are called redacted", n)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, s); got != "[redacted]" {
			t.Errorf("%s: %s", verb, got)
		}
	}
	if reflect.TypeFor[token.Secret]().Comparable() {
		t.Error("secrets can be compared with ==")
	}
}

func TestSec_TK09_ErrorsHoldNoSecret(t *testing.T) {
	t.Parallel()
	text := token.New(token.API).Reveal()
	_, err := token.Parse(token.Refresh, text)
	if err == nil || strings.Contains(err.Error(), text[7:20]) {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("api", least)
	f.Add("ses", overflow)
	for _, c := range classes {
		f.Add(string(c), token.Derive(c, []byte("key")).Reveal())
	}
	f.Add("api", "")
	f.Add("", "hp__")
	f.Add("api", "hp_api_"+strings.Repeat("z", 49))
	f.Add("api", "hp_api_"+strings.Repeat("é", 25))
	re := regexp.MustCompile(token.Pattern)
	f.Fuzz(func(t *testing.T, class, text string) {
		claimed, known := token.ClassOf(text)
		s, err := token.Parse(token.Class(class), text)
		if err != nil {
			if !errors.Is(err, token.ErrMalformed) || !s.IsZero() {
				t.Fatalf("%v, and a secret %v", err, !s.IsZero())
			}
			return
		}
		if s.Reveal() != text {
			t.Fatal("the text was changed")
		}
		if known && (claimed != token.Class(class) || !re.MatchString(text)) {
			t.Fatalf("class %q read as %q", claimed, class)
		}
	})
}
