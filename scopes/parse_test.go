package scopes_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

var parseTests = []struct {
	text string
	want scopes.Scope
	code string // code of the error; empty if the text parses
}{
	{"notes", scopes.Scope{Name: "notes"}, ""},
	{"notes!user", scopes.Scope{Name: "notes", Kind: "user"}, ""},
	{"notes!note", scopes.Scope{Name: "notes", Kind: "note"}, ""},
	{"notes!user=u1", scopes.Scope{Name: "notes", Kind: "user", Value: "u1"}, ""},
	{"notes!group=g1", scopes.Scope{Name: "notes", Kind: "group", Value: "g1"}, ""},
	{"notes!note=a/b", scopes.Scope{Name: "notes", Kind: "note", Value: "a/b"}, ""},
	{"notes!note=a=b", scopes.Scope{Name: "notes", Kind: "note", Value: "a=b"}, ""},
	{"notes!note==", scopes.Scope{Name: "notes", Kind: "note", Value: "="}, ""},
	{"notes!note=%20", scopes.Scope{Name: "notes", Kind: "note", Value: "%20"}, ""},
	{"notes!note=*", scopes.Scope{Name: "notes", Kind: "note", Value: "*"}, ""},
	{"notes!note=" + strings.Repeat("x", 255), scopes.Scope{
		Name: "notes", Kind: "note", Value: strings.Repeat("x", 255),
	}, ""},
	{"settings", scopes.Scope{Name: "settings"}, ""},

	{"", scopes.Scope{}, scopes.CodeUnknownScope},
	{" ", scopes.Scope{}, scopes.CodeUnknownScope},
	{"!", scopes.Scope{}, scopes.CodeUnknownScope},
	{"!user", scopes.Scope{}, scopes.CodeUnknownScope},
	{"=", scopes.Scope{}, scopes.CodeUnknownScope},
	{"nosuch", scopes.Scope{}, scopes.CodeUnknownScope},
	{"Notes", scopes.Scope{}, scopes.CodeUnknownScope},
	{"notes ", scopes.Scope{}, scopes.CodeUnknownScope},
	{" notes", scopes.Scope{}, scopes.CodeUnknownScope},
	{"notes\n", scopes.Scope{}, scopes.CodeUnknownScope},
	{"notes read:notes", scopes.Scope{}, scopes.CodeUnknownScope},
	{"notes\x00", scopes.Scope{}, scopes.CodeUnknownScope},
	{"notes=1", scopes.Scope{}, scopes.CodeUnknownScope},
	{"*", scopes.Scope{}, scopes.CodeUnknownScope},
	{strings.Repeat("x", 1<<16), scopes.Scope{}, scopes.CodeUnknownScope},
	{"notes!", scopes.Scope{}, scopes.CodeTrailingBang},
	{"notes!!", scopes.Scope{}, scopes.CodeSecondFilter},
	{"notes!user!", scopes.Scope{}, scopes.CodeSecondFilter},
	{"notes!user=a!user=b", scopes.Scope{}, scopes.CodeSecondFilter},
	{"notes!user=a!", scopes.Scope{}, scopes.CodeSecondFilter},
	{"notes!=", scopes.Scope{}, scopes.CodeUnknownKind},
	{"notes!=u1", scopes.Scope{}, scopes.CodeUnknownKind},
	{"notes!USER=u1", scopes.Scope{}, scopes.CodeUnknownKind},
	{"notes!user =u1", scopes.Scope{}, scopes.CodeUnknownKind},
	{"notes!bogus=1", scopes.Scope{}, scopes.CodeUnknownKind},
	{"notes!users=1", scopes.Scope{}, scopes.CodeUnknownKind},
	{"notes!bogus", scopes.Scope{}, scopes.CodeUnknownKind},
	{"settings!user=u1", scopes.Scope{}, scopes.CodeFilterRefused},
	{"settings!user", scopes.Scope{}, scopes.CodeFilterRefused},
	{"list:notes!note=1", scopes.Scope{}, scopes.CodeFilterRefused},
	{"groups!user=u1", scopes.Scope{}, scopes.CodeFilterRefused},
	{"notes!user=", scopes.Scope{}, scopes.CodeEmptyValue},
	{"notes!note=", scopes.Scope{}, scopes.CodeEmptyValue},
	{"notes!group", scopes.Scope{}, scopes.CodeEmptyValue},
	{"notes!group=", scopes.Scope{}, scopes.CodeEmptyValue},
	{"notes!user=a b", scopes.Scope{}, scopes.CodeBadValue},
	{"notes!user= a", scopes.Scope{}, scopes.CodeBadValue},
	{"notes!user=a\t", scopes.Scope{}, scopes.CodeBadValue},
	{"notes!user=a\x00", scopes.Scope{}, scopes.CodeBadValue},
	{"notes!user=a\x7f", scopes.Scope{}, scopes.CodeBadValue},
	{`notes!user="a"`, scopes.Scope{}, scopes.CodeBadValue},
	{`notes!user=a\b`, scopes.Scope{}, scopes.CodeBadValue},
	{"notes!user=é", scopes.Scope{}, scopes.CodeBadValue},
	{"notes!user=\xff", scopes.Scope{}, scopes.CodeBadValue},
	{"notes!user=" + strings.Repeat("x", 256), scopes.Scope{}, scopes.CodeBadValue},
}

