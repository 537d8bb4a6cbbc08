package bunstore

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
)

// Dialect is the kind of database.
type Dialect int

// These are the supported databases.
const (
	SQLite   Dialect = iota + 1 // 3.39 or newer, with PRAGMA foreign_keys = on
	Postgres                    // 13 or newer, or a database that speaks its protocol and SQL
)

// String returns the name of the dialect, which is also the folder of its SQL.
func (d Dialect) String() string {
	switch d {
	case SQLite:
		return "sqlite"
	case Postgres:
		return "postgres"
	}
	return "unknown"
}

//go:embed schema
var schemas embed.FS

// Schema returns the migrations of a dialect as numbered SQL files, for hosts that run them
// with their own tool. For an unknown dialect it is empty.
func Schema(d Dialect) fs.FS {
	sub, err := fs.Sub(schemas, "schema/"+d.String())
	if err != nil {
		return embed.FS{}
	}
	return sub
}

// bun returns bun's dialect, or nil for an unknown one.
func (d Dialect) bun() schema.Dialect {
	switch d {
	case SQLite:
		return sqlitedialect.New()
	case Postgres:
		return pgdialect.New()
	}
	return nil
}

// words are the pieces of SQL in which the dialects differ.
type words struct {
	forUpdate  string // locks the rows of a SELECT; SQLite has already locked the database
	skipLocked string // the same, but skips rows that others have locked
	keyShare   string // keeps the rows of a SELECT from being deleted until the commit
	greatest   string // name of the function that returns the greater of two values
	noTime     string // NULL with the type of a time
	join       string // joins tables in the order in which they are written
	ignore     string // written before a column to keep its index from being used
	bytes      string // the length of a text in bytes; %s is the text
	// gather joins all values of an expression into one text; the two %s are the expression and
	// its source.
	gather string
}

// list returns an expression that packs texts. For each row of from it writes each text as
// length, colon, text.
func (w words) list(from string, texts ...string) string {
	for i, t := range texts {
		texts[i] = fmt.Sprintf(w.bytes, t) + " || ':' || " + t
	}
	return fmt.Sprintf(w.gather, strings.Join(texts, " || "), from)
}

// rolesOf packs the roles in a table of assignments, five texts for each role, in the order
// that unpackGrants reads.
func (w words) rolesOf(table, where string) string {
	return w.list(table+" AS r LEFT JOIN hallpass_roles AS d ON d.id = r.role WHERE "+where,
		"''", "''", "r.role", "coalesce(d.name, '')", "coalesce(d.scopes, '')")
}

// userGrants packs everything that gives user u rights: roles, and groups with their roles.
func (w words) userGrants() string {
	return w.rolesOf("hallpass_user_roles", "r.user_id = u.id") + " || " +
		w.list("hallpass_group_members AS m JOIN hallpass_groups AS g ON g.id = m.group_id"+
			" LEFT JOIN hallpass_group_roles AS r ON r.group_id = g.id"+
			" LEFT JOIN hallpass_roles AS d ON d.id = r.role WHERE m.user_id = u.id",
			"CAST(g.id AS text)", "g.name", "coalesce(r.role, '')", "coalesce(d.name, '')", "coalesce(d.scopes, '')")
}

func (d Dialect) words() words {
	if d == Postgres {
		return words{
			forUpdate: " FOR UPDATE", skipLocked: " FOR UPDATE SKIP LOCKED", keyShare: " FOR KEY SHARE",
			greatest: "greatest", noTime: "CAST(NULL AS timestamptz)", join: "JOIN",
			bytes: "octet_length(%s)", gather: "array_to_string(array(SELECT %s FROM %s), '')",
		}
	}
	return words{
		greatest: "max", noTime: "NULL", join: "CROSS JOIN", ignore: "+",
		bytes: "length(CAST(%s AS BLOB))", gather: "coalesce((SELECT group_concat(%s, '') FROM %s), '')",
	}
}
