package httpadapter_test

import (
	"testing"

	"github.com/hallpass-go/hallpass/httpadapter"
	"github.com/hallpass-go/hallpass/sharing"
)

// Somebody can make an API token for one thing of theirs, or one that was shared with them, and
// for nothing else.
func TestTokenOfOneThing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	shares, err := sharing.New(w.accounts, w.st.Sharing(), sharing.Config{Kinds: map[string]sharing.Kind{"note": {}}})
	if err != nil {
		t.Fatal(err)
	}
	if w.hp, err = httpadapter.New(
		w.accounts, httpadapter.Rooms{Sharing: shares}, httpadapter.Config{Prefix: "/auth"},
	); err != nil {
		t.Fatal(err)
	}
	do := func(method, path, body string, edit ...with) answer { return w.send(w.hp, method, path, body, edit...) }
	w.user("ada")
	eve := w.user("eve")
	mine := map[string]with{}
	for _, name := range []string{"ada", "eve"} {
		access, _ := w.token(name)
		mine[name] = bearer(access)
	}
	w.want(do("PUT", "/auth/resources/note/7", "", mine["ada"]), 201, "")
	w.want(do("PUT", "/auth/resources/note/8", "", mine["ada"]), 201, "")
	path := "/auth/users/me/tokens"
	made := do("POST", path, `{"name":"one","scopes":["read:notes!note=7","shares!note=7","tokens!user"]}`, mine["ada"])
	w.want(made, 201, "")
	narrow := bearer(made.get(t, "token").(string))
	w.want(do("GET", "/auth/resources/note/7/shares", "", narrow), 200, "")
	w.want(do("GET", "/auth/resources/note/8/shares", "", narrow), 404, "")
	w.want(do("POST", path, `{"name":"no wider","scopes":["read:notes!note=8"]}`, narrow), 403, "above_ceiling")
	w.want(do("POST", path, `{"name":"as narrow","scopes":["read:notes!note=7"]}`, narrow), 201, "")
	w.want(do("POST", path, `{"name":"of somebody","scopes":["read:notes!note=7"]}`, mine["eve"]), 403, "above_ceiling")
	w.want(do("POST", path, `{"name":"of nobody","scopes":["read:notes!note=9"]}`, mine["ada"]), 403, "above_ceiling")
	w.want(do("POST", "/auth/resources/note/7/shares", `{"user":"`+string(eve.ID)+`"}`, narrow), 201, "")
	w.want(do("POST", path, `{"name":"shared","scopes":["read:notes!note=7"]}`, mine["eve"]), 201, "")
	w.want(
		do("POST", path, `{"name":"more than shared","scopes":["shares!note=7"]}`, mine["eve"]), 403, "above_ceiling",
	)
}
