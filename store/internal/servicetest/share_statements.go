package servicetest

import (
	"errors"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// SharingStatements pins how many statements sharing takes. A code that is refused takes as many
// whatever is wrong with it, so how long an answer takes tells nothing. Of those that present a
// code one statement takes the try. count says how many the store has run so far.
func SharingStatements(t *testing.T, open Open, count func() int) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal", "dan")
	r := w.note(p[0], "n1")
	dead := w.deadCodes(p[0], p[2], r)
	_, dead["unknown"] = w.code(p[0], r, sharing.ShareCodeInput{})
	w.must(w.shares.RevokeShareCode(w.ctx, p[0], r, "", false)) // what is not of the class or mistyped takes none
	_, dead["used up"] = w.code(p[0], r, sharing.ShareCodeInput{MaxUses: 1})
	w.must(w.accept(p[2], dead["used up"]))
	_, dead["for user"] = w.code(
		p[0], r, sharing.ShareCodeInput{Audience: sharing.Audience{Type: sharing.ForUser, Value: string(idOf(p[2]))}},
	)
	_, dead["for email"] = w.code(
		p[0], r, sharing.ShareCodeInput{Audience: sharing.Audience{Type: sharing.ForEmail, Value: "x@example.org"}},
	)
	during := func(what string, most int, do func() error) int {
		t.Helper()
		before := count()
		err := do()
		n := count() - before
		if err != nil && !errors.Is(err, sharing.ErrShareCodeInvalid) || n > most {
			t.Errorf("%s: %d statements, want at most %d: %v", what, n, most, err)
		}
		return n
	}
	for why, secret := range dead {
		want := 3
		if why == "mistyped" || why == "of another class" || why == "empty" || why == "long" {
			want = 1
		}
		for name, ask := range map[string]func() error{
			"accept":  func() error { return w.accept(p[1], secret) },
			"preview": func() error { _, err := w.shares.Preview(w.ctx, p[1], secret, auth.Client{}); return err },
		} {
			if n := during(name+" "+why, 3, ask); n != want {
				t.Errorf("%s %s: %d statements, want %d", name, why, n, want)
			}
		}
	}
	_, secret := w.code(p[0], r, sharing.ShareCodeInput{})
	during("preview", 8, func() error { _, err := w.shares.Preview(w.ctx, p[1], secret, auth.Client{}); return err })
	during("accept", 15, func() error { return w.accept(p[1], secret) })
	during("accept again", 3, func() error { return w.accept(p[1], secret) })
	during("decide", 3, func() error { _, err := w.shares.Decide(w.ctx, p[1], "read:items", r); return err })
	for range 5 {
		w.give(p[0], r, p[1])
	}
	during("decide with more shares", 3, func() error {
		_, err := w.shares.Decide(w.ctx, p[1], "read:items", r)
		return err
	})
	during("visible", 4, func() error { _, err := w.shares.Visible(w.ctx, p[1], "note", "read:items"); return err })
	during("visible by a role", 0, func() error {
		_, err := w.shares.Visible(w.ctx, w.op, "note", "read:items")
		return err
	})
	during("create", 7, func() error {
		_, err := w.shares.Create(w.ctx, p[0], r, sharing.ShareInput{User: idOf(p[3])})
		return err
	})
}
