package buntest

import (
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

// Statements checks how many statements each frequent operation takes, on a store over a
// counting pool.
func Statements(t *testing.T, st store.Store, c *Counter) {
	ctx, a := t.Context(), st.Auth()
	user, x := signedIn(t, a, "ada")
	takes := []limit.Take{{Key: "b", Interval: time.Second, Burst: 2}, {Key: "a", Interval: time.Second, Burst: 2}}
	next, sh := newHash(), st.Sharing()
	ref, giver := auth.ResourceRef{Kind: "note", ID: "1"}, auth.Holder{User: user.ID}
	code := newCode(ref, giver)
	for _, s := range []struct {
		name string
		want int
		do   func() error
	}{
		{"Account", 1, func() error { _, err := a.Account(ctx, user.ID); return err }},
		{"ReadSignIn", 1, func() error { _, err := a.ReadSignIn(ctx, "ada"); return err }},
		{"ReadSignIn of nobody", 1, func() error { _, err := a.ReadSignIn(ctx, "nobody"); return err }},
		{"ActorBySession", 1, func() error { _, err := a.ActorBySession(ctx, x.ID); return err }},
		{"ActorByToken", 1, func() error { _, err := a.ActorByToken(ctx, x.TokenHash); return err }},
		{"RefreshToken", 1, func() error { _, err := a.RefreshToken(ctx, x.TokenHash); return err }},
		{"CompleteSignIn", 3, func() error {
			x := newSession(user.ID)
			return a.CompleteSignIn(ctx, auth.SignIn{OldHash: hash, NewHash: hash, Login: newLogin(x), Session: x})
		}},
		{"RotateRefresh", 2, func() error {
			_, err := a.RotateRefresh(
				ctx, auth.Rotation{Session: x.ID, Next: next, Now: start, ExpiresAt: start.Add(time.Hour)},
			)
			return err
		}},
		{"CountReplay", 1, func() error { _, err := a.CountReplay(ctx, x.ID, 1, 5); return err }},
		{"TakeTries", 1, func() error { _, err := a.Limits().TakeTries(ctx, start, takes); return err }},
		{"TakeTries of one", 1, func() error { _, err := a.Limits().TakeTries(ctx, start, takes[:1]); return err }},
		{"TakeTries refused", 1, func() error { _, err := a.Limits().TakeTries(ctx, start, takes); return err }},
		{"GiveBack", 1, func() error { return a.Limits().GiveBack(ctx, []string{"a"}, takes[:1]) }},
		{"GiveBack of one kind", 1, func() error { return a.Limits().GiveBack(ctx, []string{"a"}, nil) }},
		{"TouchSession", 1, func() error { return a.TouchSession(ctx, x.ID, start, start) }},
		{"PutResource", 1, func() error {
			_, err := sh.PutResource(ctx, sharing.Resource{ResourceRef: ref, Owner: giver.User, CreatedAt: start})
			return err
		}},
		{"Owners", 1, func() error { _, err := sh.Owners(ctx, "note", []string{"1", "2"}); return err }},
		{"Resources", 1, func() error {
			_, err := sh.Resources(
				ctx, sharing.ResourceQuery{Kind: "note", Owners: []auth.UserID{giver.User}, IDs: []string{"1"}, Limit: 50},
			)
			return err
		}},
		{"AddShareCode", 2, func() error { return sh.AddShareCode(ctx, code) }},
		{"ShareCodeByHash", 1, func() error { _, err := sh.ShareCodeByHash(ctx, code.Hash); return err }},
		{"UseShareCode", 1, func() error { _, err := sh.UseShareCode(ctx, code.ID, start); return err }},
		{"AddShare", 3, func() error {
			_, err := sh.AddShare(ctx, sharing.Share{
				ID: newID(), Resource: ref, Giver: giver, User: giver.User, Code: code.ID, CreatedAt: start,
			})
			return err
		}},
		{"ShareFromCode", 1, func() error { _, err := sh.ShareFromCode(ctx, code.ID, giver.User); return err }},
		{"Shares", 1, func() error {
			_, err := sh.Shares(ctx, sharing.ShareQuery{
				Resources: []auth.ResourceRef{ref}, User: giver.User, Groups: []auth.GroupID{auth.GroupID(newID())}, Now: start,
			})
			return err
		}},
		{"Users", 1, func() error { _, err := a.Users(ctx, auth.UserQuery{Limit: 50}); return err }},
	} {
		before := c.Count()
		if err := s.do(); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		if n := c.Count() - before; n > s.want || n < 1 {
			t.Errorf("%s took %d statements, want 1 to %d", s.name, n, s.want)
		}
	}
}
