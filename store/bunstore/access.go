package bunstore

import "context"

// manyRows is the number of matches above which a list is read in its order and filtered on the
// way. Up to it, the matches are found by the filter and then sorted.
const manyRows = 5000

// access holds what is written before a column of the filter and before that of the order, to
// keep SQLite from using its index.
type access struct{ filter, order string }

// access counts the rows that match a filter with an index, to choose which index to use.
// PostgreSQL knows from its statistics. SQLite would sort a million rows for a page, or read a
// million to find ten.
func (h *handle) access(ctx context.Context, table, where string, args ...any) (access, error) {
	ignore := h.pool.words.ignore
	if ignore == "" {
		return access{}, nil
	}
	some := h.db.NewSelect().ColumnExpr("1").TableExpr(table).Where(where, args...).Limit(manyRows + 1)
	var n int
	if err := h.db.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS some", some).Scan(ctx, &n); err != nil {
		return access{}, err
	}
	if n > manyRows {
		return access{filter: ignore}, nil
	}
	return access{order: ignore}, nil
}
