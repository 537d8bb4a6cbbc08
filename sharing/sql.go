package sharing

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Dialect is the SQL that a host speaks with its database.
type Dialect int

// The dialects.
const (
	SQLite   Dialect = iota + 1 // placeholders are ?
	Postgres                    // placeholders are $1, $2, …
)

// Columns are the columns of the host's table that hold the owner and the id of a resource. They go into the SQL as they are: constants, never input.
type Columns struct {
	Owner string // such as "n.owner"
	ID    string // such as "n.id"
	// OwnerType and IDType are the types to compare as on PostgreSQL, such as "uuid" or "bigint", so that an index on the column serves. Empty
	// means text.
	OwnerType, IDType string
}

// Where is the condition that a row is visible, for the query of the host's own table: TRUE, FALSE, or owners and ids, with the values for its
// placeholders, of which there are at most two whatever the number of owners and ids. On PostgreSQL the placeholders are numbered from first on. The values are JSON texts, so any driver takes them.
func (v Visibility) Where(d Dialect, c Columns, first int) (condition string, values []any) {
	if v.All {
		return "TRUE", nil
	}
	var parts []string
	add := func(column, as string, list []string) {
		if len(list) == 0 {
			return
		}
		doc, _ := json.Marshal(list) // strings always do
		values = append(values, string(doc))
		if d == Postgres {
			if as == "" {
				as = "text"
			}
			parts = append(parts, fmt.Sprintf("%s IN (SELECT CAST(e.v AS %s) FROM jsonb_array_elements_text(CAST($%d AS jsonb)) AS e(v))", column, as, first+len(values)-1))
			return
		}
		parts = append(parts, column+" IN (SELECT value FROM json_each(?))")
	}
	add(c.Owner, c.OwnerType, v.Owners)
	add(c.ID, c.IDType, v.IDs)
	if len(parts) == 0 {
		return "FALSE", nil
	}
	return "(" + strings.Join(parts, " OR ") + ")", values
}
