package bunstore

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
)

func TestAfterEndsThePrefix(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{
		"a": "b", "az": "a{", "a\x7f": "a\u0080", "é": "ê", "\ud7ff": "\ue000", "a\U0010ffff": "b",
		"\U0010ffff": "\U0010ffff\U0010ffff",
	} {
		if got := after(prefix); got != want {
			t.Errorf("after(%q) is %q, want %q", prefix, got, want)
		}
	}
}

func FuzzAfter(f *testing.F) {
	f.Add("a", "ab")
	f.Add("\ud7ff", "\ud7ff\U0010ffff")
	f.Add("a\U0010ffff", "a\U0010ffffx")
	f.Fuzz(func(t *testing.T, prefix, key string) {
		if !utf8.ValidString(prefix) || !utf8.ValidString(key) || strings.Trim(prefix, "\U0010ffff") == "" {
			return
		}
		end := after(prefix)
		if !utf8.ValidString(end) {
			t.Fatalf("after(%q) is %q, which is not UTF-8", prefix, end)
		}
		if in := key >= prefix && key < end; in != strings.HasPrefix(key, prefix) {
			t.Errorf("%q is in the range from %q to %q: %v", key, prefix, end, in)
		}
	})
}

// joinRoles does what the databases do.
func joinRoles(list []string) string {
	var b strings.Builder
	for _, r := range list {
		b.WriteString(strconv.Itoa(len(r)) + ":" + r)
	}
	return b.String()
}

func TestRolesOfAnyText(t *testing.T) {
	t.Parallel()
	for _, list := range [][]string{
		nil, {"user"}, {"user", "admin"}, {""}, {"3:abc", ":", "1"}, {"é", "a\x1fb", "10:"},
	} {
		got, err := unpack(joinRoles(list))
		if err != nil || len(got) != len(list) {
			t.Errorf("%q: got %q, %v", list, got, err)
			continue
		}
		for i := range list {
			if got[i] != list[i] {
				t.Errorf("%q: got %q", list, got)
			}
		}
	}
	for _, bad := range []string{"x", "4:abc", "-1:", ":", "1", "99999999999999999999:a"} {
		if got, err := unpack(bad); err == nil {
			t.Errorf("%q: got %q", bad, got)
		}
	}
}

func FuzzUnpackGrants(f *testing.F) {
	f.Add("0:0:4:user0:0:")
	f.Add("2:id4:team4:lead0:0:" + "0:0:1:r4:name2:[]")
	f.Add("2:id4:team0:0:0:")
	f.Add("-1:")
	f.Add("2:é")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := unpackGrants(s)
		if err != nil {
			return
		}
		n := 0
		for _, r := range h.roles {
			n += len(r)
		}
		for _, g := range h.groups {
			n += len(g.Name)
		}
		if n > len(s) {
			t.Errorf("%q: the roles %q and the groups %q are longer", s, h.roles, h.groups)
		}
		for _, g := range h.grants {
			if g.Group == "" && !slices.Contains(h.roles, g.Role) {
				t.Errorf("%q: %v is nobody's", s, g)
			}
		}
	})
}

func FuzzIsUUID(f *testing.F) {
	f.Add("01890a5d-ac96-774b-bcce-b302099a8057")
	f.Add("01890A5D-AC96-774B-BCCE-B302099A8057")
	f.Add("01890a5dac96774bbcceb302099a8057")
	f.Add("{01890a5d-ac96-774b-bcce-b302099a805")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := uuid.Parse(s)
		if want := err == nil && u.String() == s; isUUID(auth.UserID(s)) != want {
			t.Errorf("isUUID(%q) is %v", s, !want)
		}
	})
}

func TestScopesKeepNilAndEmptyApart(t *testing.T) {
	t.Parallel()
	for _, list := range [][]string{nil, {}, {"a"}, {`"`, "", "[]"}} {
		got, err := splitScopes(joinScopes(list))
		if err != nil || !slices.Equal(got, list) || (got == nil) != (list == nil) {
			t.Errorf("%#v came back as %#v, %v", list, got, err)
		}
	}
	for _, bad := range []string{"null", "{}", "[1]", "[", `"a"`} {
		if got, err := splitScopes(bad); err == nil {
			t.Errorf("%q: got %#v", bad, got)
		}
	}
}

func TestNumbered(t *testing.T) {
	t.Parallel()
	if got := numbered(Postgres, "a = ? AND b = ?"); got != "a = $1 AND b = $2" {
		t.Error(got)
	}
	if got := numbered(SQLite, "a = ?"); got != "a = ?" {
		t.Error(got)
	}
}
