package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store/bunstore"
)

// The program keeps what users asked the model in a table of its own. The table is in the same
// database and refers to the accounts, so that the database keeps no row of a user who was
// removed.

// makeHistory makes the table. Replicas that start at the same time take turns by a lock.
func (s *site) makeHistory(ctx context.Context, postgres bool) error {
	id, at := "TEXT", "TEXT"
	if postgres {
		id, at = "uuid", "timestamptz"
	}
	return s.exec(ctx,
		`CREATE TABLE IF NOT EXISTS mlapi_predictions (id `+id+` PRIMARY KEY,
			user_id `+id+` NOT NULL REFERENCES hallpass_users (id), age DOUBLE PRECISION NOT NULL,
			probability DOUBLE PRECISION NOT NULL, at `+at+` NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS mlapi_predictions_user ON mlapi_predictions (user_id)`)
}

// exec runs statements in one transaction.
func (s *site) exec(ctx context.Context, statements ...string) error {
	return s.db.Auth().Tx(ctx, func(st auth.Store) error {
		if err := st.Lock(ctx, "mlapi:history"); err != nil {
			return err
		}
		for _, text := range statements {
			if _, err := st.Handle().(bunstore.Conn).ExecContext(ctx, text); err != nil {
				return err
			}
		}
		return nil
	})
}

// remember stores what a user asked and what the model answered. It returns ErrTokenInvalid if
// the user was removed meanwhile.
func (s *site) remember(ctx context.Context, id auth.UserID, age, probability float64) error {
	row, err := uuid.NewV7()
	if err != nil {
		return err
	}
	at := s.now().UTC().Format(time.RFC3339Nano)
	err = s.db.Auth().Tx(ctx, func(st auth.Store) error {
		_, err := st.Handle().(bunstore.Conn).ExecContext(ctx,
			`INSERT INTO mlapi_predictions (id, user_id, age, probability, at) VALUES ($1, $2, $3, $4, $5)`,
			row.String(), string(id), age, probability, at)
		return err
	})
	if err == nil {
		return nil
	}
	if _, gone := s.accounts.User(ctx, s.operator, id); errors.Is(gone, auth.ErrNotFound) {
		return auth.ErrTokenInvalid
	}
	return err
}

// forget deletes what a user asked, in the transaction that deletes the account.
func forget(ctx context.Context, tx auth.Tx, u auth.User) error {
	conn, ok := bunstore.ConnOf(tx)
	if !ok {
		return errors.New("the transaction has no connection")
	}
	_, err := conn.ExecContext(ctx, `DELETE FROM mlapi_predictions WHERE user_id = $1`, string(u.ID))
	return err
}
