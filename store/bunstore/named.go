package bunstore

import (
	"context"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

// Roles, groups and services are rows with a unique name. This file holds what they share.

// createNamed inserts a row unless another row has its name, which is in column.
func (h *handle) createNamed(ctx context.Context, what string, row any, table, column, name string) error {
	return h.run(ctx, what, func() error {
		for range 3 { // the other row may be gone by the time it is looked for
			n, err := affected(h.db.NewInsert().Model(row).On("CONFLICT (" + column + ") DO NOTHING").Exec(ctx))
			if err != nil || n == 1 {
				return err
			}
			taken, err := h.db.NewSelect().TableExpr(table).Where(column+" = ?", name).Exists(ctx)
			if err != nil {
				return err
			}
			if taken {
				return auth.ErrNameTaken
			}
		}
		return auth.ErrSerialization
	})
}

// named returns the column in which to look for a reference: that of the id or of the name.
func named(ref, id, name string) string {
	if isUUID(ref) {
		return id
	}
	return name
}

// lockRow locks and reads the row that a transaction is about to change.
func (h *handle) lockRow(ctx context.Context, row any, id string) error {
	sel := h.db.NewSelect().Model(row).Where("id = ?", id)
	if h.pool.dialect == Postgres {
		sel.For("UPDATE")
	}
	return sel.Scan(ctx)
}

// edited reads a record, lets edit change it, writes it and reads it again, all or nothing. It
// returns an error of edit unchanged.
func edited[T any](
	ctx context.Context, h *handle, what string, edit func(*T) error,
	read func(*handle) (T, error), write func(h *handle, old, now T) error,
) (T, error) {
	var out, none T
	var refused error
	err := h.tx(ctx, func(h *handle) error {
		var old T
		err := h.run(ctx, what, func() (err error) {
			old, err = read(h)
			return err
		})
		if err != nil {
			return err
		}
		now := old
		if refused = edit(&now); refused != nil {
			return refused
		}
		return h.run(ctx, what, func() (err error) {
			if err = write(h, old, now); err == nil {
				out, err = read(h)
			}
			return err
		})
	})
	if refused != nil {
		return none, refused
	}
	if err != nil {
		return none, err
	}
	return out, nil
}

// renamed runs an update in a savepoint if the new name may be taken, because violating a
// constraint ends a PostgreSQL transaction.
func (h *handle) renamed(ctx context.Context, same bool, update func(*handle) error) error {
	if same {
		return update(h)
	}
	err := h.savepoint(ctx, func(h *handle) error { return h.run(ctx, "rename", func() error { return update(h) }) })
	if err != nil && unique(err) && strings.Contains(err.Error(), "name_key") {
		return auth.ErrNameTaken
	}
	return err
}

// assign adds a pair to a table of pairs. It returns false if the pair is already there, and
// ErrNotFound unless both of its ends exist.
func (h *handle) assign(ctx context.Context, what, insert string, exist string, args ...any) (added bool, err error) {
	err = h.run(ctx, what, func() error {
		n, err := h.exec(ctx, insert+h.pool.words.keyShare+" ON CONFLICT DO NOTHING", args...)
		if added = n == 1; err != nil || added {
			return err
		}
		var known bool
		if err := h.db.NewSelect().ColumnExpr("EXISTS ("+exist+")", args...).Scan(ctx, &known); err != nil {
			return err
		}
		if !known {
			return auth.ErrNotFound
		}
		return nil
	})
	return added, err
}

// unassign removes a pair. It returns false if the pair was not there.
func (h *handle) unassign(ctx context.Context, what, statement string, args ...any) (removed bool, err error) {
	err = h.run(ctx, what, func() error {
		n, err := h.exec(ctx, statement, args...)
		removed = n == 1
		return err
	})
	return removed, err
}