func TestParse(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	for _, tt := range parseTests {
		got, err := s.Parse(tt.text)
		if tt.code == "" {
			if err != nil || got != tt.want || got.String() != tt.text {
				t.Errorf("Parse(%.40q) = %+v, %v", tt.text, got, err)
			}
			continue
		}
		pe, ok := errors.AsType[*scopes.ParseError](err)
		if !ok || pe.Code != tt.code || pe.Text != tt.text || got != (scopes.Scope{}) {
			t.Errorf("Parse(%.40q) = %+v, %v; want code %s", tt.text, got, err, tt.code)
		}
		if !errors.Is(err, scopes.ErrInvalidScope) {
			t.Errorf("%v is not an ErrInvalidScope", err)
		}
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
	}
}

func TestParseSuggestsWhatIsClose(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	for text, want := range map[string]string{
		"read:note":      `did you mean "read:notes"?`,
		"raed:notes":     `did you mean "read:notes"?`,
		"setings":        `did you mean "settings"?`,
		"Account":        `did you mean "account"?`,
		"notes!nte=1":    `did you mean "note"?`,
		"notes!groups=1": `did you mean "group"?`,
	} {
		if _, err := s.Parse(text); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("Parse(%q): %v", text, err)
		}
	}
	for _, text := range []string{"zebra", "x", "", strings.Repeat("read:notes", 100), "notes!zebra=1"} {
		if _, err := s.Parse(text); err == nil || strings.Contains(err.Error(), "did you mean") {
			t.Errorf("Parse(%q): %v", text, err)
		}
	}
}

func TestParseAllSortsAndJoins(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	got, err := s.ParseAll([]string{"notes!user=b", "account", "notes", "notes!user=a", "account", "notes!group=z"})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, sc := range got {
		texts = append(texts, sc.String())
	}
	if want := []string{
		"account", "notes", "notes!group=z", "notes!user=a", "notes!user=b",
	}; !slices.Equal(texts, want) {
		t.Errorf("got %v", texts)
	}
	got, err = s.ParseAll([]string{"nosuch", "notes", "notes!"})
	if got != nil || err == nil || !strings.Contains(err.Error(), "nosuch") ||
		!strings.Contains(err.Error(), "nothing follows") {
		t.Errorf("got %v, %v", got, err)
	}
	if !errors.Is(err, scopes.ErrInvalidScope) {
		t.Error("the joined error is not an ErrInvalidScope")
	}
	if got, err := s.ParseAll(nil); err != nil || got == nil || len(got) != 0 {
		t.Errorf("nothing parses to %#v, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range parseTests {
		f.Add(tt.text)
	}
	s := compile(f, accountsModel)
	f.Fuzz(func(t *testing.T, text string) {
		sc, err := s.Parse(text)
		if err != nil {
			if !errors.Is(err, scopes.ErrInvalidScope) || sc != (scopes.Scope{}) {
				t.Fatalf("%+v with error %v", sc, err)
			}
			if _, unknown := s.SetOf([]string{text}, scopes.Self{User: "u"}); len(unknown) != 1 {
				t.Fatalf("SetOf knows %q", text)
			}
			return
		}
		if sc.String() != text {
			t.Fatalf("%q came back as %q", text, sc)
		}
		if strings.ContainsAny(sc.Value, "!\" \\\x00\n") || len(sc.Value) > 255 {
			t.Fatalf("value %q", sc.Value)
		}
		for _, held := range s.Set([]scopes.Scope{sc}, scopes.Self{User: "u", Kind: "note", ID: "n"}).Strings() {
			if _, err := s.Parse(held); err != nil {
				t.Fatalf("%q gives %q: %v", text, held, err)
			}
		}
	})
}
