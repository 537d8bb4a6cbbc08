package bunstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/token"
)

type flowRow struct {
	bun.BaseModel `bun:"table:hallpass_flows,alias:f"`

	ID        string `bun:"id,pk"`
	Secret    []byte `bun:"secret"`
	Code      []byte `bun:"code"`
	Link      []byte `bun:"link"`
	Purpose   string `bun:"purpose"`
	Email     string `bun:"email"`
	EmailKey  string `bun:"email_key"`
	UserID    string `bun:"user_id,nullzero"`
	SessionID string `bun:"session_id,nullzero"`
	SignUp    string `bun:"sign_up,nullzero"`
	Decoy     bool   `bun:"decoy"`
	Tries     int    `bun:"tries"`
	Sends     int    `bun:"sends"`
	SentAt    moment `bun:"sent_at"`
	CreatedAt moment `bun:"created_at"`
	ExpiresAt moment `bun:"expires_at"`
}

func toFlowRow(f emailcode.Flow) *flowRow {
	return &flowRow{
		ID: string(f.ID), Secret: f.Secret[:], Code: f.Code[:], Link: orNull(f.Link), Purpose: string(f.Purpose),
		Email: f.Email, EmailKey: f.EmailKey, UserID: f.User, SessionID: f.Session,
		SignUp: string(f.SignUp),
		Decoy:  f.Decoy, Tries: f.Tries, Sends: f.Sends, SentAt: at(f.SentAt), CreatedAt: at(f.CreatedAt),
		ExpiresAt: at(f.ExpiresAt),
	}
}

func (r *flowRow) flow() (emailcode.Flow, error) {
	f := emailcode.Flow{
		ID: emailcode.FlowID(r.ID), Purpose: emailcode.Purpose(r.Purpose), Email: r.Email, EmailKey: r.EmailKey,
		User: r.UserID, Session: r.SessionID, Decoy: r.Decoy, Tries: r.Tries,
		Sends:  r.Sends,
		SentAt: r.SentAt.Time, CreatedAt: r.CreatedAt.Time, ExpiresAt: r.ExpiresAt.Time,
	}
	if r.SignUp != "" {
		f.SignUp = json.RawMessage(r.SignUp)
	}
	return f, readHashes("flow", hashColumn{r.Secret, &f.Secret, false}, hashColumn{r.Code, &f.Code, false},
		hashColumn{r.Link, &f.Link, true})
}

// orNull returns the value for a nullable column of a hash.
func orNull(h token.Hash) []byte {
	if h.IsZero() {
		return nil
	}
	return h[:]
}

// hashColumn says where a hash is read from, where it goes and whether it may be missing.
type hashColumn struct {
	from     []byte
	to       *token.Hash
	nullable bool
}

func readHashes(of string, list ...hashColumn) error {
	for _, c := range list {
		if copy(c.to[:], c.from) != len(token.Hash{}) && (len(c.from) > 0 || !c.nullable) {
			return fmt.Errorf("a hash of a %s is unreadable", of)
		}
	}
	return nil
}

// Flows returns the store of flows.
func (s accounts) Flows() emailcode.Store { return s }

// AddFlow adds a flow.
func (s accounts) AddFlow(ctx context.Context, f emailcode.Flow) error {
	err := s.insertReferring(ctx, "add flow", toFlowRow(f))
	if errors.Is(err, auth.ErrNotFound) {
		err = emailcode.ErrNotFound
	}
	return err
}

// insertReferring adds a row that refers to others. It uses a savepoint, because violating a
// constraint ends a PostgreSQL transaction.
func (h *handle) insertReferring(ctx context.Context, what string, row any) error {
	err := h.tx(ctx, func(h *handle) error {
		return h.run(ctx, what, func() error {
			_, err := h.db.NewInsert().Model(row).Exec(ctx)
			return err
		})
	})
	if err != nil && dangling(err) {
		return auth.ErrNotFound
	}
	return err
}

// dangling reports whether the error means that a row refers to one that does not exist.
func dangling(err error) bool {
	if e := sqlStater(nil); errors.As(err, &e) {
		return e.SQLState() == "23503"
	}
	return strings.Contains(err.Error(), "FOREIGN KEY constraint failed")
}

// Flow returns the flow with the id.
func (s accounts) Flow(ctx context.Context, id emailcode.FlowID) (emailcode.Flow, error) {
	if !isUUID(id) {
		return emailcode.Flow{}, emailcode.ErrNotFound
	}
	return s.findFlow(ctx, "id = ?", string(id))
}

