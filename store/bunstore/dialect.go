package bunstore

import (
	"embed"
	"io/fs"

	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
)

// Dialect is the kind of database.
type Dialect int

// The databases that the package speaks to.
const (
	SQLite   Dialect = iota + 1 // 3.39 or newer, with PRAGMA foreign_keys = on
	Postgres                    // 13 or newer, and databases that speak its protocol and SQL
)

// String gives the name of the dialect, which is also the folder of its SQL.
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

// Schema gives the migrations of a dialect as numbered SQL files, for hosts that run them with a tool of
// their own. An unknown dialect has none.
func Schema(d Dialect) fs.FS {
	sub, err := fs.Sub(schemas, "schema/"+d.String())
	if err != nil {
		return embed.FS{}
	}
	return sub
}

// bun makes bun's side of the dialect; nil for an unknown one.
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
	forUpdate  string // locks what a SELECT reads; SQLite has locked the database already
	skipLocked string // the same, passing by what others have locked
	greatest   string // the greater of two values
	noTime     string // NULL of the type of a time
	join       string // joins in the order in which the tables stand
	ignore     string // before a column: its index is not to be used
	roles      string // all roles of u, each as length, colon, text
}

func (d Dialect) words() words {
	if d == Postgres {
		return words{
			forUpdate: " FOR UPDATE", skipLocked: " FOR UPDATE SKIP LOCKED", greatest: "greatest", noTime: "CAST(NULL AS timestamptz)", join: "JOIN",
			roles: "array_to_string(array(SELECT octet_length(r.role) || ':' || r.role" +
				" FROM hallpass_user_roles AS r WHERE r.user_id = u.id ORDER BY r.role), '')",
		}
	}
	return words{
		greatest: "max", noTime: "NULL", join: "CROSS JOIN", ignore: "+",
		roles: "(SELECT group_concat(held.role, '') FROM (SELECT length(CAST(r.role AS BLOB)) || ':' || r.role AS role" +
			" FROM hallpass_user_roles AS r WHERE r.user_id = u.id ORDER BY r.role) AS held)",
	}
}
