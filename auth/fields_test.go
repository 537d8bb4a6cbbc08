package auth

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// named is a service with the default rules for names; it has no store.
func named() *Service {
	return &Service{cfg: Config{UsernameRule: asciiUsername, Identifiers: policy.Identifiers{}.WithDefaults()}}
}

var hostileNames = []string{
	"", "me", "ME", "Me", "a b", " a", "a ", "a\x00b", "a\nb", "a/b", "a\\b", "a@b", "a%00", "ñandú",
	"аdmin" /* Cyrillic а */, "ℯve",
	"ad\u200dmin", "\u202enimda", "a\u0301", "...", "-", "_", ".", "..", strings.Repeat("a", 65),
	strings.Repeat("a", 1<<16), "\xff\xfe",
	"0190d5c0-7a3e-7c1e-8000-000000000001", "0190D5C0-7A3E-7C1E-8000-000000000001",
	"{0190d5c0-7a3e-7c1e-8000-000000000001}",
	"urn:uuid:0190d5c0-7a3e-7c1e-8000-000000000001", "0190d5c07a3e7c1e8000000000000001", "'; DROP TABLE users; --",
	"<b>x</b>", "a?b", "a$1",
}

func TestSec_ID01_UsernamesHaveOneCanonicalForm(t *testing.T) {
	t.Parallel()
	s := named()
	for name, want := range map[string]string{
		"ada": "ada", "Ada.Lovelace": "ada.lovelace", "A-_.9": "a-_.9", "007": "007",
		strings.Repeat("Z", 64): strings.Repeat("z", 64),
	} {
		if key, ok := s.usernameKey(name); !ok || key != want {
			t.Errorf("usernameKey(%q) = %q, %v", name, key, ok)
		}
	}
}

func TestSec_ID02_OnlyASCIINamesByDefault(t *testing.T) {
	t.Parallel()
	s := named()
	for _, name := range hostileNames {
		if key, ok := s.usernameKey(name); ok {
			t.Errorf("usernameKey(%.40q) = %q", name, key)
		}
	}
}

func FuzzUsername(f *testing.F) {
	for _, name := range hostileNames {
		f.Add(name)
	}
	s := named()
	f.Fuzz(func(t *testing.T, name string) {
		key, ok := s.usernameKey(name)
		if !ok {
			return
		}
		if again, ok := s.usernameKey(key); !ok || again != key {
			t.Errorf("key %q of %q has key %q, %v", key, name, again, ok)
		}
		if IsID(key) || key == "me" || strings.Contains(key, "@") {
			t.Errorf("%q may be a username", name)
		}
	})
}

var hostileEmails = []string{
	"", "@", "a@", "@b", "a", "a b@example.org", "a@example.org ", " a@example.org", "Ada <a@example.org>",
	"<a@example.org>",
	"a@example.org,b@example.org", "a@example.org;b@example.org", "a@b@c", `"a"@example.org`, `"a b"@example.org`,
	"a(comment)@example.org",
	"a@example.org\r\nBcc: b@example.org", "a\x00@example.org", "a@exa mple.org", "a@-example.org", "a@example-.org",
	"a@example..org", "a@.org",
	".a@example.org", "a.@example.org", "a..b@example.org", "mıke@example.org", "a@exámple.org", "a@[127.0.0.1]",
	"a@example.org\u202e",
	strings.Repeat("a", 65) + "@example.org", "a@" + strings.Repeat("b", 64) + ".org",
	"a@" + strings.Repeat("b.", 130) + "org", "\xff@example.org",
}

func TestSec_ID03_OneBareAddress(t *testing.T) {
	t.Parallel()
	for _, addr := range hostileEmails {
		if key, ok := mail.Canonical(addr); ok {
			t.Errorf("mail.Canonical(%.60q) = %q", addr, key)
		}
	}
	for addr, want := range map[string]string{
		"Ada@Example.org": "ada@example.org", "a+b@example.org": "a+b@example.org",
		"a.b@xn--exmple-cua.org": "a.b@xn--exmple-cua.org",
		"a@localhost":            "a@localhost", "o'hara_{x}@example.org": "o'hara_{x}@example.org",
	} {
		if key, ok := mail.Canonical(addr); !ok || key != want {
			t.Errorf("mail.Canonical(%q) = %q, %v", addr, key, ok)
		}
	}
}

