package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
)

type valueRow struct {
	bun.BaseModel `bun:"table:hallpass_values"`

	Name  string `bun:"name,pk"`
	Value string `bun:"value"`
}

// Value returns the document with the name.
func (s accounts) Value(ctx context.Context, name string) (value string, err error) {
	err = s.run(ctx, "value", func() (err error) {
		value, err = s.value(ctx, name, false)
		return err
	})
	return value, err
}

func (h *handle) value(ctx context.Context, name string, lock bool) (string, error) {
	var row valueRow
	sel := h.db.NewSelect().Model(&row).Where("name = ?", name)
	if lock && h.pool.dialect == Postgres {
		sel.For("UPDATE")
	}
	err := sel.Scan(ctx)
	return row.Value, err
}

// addValue stores a value unless there already is one.
func (h *handle) addValue(ctx context.Context, name, value string) error {
	_, err := h.db.NewInsert().Model(&valueRow{Name: name, Value: value}).On("CONFLICT DO NOTHING").Exec(ctx)
	return err
}

// InitValue stores a value unless there already is one, and returns the stored value.
func (s accounts) InitValue(ctx context.Context, name, value string) (stored string, err error) {
	err = s.run(ctx, "init value", func() (err error) {
		if err := s.addValue(ctx, name, value); err != nil {
			return err
		}
		stored, err = s.value(ctx, name, false)
		return err
	})
	return stored, err
}

// UpdateValue locks the row, lets edit change the value and writes it. A missing row can't be
// locked, so it is created first.
func (s accounts) UpdateValue(ctx context.Context, name string, edit func(old string) (string, error)) error {
	var refused error
	err := s.tx(ctx, func(h *handle) error {
		return h.run(ctx, "update value", func() error {
			if err := h.addValue(ctx, name, ""); err != nil {
				return err
			}
			old, err := h.value(ctx, name, true)
			if err != nil {
				return err
			}
			value, err := edit(old)
			if refused = err; err != nil {
				return err
			}
			return orNotFound(affected(h.db.NewUpdate().Model(&valueRow{Name: name, Value: value}).WherePK().Exec(ctx)))
		})
	})
	if refused != nil {
		return refused
	}
	return err
}

var _ auth.Store = accounts{}
