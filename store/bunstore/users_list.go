package bunstore

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
)

// Users lists users by id.
func (s accounts) Users(ctx context.Context, q auth.UserQuery) ([]auth.User, error) {
	if q.After != "" && !isUUID(q.After) {
		return nil, auth.ErrBadCursor
	}
	var list []auth.User
	err := s.run(ctx, "users", func() error {
		var rows []userRow
		sel, err := s.selectUsers(ctx, &rows, q)
		if err == nil {
			err = sel.Scan(ctx)
		}
		if err != nil {
			return err
		}
		list = make([]auth.User, len(rows))
		for i := range rows {
			a, err := rows[i].account()
			if err != nil {
				return err
			}
			list[i] = a.User
		}
		return nil
	})
	return list, err
}

// selectUsers reads in the order of user ids, or of role or group and then user id, so that a
// page costs the same however many users there are.
func (h *handle) selectUsers(ctx context.Context, rows *[]userRow, q auth.UserQuery) (*bun.SelectQuery, error) {
	sel, id := h.db.NewSelect().Model(rows).ColumnExpr(h.pool.texts.user).Limit(int64(q.Limit)), "u.id"
	through := func(table, column, value string) {
		id = "held.user_id"
		sel.ModelTableExpr(
			table+" AS held "+h.pool.words.join+" hallpass_users AS u ON u.id = held.user_id",
		).Where("held."+column+" = ?", value)
	}
	if q.Role != "" {
		through("hallpass_user_roles", "role", string(q.Role))
	}
	within := q.Within
	if q.Group != "" {
		within = append([]auth.Within{{Groups: []auth.GroupID{q.Group}}}, within...)
	}
	for _, w := range within {
		large, err := h.large(ctx, w.Groups)
		if err != nil {
			return nil, err
		}
		one := len(w.Groups) == 1 && len(w.Users) == 0 && isUUID(w.Groups[0])
		if one && id == "u.id" && !(large && narrow(q)) {
			through("hallpass_group_members", "group_id", string(w.Groups[0]))
			continue
		}
		h.within(sel, w, large)
	}
	if q.After != "" {
		sel.Where(id+" > ?", string(q.After))
	}
	if q.Status != "" {
		sel.Where("u.status = ?", string(q.Status))
	}
	if q.ExternalID != "" {
		sel.Where("u.external_id = ?", q.ExternalID)
	}
	if q.Prefix == "" {
		return sel.OrderExpr(id), nil
	}
	end := after(q.Prefix)
	by := access{filter: h.pool.words.ignore} // read in the order of role or group, or of id
	if id == "u.id" {
		var err error
		if by, err = h.access(ctx, "hallpass_users AS u", begins(""), q.Prefix, end); err != nil {
			return nil, err
		}
	}
	return sel.Where(begins(by.filter), q.Prefix, end).OrderExpr(by.order + id), nil
}

// within limits a list to what w selects. The members of a large group are not collected; each
// user is looked up among them instead. The members of a small group and the single users form
// one list, since PostgreSQL would read every user for an OR.
func (h *handle) within(sel *bun.SelectQuery, w auth.Within, large bool) {
	const member = "SELECT 1 FROM hallpass_group_members AS m WHERE m.user_id = u.id AND m.group_id IN (?)"
	switch {
	case len(w.Groups) == 0:
		sel.Where("u.id IN (?)", in(w.Users))
	case large && len(w.Users) == 0:
		sel.Where("EXISTS ("+member+")", in(w.Groups))
	case large:
		sel.Where("EXISTS ("+member+" UNION ALL SELECT 1 WHERE u.id IN (?))", in(w.Groups), in(w.Users))
	case len(w.Users) == 0:
		sel.Where("u.id IN (?)", h.members(w.Groups))
	default:
		sel.Where("u.id IN (? UNION ALL ?)", h.members(w.Groups),
			h.db.NewSelect().TableExpr("hallpass_users").Column("id").Where("id IN (?)", in(w.Users)))
	}
}

// large reports whether one of the groups has more than manyRows members.
func (h *handle) large(ctx context.Context, groups []auth.GroupID) (bool, error) {
	if len(groups) == 0 {
		return false, nil
	}
	return h.db.NewSelect().TableExpr("hallpass_groups").Where("id IN (?)", in(groups)).Where("members > ?",
		manyRows).Exists(ctx)
}

// narrow reports whether a query has a filter with an index that finds few users.
func narrow(q auth.UserQuery) bool {
	return q.Prefix != "" || q.ExternalID != "" || q.Status != "" && q.Status != auth.StatusActive
}

// begins returns the condition that a key lies in a range. plus is written before each column.
func begins(plus string) string {
	return fmt.Sprintf(
		"((%[1]su.username_key >= ?0 AND %[1]su.username_key < ?1)"+
			" OR (%[1]su.email_key >= ?0 AND %[1]su.email_key < ?1))", plus,
	)
}

// after returns the smallest text, compared by bytes, that is greater than every text with this
// prefix. A range can always use an index and needs no escaping, unlike a pattern.
func after(prefix string) string {
	r := []rune(prefix)
	for i := len(r) - 1; i >= 0; i-- {
		switch next := r[i] + 1; {
		case next == 0xd800: // surrogates are not characters
			return string(append(r[:i:i], 0xe000))
		case next <= 0x10ffff:
			return string(append(r[:i:i], next))
		}
	}
	return string(append(r, 0x10ffff)) // greater than any key that the rules allow
}
