package bunstore

import "context"

// manyRows is from where on a list is read in its order and filtered on the way, not found by
// its filter and sorted.
const manyRows = 5000

// access is what stands before a column of the filter and before that of the order, to keep
// SQLite from using its index.
type access struct{ filter, order string }

// access asks how many rows match a filter that has an index. PostgreSQL knows from its
// statistics; SQLite would find and sort a million rows for a page, or read a million to find
// ten.
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
