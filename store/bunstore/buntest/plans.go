package buntest

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
)

// GroupPlans looks at how a database reads what has to do with groups: the members of one are found by their index and not by looking at
// all users, a page of them does not first collect all, and a group is read without its members. explain is what asks for a plan, and bad
// what the plan of a page may not say.
func GroupPlans(t *testing.T, st store.Store, db *sql.DB, c *Counter, explain, bad string) {
	ctx, a := t.Context(), st.Auth()
	user, _ := signedIn(t, a, "ada")
	g := auth.Group{ID: auth.GroupID(newID()), Name: "team", NameKey: "team", CreatedAt: start}
	must(t, a.CreateGroup(ctx, g))
	_, err := a.AddMember(ctx, g.ID, user.ID)
	must(t, err)
	within := []auth.Within{{Groups: []auth.GroupID{g.ID}}}
	for _, q := range []auth.UserQuery{
		{Group: g.ID}, {Within: within}, {Within: within, After: user.ID}, {Within: within, Status: auth.StatusActive}, {Group: g.ID, Within: []auth.Within{{Users: []auth.UserID{user.ID}}}},
	} {
		q.Limit = 51
		_, err := a.Users(ctx, q)
		must(t, err)
		if plan := planOf(t, db, explain+c.Last()); strings.Contains(plan, bad) {
			t.Errorf("%+v:\n%s", q, plan)
		}
	}
	_, err = a.Group(ctx, "team")
	must(t, err)
	if strings.Contains(c.Last(), "hallpass_group_members") {
		t.Errorf("a group is read with its members: %s", c.Last())
	}
}

func planOf(t *testing.T, db *sql.DB, text string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	columns, err := rows.Columns()
	must(t, err)
	var b strings.Builder
	for rows.Next() {
		row := make([]any, len(columns))
		for i := range row {
			row[i] = new(any)
		}
		must(t, rows.Scan(row...))
		fmt.Fprintln(&b, *row[len(row)-1].(*any))
	}
	must(t, rows.Err())
	return b.String()
}
