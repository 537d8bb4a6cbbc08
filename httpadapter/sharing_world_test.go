package httpadapter_test

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/sharing"
)

// sharer is a user who calls package sharing, without a sign-in.
func (w *world) sharer(id auth.UserID) *auth.Principal {
	w.t.Helper()
	ctx, st, secret := w.t.Context(), w.st.Auth(), token.New(token.API)
	k := auth.APIToken{
		ID: auth.APITokenID(token.NewID(time.Now())), Owner: auth.Holder{User: id}, Hash: secret.Hash(),
		Scopes: w.accounts.Schema().Names(),
	}
	err := st.AddAPIToken(ctx, k)
	var p *auth.Principal
	if err == nil {
		p, err = w.accounts.Authenticate(ctx, secret.Reveal())
	}
	if err == nil { // what only the test needs is gone again
		_, err = st.DeleteAPITokens(ctx, k.Owner, k.ID)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// note registers a note for a user.
func (w *world) note(owner auth.UserID, id string) auth.ResourceRef {
	w.t.Helper()
	r := auth.ResourceRef{Kind: "note", ID: id}
	if _, _, err := w.shares.Put(w.t.Context(), w.sharer(owner), r); err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) share(owner auth.UserID, r auth.ResourceRef, in sharing.ShareInput) string {
	w.t.Helper()
	s, err := w.shares.Create(w.t.Context(), w.sharer(owner), r, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return s.ID
}

func (w *world) shareCode(owner auth.UserID, r auth.ResourceRef, in sharing.ShareCodeInput) (id, secret string) {
	w.t.Helper()
	c, s, err := w.shares.CreateShareCode(w.t.Context(), w.sharer(owner), r, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.ID, s.Reveal()
}

// fillSharing makes what a path of sharing names: a note of target, a share of it, a code, or a
// share that target or the group received.
func (w *world) fillSharing(path string, target auth.User, group string) string {
	w.t.Helper()
	if path == "/resources" {
		return path + "?kind=note"
	}
	if !strings.Contains(path, "{kind}") && !strings.Contains(path, "{share}") {
		return path
	}
	dan := w.user("dan")
	r := w.note(target.ID, "n1")
	in, giver := sharing.ShareInput{User: dan.ID}, target.ID
	switch {
	case strings.HasPrefix(path, "/users/"):
		r, in, giver = w.note(dan.ID, "n2"), sharing.ShareInput{User: target.ID}, dan.ID
	case strings.HasPrefix(path, "/groups/"):
		in = sharing.ShareInput{Group: auth.GroupID(group)}
	}
	code, _ := w.shareCode(giver, r, sharing.ShareCodeInput{})
	return strings.NewReplacer(
		"{kind}", "note", "{id}", r.ID, "{share}", w.share(giver, r, in), "{code_id}", code,
	).Replace(path)
}

// items are the members of a list in an answer.
func (a answer) items(w *world, path string) []map[string]any {
	w.t.Helper()
	list, ok := a.get(w.t, path).([]any)
	if !ok {
		w.t.Fatalf("no list %s in %s", path, a.body)
	}
	out := make([]map[string]any, len(list))
	for i, x := range list {
		out[i], _ = x.(map[string]any)
	}
	return out
}

// text is a JSON string.
func text(s string) string {
	doc, _ := json.Marshal(s)
	return string(doc)
}
