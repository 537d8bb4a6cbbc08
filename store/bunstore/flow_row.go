package bunstore

import (
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
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

func toFlowRow(f auth.Flow) *flowRow {
	return &flowRow{
		ID: string(f.ID), Secret: f.Secret[:], Code: f.Code[:], Link: orNull(f.Link), Purpose: string(f.Purpose),
		Email: f.Email, EmailKey: f.EmailKey, UserID: string(f.User), SessionID: string(f.Session),
		SignUp: string(f.SignUp),
		Decoy:  f.Decoy, Tries: f.Tries, Sends: f.Sends, SentAt: at(f.SentAt), CreatedAt: at(f.CreatedAt),
		ExpiresAt: at(f.ExpiresAt),
	}
}

func (r *flowRow) flow() (auth.Flow, error) {
	f := auth.Flow{
		ID: auth.FlowID(r.ID), Purpose: auth.Purpose(r.Purpose), Email: r.Email, EmailKey: r.EmailKey,
		User: auth.UserID(r.UserID), Session: auth.SessionID(r.SessionID), Decoy: r.Decoy, Tries: r.Tries,
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
