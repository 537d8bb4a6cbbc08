package buntest

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// hostTable is a table of a host whose rows are shared.
type hostTable struct {
	t       *testing.T
	db      *sql.DB
	dialect sharing.Dialect
	name    string
	columns sharing.Columns
	ids     []string
	owners  map[string]auth.UserID // by id
}

const (
	visibleRows   = 5000
	visibleOwners = 500
)

// Visible runs the condition of sharing.Visibility on tables of a host, with each type of id in
// idTypes, and compares the result with the same selection done by hand. An empty type means
// text. explain is the statement that asks for a plan, and plan is the part of it that shows
// that rows are found by both indexes.
func Visible(t *testing.T, db *sql.DB, d sharing.Dialect, idTypes []string, explain, plan string) {
	for _, as := range idTypes {
		t.Run("id "+as, func(t *testing.T) {
			h := newHostTable(t, db, d, as)
			for i, v := range h.cases() {
				h.check(fmt.Sprint("case ", i), v)
			}
			h.planned(sharing.Visibility{Owners: []auth.UserID{h.owners[h.ids[0]]}, IDs: h.ids[1:40]}, explain, plan)
		})
	}
}

func newHostTable(t *testing.T, db *sql.DB, d sharing.Dialect, as string) *hostTable {
	t.Helper()
	h := &hostTable{t: t, db: db, dialect: d, name: "host_items_" + as, owners: map[string]auth.UserID{},
		columns: sharing.Columns{Owner: "n.owner", ID: "n.id", IDType: as}}
	ownerType := "text"
	if d == sharing.Postgres && as != "" {
		ownerType, h.columns.OwnerType = "uuid", "uuid"
	}
	var people []auth.UserID
	for range visibleOwners {
		people = append(people, auth.UserID(uuid.NewString()))
	}
	odd := map[string][]string{
		"": {"'", "?", "$1", "%", "_", "a,b", "{}", "[1]", "a/b", "~", "007", "7", "null", "--", `a'b`, "(",
			"N1", "n1", strings.Repeat("x", 255)},
		"uuid":   {"00000000-0000-0000-0000-000000000000"},
		"bigint": {"7", "-1", "0", "9223372036854775807", "-9223372036854775808"},
	}[as]
	for i := range visibleRows {
		id := fmt.Sprint(1000 + i)
		switch {
		case i < len(odd):
			id = odd[i]
		case as == "uuid":
			id = uuid.NewString()
		}
		h.ids = append(h.ids, id)
		h.owners[id] = people[i%visibleOwners]
	}
	column := as
	if as == "" {
		column = "text"
	}
	h.exec("CREATE TABLE " + h.name + " (id " + column + " NOT NULL PRIMARY KEY, owner " + ownerType +
		" NOT NULL, live integer NOT NULL DEFAULT 1)")
	t.Cleanup(func() { _, _ = db.Exec("DROP TABLE " + h.name) })
	h.exec("CREATE INDEX " + h.name + "_owner ON " + h.name + " (owner)")
	for part := range slices.Chunk(h.ids, 500) {
		var rows []string
		for _, id := range part {
			rows = append(rows, "('"+strings.ReplaceAll(id, "'", "''")+"', '"+string(h.owners[id])+"')")
		}
		h.exec("INSERT INTO " + h.name + " (id, owner) VALUES " + strings.Join(rows, ", "))
	}
	h.exec("ANALYZE " + h.name)
	return h
}

func (h *hostTable) exec(query string) {
	h.t.Helper()
	if _, err := h.db.ExecContext(h.t.Context(), query); err != nil {
		h.t.Fatal(err)
	}
}

// cases returns what somebody may see: nothing, everything, a few rows and thousands, with ids
// that no row has and ids that do not have the type.
func (h *hostTable) cases() []sharing.Visibility {
	owner, nobody := h.owners[h.ids[0]], uuid.NewString()
	out := []sharing.Visibility{
		{}, {All: true}, {
			Owners: []auth.UserID{}, IDs: []string{},
		}, {Owners: []auth.UserID{owner}}, {IDs: h.ids[:30]}, {Owners: []auth.UserID{owner, auth.UserID(nobody)}, IDs: h.ids[:30]},
		{IDs: h.ids}, {Owners: slices.Sorted(func(yield func(auth.UserID) bool) {
			for _, o := range h.owners {
				if !yield(o) {
					return
				}
			}
		})},
		{Owners: []auth.UserID{"nobody", auth.UserID(strings.ToUpper(string(owner))), "'", "%"}, IDs: []string{"nothing", "0007", "+7", "7.0",
			"7e0", "0x7", "9223372036854775808", "n2", "\u0661", "{" + nobody + "}", "''", "?", "$2"}},
	}
	for range 10 {
		var v sharing.Visibility
		for range rand.IntN(3) {
			v.Owners = append(v.Owners, h.owners[h.ids[rand.IntN(len(h.ids))]])
		}
		for range rand.IntN(2000) {
			v.IDs = append(v.IDs, h.ids[rand.IntN(len(h.ids))])
		}
		out = append(out, v)
	}
	return out
}

// query returns a query of the host with a condition of its own and ours after it.
func (h *hostTable) query(v sharing.Visibility) (string, []any) {
	mark := "?"
	if h.dialect == sharing.Postgres {
		mark = "$1"
	}
	where, values := v.Where(h.dialect, h.columns, 2)
	return "SELECT n.id FROM " + h.name + " AS n WHERE n.live = " + mark + " AND " + where, append([]any{1}, values...)
}

func (h *hostTable) check(what string, v sharing.Visibility) {
	h.t.Helper()
	got := h.rows(h.query(v))
	var want []string
	for id, owner := range h.owners {
		if v.All || slices.Contains(v.Owners, owner) || slices.Contains(v.IDs, id) {
			want = append(want, id)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		h.t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	}
}

func (h *hostTable) rows(query string, values []any) (out []string) {
	h.t.Helper()
	rows, err := h.db.QueryContext(h.t.Context(), query, values...)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			h.t.Fatal(err)
		}
		out = append(out, id)
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	return out
}

// planned checks that the database finds the rows by both indexes and does not read the whole
// table.
func (h *hostTable) planned(v sharing.Visibility, explain, plan string) {
	h.t.Helper()
	query, values := h.query(v)
	rows, err := h.db.QueryContext(h.t.Context(), explain+query, values...)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		h.t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		into := make([]any, len(columns))
		for i := range into {
			into[i] = new(any)
		}
		if err := rows.Scan(into...); err != nil {
			h.t.Fatal(err)
		}
		lines = append(lines, fmt.Sprint(*into[len(into)-1].(*any)))
	}
	if text := strings.Join(lines, "\n"); rows.Err() != nil || !strings.Contains(text, plan) {
		h.t.Errorf("plan %v:\n%s", rows.Err(), text)
	}
}