func FuzzEmail(f *testing.F) {
	for _, addr := range append(hostileEmails, "Ada+x@Example.org") {
		f.Add(addr)
	}
	f.Fuzz(func(t *testing.T, addr string) {
		key, ok := mail.Canonical(addr)
		if !ok {
			return
		}
		if again, ok := mail.Canonical(key); !ok || again != key {
			t.Errorf("key %q of %q has key %q, %v", key, addr, again, ok)
		}
		if len(addr) > mail.MaxAddress || strings.ContainsAny(addr, " \r\n,;<>()\"\\\x00") ||
			strings.Count(addr, "@") != 1 {
			t.Errorf("accepted %q", addr)
		}
	})
}

func TestSec_ID05_ControlCharactersRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a\x00", "a\x1f", "a\x7f", "a\u0085", "a\u2028", "\xff", "a\r\nb"} {
		var f FieldsError
		var a Account
		setName(&f, &a, text)
		setExternalID(&f, &a, text)
		setAttributes(&f, &a, json.RawMessage(`{"k":"`+text+`"}`))
		want := 3
		if text == "a\x7f" || text == "a\u0085" || text == "a\u2028" {
			want = 2 // JSON text may hold these
		}
		if len(f.Fields) != want || a.Name != "" || a.ExternalID != "" {
			t.Errorf("%q: %d errors, stored %+v", text, len(f.Fields), a)
		}
	}
}

func TestSec_ID07_ReservedNamesAndLengths(t *testing.T) {
	t.Parallel()
	s := named()
	s.cfg.ReservedUsernames = []string{"house"}
	for _, name := range []string{"admin", "Root", "api", "HOUSE"} {
		for _, manager := range []bool{false, true} {
			var f FieldsError
			var a Account
			s.setUsername(&f, &a, name, manager)
			if (len(f.Fields) == 0) != manager {
				t.Errorf("%s, manager %v: %v", name, manager, f)
			}
		}
	}
	for length, ok := range map[int]bool{maxName: true, maxName + 1: false} {
		if _, got := displayName(strings.Repeat("é", length)); got != ok {
			t.Errorf("a name of %d code points: %v", length, got)
		}
	}
}

func FuzzDisplayName(f *testing.F) {
	f.Add("Ada")
	f.Add("a\u0301")
	f.Add("a\x00")
	f.Fuzz(func(t *testing.T, name string) {
		text, ok := displayName(name)
		if !ok {
			return
		}
		if again, ok := displayName(text); !ok || again != text || !utf8.ValidString(text) {
			t.Errorf("%q becomes %q, then %q", name, text, again)
		}
	})
}

func TestAttributesAreAnObject(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		"": "{}", "{}": "{}", ` { "a" : [1, 2] } `: `{"a":[1,2]}`,
		"null": "", "[]": "", `"x"`: "", "1": "", "{": "", "{}{}": "",
		`{"a":"` + strings.Repeat("x", maxAttributes) + `"}`: "",
	} {
		var f FieldsError
		var a Account
		setAttributes(&f, &a, json.RawMessage(doc))
		if string(a.Attributes) != want || (len(f.Fields) == 0) != (want != "") {
			t.Errorf("%.20q: stored %.30q, errors %v", doc, a.Attributes, f)
		}
	}
}

// A name or an address that went through the rules can't end a header line or an address list.
func TestSec_IO06_NoHeaderInjection(t *testing.T) {
	t.Parallel()
	for _, end := range []string{
		"\r\nBcc: eve@example.org", "\nBcc: eve@example.org", "\r", "\n", "\x00", "\u2028Bcc: x", "\u0085Bcc: x",
	} {
		if _, ok := displayName("Ada" + end); ok {
			t.Errorf("name with %q", end)
		}
		for _, addr := range []string{"ada@example.org" + end, "ada" + end + "@example.org"} {
			if _, ok := mail.Canonical(addr); ok {
				t.Errorf("address %q", addr)
			}
		}
		if _, ok := named().usernameKey("ada" + end); ok {
			t.Errorf("username with %q", end)
		}
	}
}
