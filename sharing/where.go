package sharing

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

// Dialect is the dialect of SQL that the host's database speaks.
type Dialect int

// The dialects.
const (
	SQLite   Dialect = iota + 1 // placeholders are ?
	Postgres                    // placeholders are $1, $2, …
)

// Columns name the columns of the host's table that hold the owner and the id of a resource.
// They become part of the SQL unchanged, so they must be constants and never input.
type Columns struct {
	Owner string // such as "n.owner"
	ID    string // such as "n.id"
	// OwnerType and IDType are the types of columns that do not hold text, such as "uuid" or
	// "bigint". With them PostgreSQL can use an index of the column, and a text that is not a
	// value of the type matches no row. On SQLite, set them for columns of integers.
	OwnerType, IDType string
}

// Where returns the condition that a row is visible, for a query of the host's own table, and
// the values for its placeholders. There are at most two placeholders, however many owners and
// ids there are. On PostgreSQL they are numbered from first. The values are texts in JSON,
// which every driver takes. Hosts should not depend on the exact SQL. Where panics for an
// unknown dialect.
func (v Visibility) Where(d Dialect, c Columns, first int) (condition string, values []any) {
	if d != SQLite && d != Postgres {
		panic(fmt.Sprintf("sharing: Where: unknown dialect %d", d))
	}
	if v.All {
		return "TRUE", nil
	}
	var parts []string
	add := func(column, as string, list []string) {
		list = ofType(as, list)
		if len(list) == 0 {
			return
		}
		doc, _ := json.Marshal(list) // strings always do
		values = append(values, string(doc))
		if d == SQLite {
			parts = append(parts, column+" IN (SELECT value FROM json_each(?))")
			return
		}
		if as == "" {
			as = "text"
		}
		// This is an array instead of IN with a query, so that each side of the OR can use its
		// index.
		parts = append(parts, fmt.Sprintf("%s = ANY(ARRAY(SELECT CAST(e.v AS %s) "+
			"FROM jsonb_array_elements_text(CAST($%d AS jsonb)) AS e(v)))", column, as, first+len(values)-1))
	}
	add(c.Owner, c.OwnerType, textsOf(v.Owners))
	add(c.ID, c.IDType, v.IDs)
	if len(parts) == 0 {
		return "FALSE", nil
	}
	return "(" + strings.Join(parts, " OR ") + ")", values
}

// ofType leaves out texts that are not how the type writes its values, such as "x" and "007"
// for integers. A database would fail on the first, and take the other one for 7.
func ofType(name string, list []string) []string {
	bits := map[string]int{
		"smallint": 16, "int2": 16, "integer": 32, "int": 32, "int4": 32, "bigint": 64, "int8": 64,
	}[strings.ToLower(name)]
	if bits == 0 && !strings.EqualFold(name, "uuid") {
		return list
	}
	var out []string
	for _, text := range list {
		n, err := strconv.ParseInt(text, 10, max(bits, 16))
		if bits == 0 && auth.IsID(text) || bits > 0 && err == nil && strconv.FormatInt(n, 10) == text {
			out = append(out, text)
		}
	}
	return out
}
