package bunstore

import (
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
)

// moment is a time as the database keeps it: timestamptz on PostgreSQL, Unix microseconds on
// SQLite, where integers compare as times do.
type moment struct{ time.Time }

// at cuts t to what is stored.
func at(t time.Time) moment { return moment{t.UTC().Truncate(time.Microsecond)} }

// AppendQuery writes the time as SQL.
func (m moment) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	if gen.Dialect().Name() == dialect.SQLite {
		return strconv.AppendInt(b, m.UnixMicro(), 10), nil
	}
	return gen.Dialect().AppendTime(b, m.Time), nil
}

// Scan reads what a driver returns for a column of times.
func (m *moment) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		m.Time = time.Time{}
	case int64:
		m.Time = time.UnixMicro(src).UTC()
	case time.Time:
		m.Time = src.UTC()
	default:
		return fmt.Errorf("a time can't be read from %T", src)
	}
	return nil
}

// maybe is a time that may never have come: zero is NULL.
type maybe struct{ moment }

// AppendQuery writes the time or NULL.
func (m maybe) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	if m.IsZero() {
		return dialect.AppendNull(b), nil
	}
	return m.moment.AppendQuery(gen, b)
}