// FlowByLink returns the flow whose link has the token.
func (s accounts) FlowByLink(ctx context.Context, link token.Hash) (emailcode.Flow, error) {
	if link.IsZero() {
		return emailcode.Flow{}, emailcode.ErrNotFound
	}
	return s.findFlow(ctx, "link = ?", link[:])
}

func (h *handle) findFlow(ctx context.Context, where string, key any) (f emailcode.Flow, err error) {
	err = h.run(ctx, "flow", func() (err error) {
		var row flowRow
		err = h.db.NewSelect().Model(&row).Where(where, key).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			err = emailcode.ErrNotFound
		}
		if err != nil {
			return err
		}
		f, err = row.flow()
		return err
	})
	return f, err
}

// TryFlow counts a try.
func (s accounts) TryFlow(ctx context.Context, t emailcode.Try) (f emailcode.Flow, err error) {
	if !isUUID(t.ID) {
		return emailcode.Flow{}, emailcode.ErrNotFound
	}
	err = s.run(ctx, "try flow", func() error {
		var rows []flowRow
		err := s.db.NewRaw("UPDATE hallpass_flows SET tries = tries + 1"+
			" WHERE id = ? AND secret = ? AND tries < ? AND expires_at > ? RETURNING *",
			string(t.ID), t.Secret[:], t.Most, at(t.Now)).Scan(ctx, &rows)
		if err == nil && len(rows) == 0 {
			err = emailcode.ErrNotFound
		}
		if err != nil {
			return err
		}
		f, err = rows[0].flow()
		return err
	})
	return f, err
}

// RenewFlow replaces the code and the link.
func (s accounts) RenewFlow(ctx context.Context, r emailcode.Renewal) (won bool, err error) {
	if !isUUID(r.ID) {
		return false, nil
	}
	return s.wins(ctx, "renew flow", "UPDATE hallpass_flows"+
		" SET code = ?, link = ?, sends = sends + 1, sent_at = ?, expires_at = ? WHERE id = ? AND sends = ?",
		r.Code[:], orNull(r.Link), at(r.SentAt), at(r.ExpiresAt), string(r.ID), r.Sends)
}

// wins runs a conditional statement and reports whether it changed a row.
func (h *handle) wins(ctx context.Context, what, text string, args ...any) (won bool, err error) {
	err = h.run(ctx, what, func() error {
		n, err := h.exec(ctx, text, args...)
		won = n == 1
		return err
	})
	return won, err
}

// removes runs a statement that removes rows and returns how many.
func (h *handle) removes(ctx context.Context, what, text string, args ...any) (n int, err error) {
	err = h.run(ctx, what, func() (err error) {
		n, err = h.exec(ctx, text, args...)
		return err
	})
	return n, err
}

// deleteExpired removes one batch from a table with the columns id and expires_at. It leaves
// rows that were extended in the meantime.
func (h *handle) deleteExpired(ctx context.Context, what, table string, t time.Time, limit int) (int, error) {
	return h.removes(ctx, what, "DELETE FROM "+table+" WHERE expires_at <= ? AND id IN (SELECT id FROM "+table+
		" WHERE expires_at <= ? ORDER BY expires_at LIMIT ?"+h.pool.words.skipLocked+")", at(t), at(t), limit)
}

// UseFlow removes a flow if it has not expired.
func (s accounts) UseFlow(ctx context.Context, id emailcode.FlowID, now time.Time) (won bool, err error) {
	if !isUUID(id) {
		return false, nil
	}
	return s.wins(ctx, "use flow", "DELETE FROM hallpass_flows WHERE id = ? AND expires_at > ?", string(id), at(now))
}

// EndFlows removes the flows of a user that have one purpose.
func (s accounts) EndFlows(ctx context.Context, user string, p emailcode.Purpose) (int, error) {
	if !isUUID(user) {
		return 0, nil
	}
	return s.removes(ctx, "end flows", "DELETE FROM hallpass_flows WHERE user_id = ? AND purpose = ?",
		user, string(p))
}

// DeleteExpiredFlows removes one batch.
func (s accounts) DeleteExpiredFlows(ctx context.Context, t time.Time, limit int) (int, error) {
	return s.deleteExpired(ctx, "delete expired flows", "hallpass_flows", t, limit)
}
