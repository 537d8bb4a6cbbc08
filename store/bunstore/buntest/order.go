package buntest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
)

// keys differ in ways that databases like to ignore: case, accents, width, composition,
// trailing space, ignorable characters and digits. Locales also sort them differently.
var keys = []string{
	"a", "A", "a ", "á", "a\u0301", "ä", "ae", "æ", "ａ", "a\u200b", "a\ufeff", "ab", "aB", "a-b", "a_b", "a.b",
	"a%", "a%b", "a\\b", "a'b",
	"b", "ss", "ß", "ẞ", "i", "I", "ı", "İ", "k", "K", "1", "01", "１", "²", "\U0001f600", "\uffff", "\U0010ffff",
	"z", "Z", "~", "\x01", "\ud7ff", "\ue000",
}

// Order checks that equality and prefixes of keys are decided by bytes. It needs an empty
// store.
func Order(t *testing.T, st store.Store) {
	ctx, all := t.Context(), map[string]auth.Account{}
	for _, key := range keys {
		a := newAccount("x")
		a.UsernameKey, a.EmailKey, a.ExternalID = key, key+"@x", key
		must(t, st.Auth().CreateAccount(ctx, a))
		all[key] = a
	}
	for _, key := range keys {
		for _, login := range []string{key, key + "@x"} {
			if got, err := st.Auth().AccountByLogin(ctx, login); err != nil || got.ID != all[key].ID {
				t.Errorf("%q finds %q, %v", login, got.UsernameKey, err)
			}
		}
		got, err := st.Auth().Users(ctx, auth.UserQuery{ExternalID: key, Limit: 10})
		if err != nil || len(got) != 1 || got[0].ID != all[key].ID {
			t.Errorf("external id %q finds %d users, %v", key, len(got), err)
		}
		prefixed(t, st, key, all)
	}
	for _, near := range []string{"b ", "B", "á ", "Á", "sS", "2"} {
		if got, err := st.Auth().AccountByLogin(ctx, near); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("%q finds %q, %v", near, got.UsernameKey, err)
		}
	}
}

func prefixed(t *testing.T, st store.Store, prefix string, all map[string]auth.Account) {
	t.Helper()
	if strings.Trim(prefix, "\U0010ffff") == "" {
		return // no key is greater, and no rule allows this one
	}
	var want, got []auth.UserID
	for key, a := range all {
		if strings.HasPrefix(key, prefix) || strings.HasPrefix(key+"@x", prefix) {
			want = append(want, a.ID)
		}
	}
	slices.Sort(want)
	list, err := st.Auth().Users(t.Context(), auth.UserQuery{Prefix: prefix, Limit: 100})
	must(t, err)
	for _, u := range list {
		got = append(got, u.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("prefix %q finds %d users, want %d in the order of ids", prefix, len(got), len(want))
	}
}
