package bunstore

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
)

type userRow struct {
	bun.BaseModel `bun:"table:hallpass_users,alias:u"`

	ID            string `bun:"id,pk"`
	Username      string `bun:"username"`
	UsernameKey   string `bun:"username_key,nullzero"`
	Email         string `bun:"email"`
	EmailKey      string `bun:"email_key,nullzero"`
	EmailVerified bool   `bun:"email_verified"`
	Name          string `bun:"name"`
	Attributes    string `bun:"attributes"`
	Status        string `bun:"status"`
	ExternalID    string `bun:"external_id,nullzero"`
	PasswordHash  string `bun:"password_hash"`
	CreatedAt     moment `bun:"created_at"`
	UpdatedAt     moment `bun:"updated_at"`
	LastLoginAt   maybe  `bun:"last_login_at"`
	Grants        string `bun:"grants,scanonly"`
}

func toUserRow(a auth.Account) *userRow {
	if len(a.Attributes) == 0 {
		a.Attributes = json.RawMessage("{}")
	}
	return &userRow{
		ID: string(a.ID), Username: a.Username, UsernameKey: a.UsernameKey, Email: a.Email, EmailKey: a.EmailKey,
		EmailVerified: a.EmailVerified, Name: a.Name, Attributes: string(a.Attributes), Status: string(a.Status),
		ExternalID: a.ExternalID, PasswordHash: a.PasswordHash,
		CreatedAt: at(a.CreatedAt), UpdatedAt: at(a.UpdatedAt), LastLoginAt: maybe{at(a.LastLoginAt)},
	}
}

func (r *userRow) account() (auth.Account, error) {
	g, err := unpackGrants(r.Grants)
	if err != nil {
		return auth.Account{}, err
	}
	return auth.Account{
		User: auth.User{
			ID: auth.UserID(r.ID), Username: r.Username, Email: r.Email, EmailVerified: r.EmailVerified, Name: r.Name,
			Attributes: json.RawMessage(r.Attributes), Roles: g.roles, Groups: g.groups, Grants: g.grants,
			Status: auth.Status(r.Status), ExternalID: r.ExternalID,
			CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, LastLoginAt: r.LastLoginAt.Time,
		},
		UsernameKey: r.UsernameKey, EmailKey: r.EmailKey, PasswordHash: r.PasswordHash,
	}, nil
}

type roleRow struct {
	bun.BaseModel `bun:"table:hallpass_user_roles"`

	UserID string `bun:"user_id,pk"`
	Role   string `bun:"role,pk"`
}

// isUUID reports whether s is a UUID in canonical form. PostgreSQL accepts other spellings of
// the same UUID and refuses other texts, but SQLite compares text. This check makes both know
// only the canonical form.
func isUUID[ID ~string](s ID) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'f':
		default:
			return false
		}
	}
	return true
}

// accounts implements auth.Store on a handle.
type accounts struct{ *handle }

var _ auth.Store = accounts{}

// Tx runs fn in a transaction or a savepoint.
func (s accounts) Tx(ctx context.Context, fn func(auth.Store) error) error {
	return s.tx(ctx, func(h *handle) error { return fn(accounts{h}) })
}

// CreateAccount adds an account with its roles.
func (s accounts) CreateAccount(ctx context.Context, a auth.Account) error {
	if !isUUID(a.ID) {
		return errors.New("create account: the id is not a canonical UUID")
	}
	return s.tx(ctx, func(h *handle) error {
		return h.run(ctx, "create account", func() error {
			if err := h.insertUser(ctx, a); err != nil || len(a.Roles) == 0 {
				return err
			}
			var roles []roleRow
			for _, r := range a.Roles {
				roles = append(roles, roleRow{UserID: string(a.ID), Role: string(r)})
			}
			_, err := h.db.NewInsert().Model(&roles).On("CONFLICT DO NOTHING").Exec(ctx)
			return err
		})
	})
}

// insertUser adds a row, or returns the error for the account that is in the way. That account
// may be gone by the time it is looked for; then the row fits.
func (h *handle) insertUser(ctx context.Context, a auth.Account) error {
	for range 3 {
		n, err := affected(h.db.NewInsert().Model(toUserRow(a)).On("CONFLICT DO NOTHING").Exec(ctx))
		if err != nil || n == 1 {
			return err
		}
		if err := h.conflict(ctx, a); err != nil {
			return err
		}
	}
	return auth.ErrSerialization
}

// conflict returns the error for an account that already has what a needs, or nil.
func (h *handle) conflict(ctx context.Context, a auth.Account) error {
	var rows []userRow
	err := h.db.NewSelect().Model(&rows).Column("id", "username_key", "email_key", "external_id").
		Where("username_key = ? OR email_key = ? OR external_id = ? OR id = ?",
			bun.NullZero(a.UsernameKey), bun.NullZero(a.EmailKey), bun.NullZero(a.ExternalID), string(a.ID)).Scan(ctx)
	if err != nil {
		return err
	}
	for _, c := range []struct {
		is   error
		same func(r userRow) bool
	}{
		{auth.ErrUsernameTaken, func(r userRow) bool { return r.UsernameKey != "" && r.UsernameKey == a.UsernameKey }},
		{auth.ErrEmailTaken, func(r userRow) bool { return r.EmailKey != "" && r.EmailKey == a.EmailKey }},
		{auth.ErrExternalIDTaken, func(r userRow) bool { return r.ExternalID != "" && r.ExternalID == a.ExternalID }},
		{errors.New("an account has this id"), func(userRow) bool { return true }},
	} {
		for _, r := range rows {
			if c.same(r) {
				return c.is
			}
		}
	}
	return nil
}

