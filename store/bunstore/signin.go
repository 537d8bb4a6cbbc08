package bunstore

import (
	"context"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

// ReadSignIn returns the settings, and the account if there is one.
func (s accounts) ReadSignIn(ctx context.Context, key string) (out auth.SignInRead, err error) {
	if !storable(key) {
		key = "" // nobody has this key: a missing key is NULL
	}
	text := s.pool.texts.signInByName
	if strings.Contains(key, "@") {
		text = s.pool.texts.signInByMail
	}
	err = s.run(ctx, "read sign-in", func() error {
		var row signInRow
		if err := s.find(ctx, &row, text, key); err != nil {
			return err
		}
		out = auth.SignInRead{Settings: row.Settings, Found: row.User.ID != ""}
		if !out.Found {
			return nil
		}
		out.Account, err = row.User.account()
		return err
	})
	return out, err
}

// CompleteSignIn starts the session if the account has not changed since it was verified.
func (s accounts) CompleteSignIn(ctx context.Context, in auth.SignIn) error {
	if !isUUID(in.Session.User) {
		return auth.ErrStale
	}
	return s.tx(ctx, func(h *handle) error {
		return h.run(ctx, "complete sign-in", func() error {
			n, err := h.exec(ctx, "UPDATE hallpass_users SET password_hash = ?, last_login_at = ?"+
				" WHERE id = ? AND status = 'active' AND password_hash = ?",
				in.NewHash, at(in.Login.At), string(in.Session.User), in.OldHash)
			if err != nil {
				return err
			}
			if n == 0 {
				return auth.ErrStale
			}
			if _, err := h.db.NewInsert().Model(toSessionRow(in.Session)).Exec(ctx); err != nil {
				return err
			}
			_, err = h.db.NewInsert().Model(toLoginRow(in.Login)).Exec(ctx)
			return err
		})
	})
}
