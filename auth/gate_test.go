package auth_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
)

// byBadge is a host's own method, always on.
var byBadge = auth.SignInMethod{Name: "badge"}

func badges(c *auth.Config) { c.Methods = []auth.SignInMethod{byBadge} }

func noSessions(t *testing.T, kit *authtest.Kit, id auth.UserID) {
	t.Helper()
	list, err := kit.Sessions.List(t.Context(), kit.Operator("test"), id, auth.PageQuery{})
	if err != nil || len(list.Items) > 0 {
		t.Errorf("sessions %v, %v", list.Items, err)
	}
}

// The gate starts no session for a proof that is nobody's or has no time, with a bad label, or
// for a method that the host did not name.
func TestGateRefusesBadProofs(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t, badges)
	ada, bob := kit.User("ada"), kit.User("bob")
	begin := func() *auth.Attempt {
		at, err := kit.Begin(t.Context(), "ada", byBadge, auth.Client{})
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	now := kit.Clock.Now()
	for name, p := range map[string]auth.Proof{
		"no time": {User: ada.ID}, "somebody else": {User: bob.ID, At: now}, "nobody": {At: now},
	} {
		if _, err := begin().Start(t.Context(), p, auth.SessionWant{}); err == nil {
			t.Errorf("%s: a session was started", name)
		}
	}
	label := auth.SessionWant{ClientName: "a\nb"}
	_, err := begin().Start(t.Context(), auth.Proof{User: ada.ID, At: now}, label)
	if !errors.Is(err, auth.ErrInvalidInput) {
		t.Errorf("a label with a line break: got %v", err)
	}
	for _, m := range []auth.SignInMethod{
		{}, {Name: "unknown"}, {Name: auth.MethodRefresh}, {Name: "badge", ProvesEmail: true},
		{Name: auth.MethodEmailCode},
	} {
		if _, err := kit.Begin(t.Context(), "ada", m, auth.Client{}); !errors.Is(err, auth.ErrMethodOff) {
			t.Errorf("%+v: got %v", m, err)
		}
		if _, err := kit.BeginFor(t.Context(), ada.ID, m, auth.Client{}); !errors.Is(err, auth.ErrMethodOff) {
			t.Errorf("%+v for an account: got %v", m, err)
		}
	}
	noSessions(t, kit, ada.ID)
}

// A proof is as old as it says, and never newer than now.
func TestGateKeepsTheTimeOfTheProof(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t, badges)
	ada, now := kit.User("ada"), kit.Clock.Now()
	for given, want := range map[time.Duration]time.Duration{-time.Hour: -time.Hour, time.Hour: 0, 0: 0} {
		at, err := kit.BeginFor(t.Context(), ada.ID, byBadge, auth.Client{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := at.Start(t.Context(), auth.Proof{User: ada.ID, At: now.Add(given)}, auth.SessionWant{})
		if err != nil || !v.Session.ProvedAt.Equal(now.Add(want)) {
			t.Errorf("given at %v it counts from %v, %v", given, v.Session.ProvedAt.Sub(now), err)
		}
	}
}

// What a proof spends belongs to the sign-in: an error of it leaves no session, and it also
// runs where the status forbids the sign-in.
func TestGateSpendsProofs(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t, badges)
	ada := kit.User("ada")
	spent, used := 0, errors.New("used already")
	start := func(answer error) error {
		at, err := kit.BeginFor(t.Context(), ada.ID, byBadge, auth.Client{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = at.Start(t.Context(), auth.Proof{
			User: ada.ID, At: kit.Clock.Now(),
			Spend: func(context.Context, auth.Tx) error { spent++; return answer },
		}, auth.SessionWant{})
		return err
	}
	if err := start(used); !errors.Is(err, used) {
		t.Errorf("got %v", err)
	}
	noSessions(t, kit, ada.ID)
	disabled := auth.StatusDisabled
	_, err := kit.UpdateUser(t.Context(), kit.Operator("test"), ada.ID, auth.UserPatch{Status: &disabled})
	if err != nil {
		t.Fatal(err)
	}
	if err := start(nil); !errors.Is(err, auth.ErrAccountDisabled) {
		t.Errorf("got %v", err)
	}
	if spent != 2 {
		t.Errorf("spent %d times", spent)
	}
}