// Account returns the account with the id.
func (s accounts) Account(ctx context.Context, id auth.UserID) (auth.Account, error) {
	if !isUUID(id) {
		return auth.Account{}, auth.ErrNotFound
	}
	return s.account(ctx, s.pool.texts.account, string(id))
}

// AccountByLogin returns the account with the key of a username or email.
func (s accounts) AccountByLogin(ctx context.Context, key string) (auth.Account, error) {
	if !storable(key) {
		return auth.Account{}, auth.ErrNotFound
	}
	if strings.Contains(key, "@") {
		return s.account(ctx, s.pool.texts.byEmail, key)
	}
	return s.account(ctx, s.pool.texts.byUsername, key)
}

// storable reports whether a database can hold the text at all.
func storable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

func (h *handle) account(ctx context.Context, text, key string) (a auth.Account, err error) {
	err = h.run(ctx, "account", func() (err error) {
		a, err = h.readAccount(ctx, text, key)
		return err
	})
	return a, err
}

func (h *handle) readAccount(ctx context.Context, text, key string) (auth.Account, error) {
	var row userRow
	if err := h.find(ctx, &row, text, key); err != nil {
		return auth.Account{}, err
	}
	if row.ID == "" {
		return auth.Account{}, auth.ErrNotFound
	}
	return row.account()
}

// UpdateAccount locks an account, lets edit change it and writes it.
func (s accounts) UpdateAccount(
	ctx context.Context, id auth.UserID, edit func(*auth.Account) error,
) (a auth.Account, err error) {
	if !isUUID(id) {
		return auth.Account{}, auth.ErrNotFound
	}
	var refused error
	err = s.tx(ctx, func(h *handle) error {
		var old auth.Account
		err := h.run(ctx, "update account", func() (err error) {
			old, err = h.readAccount(ctx, s.pool.texts.account+h.pool.words.forUpdate, string(id))
			return err
		})
		if err != nil {
			return err
		}
		a = old
		a.Attributes, a.Roles = append([]byte{}, old.Attributes...), append([]auth.RoleID{}, old.Roles...)
		a.Groups, a.Grants = slices.Clone(old.Groups), slices.Clone(old.Grants)
		if refused = edit(&a); refused != nil {
			return refused
		}
		a.ID, a.CreatedAt, a.Roles, a.Groups, a.Grants = old.ID, old.CreatedAt, old.Roles, old.Groups, old.Grants
		a.UpdatedAt, a.LastLoginAt = at(a.UpdatedAt).Time, at(a.LastLoginAt).Time
		return h.writeUser(ctx, old, a)
	})
	if refused != nil {
		return auth.Account{}, refused
	}
	if err != nil {
		return auth.Account{}, err
	}
	return a, nil
}

// writeUser updates the row. If the new values may be taken, it uses a savepoint, because
// violating a constraint ends a PostgreSQL transaction.
func (h *handle) writeUser(ctx context.Context, old, a auth.Account) error {
	update := func(h *handle) error {
		return h.run(ctx, "update account", func() error {
			n, err := affected(
				h.db.NewUpdate().Model(toUserRow(a)).ExcludeColumn("id", "created_at").WherePK().Exec(ctx),
			)
			if err == nil && n == 0 {
				return auth.ErrNotFound
			}
			return err
		})
	}
	if old.UsernameKey == a.UsernameKey && old.EmailKey == a.EmailKey && old.ExternalID == a.ExternalID {
		return update(h)
	}
	err := h.savepoint(ctx, update)
	if is := taken(err); is != nil {
		return is
	}
	return err
}

// DeleteAccount removes an account. Foreign keys remove what belongs to it.
func (s accounts) DeleteAccount(ctx context.Context, id auth.UserID) error {
	if !isUUID(id) {
		return auth.ErrNotFound
	}
	return s.tx(ctx, func(h *handle) error {
		return h.run(ctx, "delete account", func() error {
			// Lock the row first, so that the user joins no group between the count and the
			// end.
			if err := h.lockRow(ctx, new(userRow), string(id)); err != nil {
				return err
			}
			_, err := h.exec(ctx, "UPDATE hallpass_groups SET members = members - 1"+
				" WHERE id IN (SELECT group_id FROM hallpass_group_members WHERE user_id = ?)", string(id))
			if err != nil {
				return err
			}
			return orNotFound(h.exec(ctx, "DELETE FROM hallpass_users WHERE id = ?", string(id)))
		})
	})
}

// orNotFound returns ErrNotFound for a statement that changed nothing.
func orNotFound(n int, err error) error {
	if err == nil && n == 0 {
		return auth.ErrNotFound
	}
	return err
}
