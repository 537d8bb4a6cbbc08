package bunstore

import (
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
)

// moment is a time in the form of the database: timestamptz on PostgreSQL, Unix microseconds on
// SQLite, where integers sort as times do.
type moment struct{ time.Time }

// at converts t to UTC and cuts it to microseconds.
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

// maybe is an optional time. The zero time is NULL.
type maybe struct{ moment }

// AppendQuery writes the time, or NULL.
func (m maybe) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	if m.IsZero() {
		return dialect.AppendNull(b), nil
	}
	return m.moment.AppendQuery(gen, b)
}
