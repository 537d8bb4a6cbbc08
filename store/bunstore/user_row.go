package bunstore

import (
	"encoding/json"

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
