package buntest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
)

// GroupPlans checks how a database reads groups. A page of the members of a group must not read
// all users, nor collect the members of a large group, and it must show the same for both. A
// group must be read without its members. explain is the statement that asks for a plan. small
// and large are texts that the plan of a page must not contain, depending on the size of the
// group.
func GroupPlans(t *testing.T, st store.Store, db *sql.DB, c *Counter, explain, small, large string) {
	ctx, a := t.Context(), st.Auth()
	g := auth.Group{ID: auth.GroupID(newID()), Name: "team", NameKey: "team", CreatedAt: start}
	must(t, a.CreateGroup(ctx, g))
	var ids []auth.UserID
	for _, name := range []string{"ada", "bob", "cal", "dan"} {
		user, _ := signedIn(t, a, name)
		ids = append(ids, user.ID)
		if name != "bob" {
			_, err := a.AddMember(ctx, g.ID, user.ID)
			must(t, err)
		}
	}
	disabled, err := a.UpdateAccount(
		ctx, ids[2], func(now *auth.Account) error { now.Status = auth.StatusDisabled; return nil },
	)
	must(t, err)
	team := auth.Within{Groups: []auth.GroupID{g.ID}}
	bob := auth.Within{Groups: []auth.GroupID{g.ID}, Users: ids[1:2]}
	for size, bad := range map[int]string{3: small, 1_000_000: large} {
		_, err := db.ExecContext(ctx, fmt.Sprintf("UPDATE hallpass_groups SET members = %d", size))
		must(t, err)
		for i, q := range []struct {
			auth.UserQuery
			want []auth.UserID
		}{
			{auth.UserQuery{Group: g.ID}, []auth.UserID{ids[0], ids[2], ids[3]}},
			{auth.UserQuery{Within: []auth.Within{team}}, []auth.UserID{ids[0], ids[2], ids[3]}},
			{auth.UserQuery{Within: []auth.Within{team}, After: ids[0]}, []auth.UserID{ids[2], ids[3]}},
			{auth.UserQuery{Within: []auth.Within{team}, Status: disabled.Status}, []auth.UserID{ids[2]}},
			{auth.UserQuery{Within: []auth.Within{team}, Prefix: "d"}, []auth.UserID{ids[3]}},
			{auth.UserQuery{Group: g.ID, Within: []auth.Within{bob}}, []auth.UserID{ids[0], ids[2], ids[3]}},
			{auth.UserQuery{Group: g.ID, Within: []auth.Within{{Users: ids[:2]}}}, []auth.UserID{ids[0]}},
			{auth.UserQuery{Within: []auth.Within{bob}}, ids},
			{auth.UserQuery{Within: []auth.Within{bob}, Prefix: "b"}, ids[1:2]},
			{auth.UserQuery{Within: []auth.Within{bob}, Role: "editor"}, ids},
		} {
			q.Limit = 51
			list, err := a.Users(ctx, q.UserQuery)
			must(t, err)
			var got []auth.UserID
			for _, u := range list {
				got = append(got, u.ID)
			}
			plan := planOf(t, db, explain+c.Last())
			if !slices.Equal(got, q.want) || strings.Contains(plan, bad) {
				t.Errorf("query %d on a group of %d: got %v, want %v\n%s", i, size, got, q.want, plan)
			}
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
