package sharing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// New reports every problem of a configuration at once, by kind.
func TestNewReportsEveryProblem(t *testing.T) {
	t.Parallel()
	n := newNotebook()
	_, err := sharing.New(n.accounts, memstore.New().Sharing(), sharing.Config{
		AcceptURL: "https://ada@app.example/share#x",
		Kinds:     map[string]sharing.Kind{"nope": {}, "user": {}, "note": {Shareable: []string{"resources"}}},
	})
	for _, part := range []string{`kind "nope"`, `kind "user"`, `kind "note"`, "accept URL"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %s", err, part)
		}
	}
	for name, k := range map[string]sharing.Kind{
		"no such scope": {
			Shareable: []string{"edit:notes"},
		}, "of another kind": {Shareable: []string{"users"}}, "default is not shareable": {Default: []string{"shares"}},
		"negative": {Expiry: -1}, "longer than the longest": {Expiry: 2 * time.Hour, MaxExpiry: time.Hour},
	} {
		if _, err := sharing.New(
			n.accounts, memstore.New().Sharing(), sharing.Config{Kinds: map[string]sharing.Kind{"note": k}},
		); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, link := range []string{"/share", "javascript:alert(1)", "ftp://app.example/share", "https://"} {
		if _, err := sharing.New(n.accounts, memstore.New().Sharing(), sharing.Config{AcceptURL: link}); err == nil {
			t.Errorf("%s: accepted", link)
		}
	}
	if _, err := sharing.New(n.accounts, nil, sharing.Config{}); err == nil {
		t.Error("no store: accepted")
	}
	if _, err := sharing.New(nil, memstore.New().Sharing(), sharing.Config{}); err == nil {
		t.Error("no accounts: accepted")
	}
}
