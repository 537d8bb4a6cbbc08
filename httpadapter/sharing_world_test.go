package httpadapter_test

import (
	"encoding/json"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
)

// sharer is a user as package sharing knows them, without a sign-in.
type sharer struct {
	id   auth.UserID
	held *scopes.Set
}

func (s sharer) Subject() scopes.Subject        { return scopes.Subject{Held: s.held} }
func (s sharer) Holder() (user, service string) { return string(s.id), "" }
func (s sharer) GroupIDs() []string             { return nil }
func (s sharer) ProvenEmail() string            { return "" }
func (s sharer) Actor() string                  { return string(s.id) }

func (w *world) sharer(id auth.UserID) sharer {
	w.t.Helper()
	h, err := w.accounts.Holdings(w.t.Context(), []string{string(id)}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return sharer{id, h[string(id)].Held}
}

// note registers a note for a user.
func (w *world) note(owner auth.UserID, id string) sharing.Ref {
	w.t.Helper()
	r := sharing.Ref{Kind: "note", ID: id}
	if _, _, err := w.shares.Put(w.t.Context(), w.sharer(owner), r); err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) share(owner auth.UserID, r sharing.Ref, in sharing.NewShare) string {
	w.t.Helper()
	s, err := w.shares.Create(w.t.Context(), w.sharer(owner), r, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return s.ID
}

func (w *world) shareCode(owner auth.UserID, r sharing.Ref, in sharing.NewCode) (id, secret string) {
	w.t.Helper()
	c, s, err := w.shares.CreateCode(w.t.Context(), w.sharer(owner), r, in)
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
	in, giver := sharing.NewShare{User: string(dan.ID)}, target.ID
	switch {
	case strings.HasPrefix(path, "/users/"):
		r, in, giver = w.note(dan.ID, "n2"), sharing.NewShare{User: string(target.ID)}, dan.ID
	case strings.HasPrefix(path, "/groups/"):
		in = sharing.NewShare{Group: group}
	}
	code, _ := w.shareCode(giver, r, sharing.NewCode{})
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
