package storetest

import (
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth"
)

var rightWinnerScenarios = []scenario{
	{"OneNameEach", oneNameEach},
	{"OneMemberAdded", oneMemberAdded},
	{"NoMemberOfNoGroup", noMemberOfNoGroup},
	{"NoTokenOfNobody", noTokenOfNobody},
	{"NoLostGroupUpdate", noLostGroupUpdate},
}

// Of several callers that create a role, group or service with one name, only one succeeds.
func oneNameEach(w *world) {
	for kind, create := range map[string]func() error{
		"role":    func() error { return w.st.CreateRole(w.ctx, w.newRole("a")) },
		"group":   func() error { return w.st.CreateGroup(w.ctx, w.newGroup("a")) },
		"service": func() error { return w.st.CreateService(w.ctx, w.newService("a")) },
	} {
		w.t.Log(kind)
		w.outcome(race(func(int) error { return create() }), 1, auth.ErrNameTaken)
	}
	// Two renames can't take the same name either.
	groups := make([]auth.Group, callers)
	for i := range groups {
		groups[i] = w.group(fmt.Sprint("g", i))
	}
	w.outcome(race(func(i int) error {
		return errOf(w.st.UpdateGroup(w.ctx, groups[i].ID, func(g *auth.Group) error { g.NameKey = "b"; return nil }))
	}), 1, auth.ErrNameTaken)
}

func oneMemberAdded(w *world) {
	g, a, v := w.group("g"), w.user("alice"), w.service("bot")
	for _, add := range []func() (bool, error){
		func() (bool, error) { return w.st.AddMember(w.ctx, g.ID, a.ID) },
		func() (bool, error) { return w.st.AddGroupRole(w.ctx, g.ID, "r") },
		func() (bool, error) { return w.st.AddServiceRole(w.ctx, v.ID, "r") },
		func() (bool, error) { return w.st.RemoveMember(w.ctx, g.ID, a.ID) },
		func() (bool, error) { return w.st.RemoveGroupRole(w.ctx, g.ID, "r") },
		func() (bool, error) { return w.st.RemoveServiceRole(w.ctx, v.ID, "r") },
	} {
		w.outcome(race(func(int) error {
			did, err := add()
			if err == nil && !did {
				err = errLost
			}
			return err
		}), 1, errLost)
	}
}

// If the group or the user is deleted meanwhile, adding a member gives ErrNotFound or has
// happened before.
func noMemberOfNoGroup(w *world) {
	for round := range 4 {
		g, a := w.group(fmt.Sprint("g", round)), w.user(fmt.Sprint("alice", round))
		ends := []func() error{
			func() error { return w.st.DeleteGroup(w.ctx, g.ID) },
			func() error { return w.st.DeleteAccount(w.ctx, a.ID) },
		}
		errs := race(func(i int) error {
			if i == callers/2 {
				return ends[round%2]()
			}
			return errOf(w.st.AddMember(w.ctx, g.ID, a.ID))
		})
		w.must(errs[callers/2])
		for _, err := range errs {
			if err != nil && !errors.Is(err, auth.ErrNotFound) {
				w.t.Fatal(err)
			}
		}
		if round%2 == 0 {
			w.same("groups", w.stored(a.ID).Groups, []auth.GroupRef(nil))
		} else {
			w.groupIs(string(g.ID), g)
		}
	}
}

func noTokenOfNobody(w *world) {
	for round := range 4 {
		a := w.user(fmt.Sprint("alice", round))
		owner := auth.Holder{User: a.ID}
		tokens := make([]auth.APIToken, callers)
		for i := range tokens {
			tokens[i] = w.newAPIToken(owner)
		}
		errs := race(func(i int) error {
			if i == callers/2 {
				return w.st.DeleteAccount(w.ctx, a.ID)
			}
			return w.st.AddAPIToken(w.ctx, tokens[i])
		})
		w.must(errs[callers/2])
		for i, err := range errs {
			if err != nil && !errors.Is(err, auth.ErrNotFound) {
				w.t.Fatal(err)
			}
			_, err := w.st.APITokenUse(w.ctx, tokens[i].Hash)
			w.want(err, auth.ErrNotFound)
		}
	}
}

func noLostGroupUpdate(w *world) {
	g := w.newGroup("g")
	g.Description = ""
	w.must(w.st.CreateGroup(w.ctx, g))
	for _, err := range race(func(int) error {
		return errOf(w.st.UpdateGroup(w.ctx, g.ID, func(now *auth.Group) error { now.Description += "x"; return nil }))
	}) {
		w.must(err)
	}
	now, err := w.st.Group(w.ctx, "g")
	w.must(err)
	w.same("updates", len(now.Description), callers)
}
