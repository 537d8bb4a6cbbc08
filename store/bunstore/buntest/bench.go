package buntest

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
)

// Raw says how a benchmark runs the store's SQL by hand: with the driver alone, in the same
// mode.
type Raw struct {
	DB     *sql.DB
	Reader *sql.DB // the pool for frequent reads
	// Prepared means that frequent reads are prepared statements. Otherwise their values are
	// part of the text.
	Prepared bool
	// Dollar means that placeholders are $1, $2, …
	Dollar bool
	// Begin is the statement that starts a transaction for writing.
	Begin string
	// Roles is the expression for the roles of u.
	Roles string
}

// BenchUsers is the number of users and sessions with which Bench fills the store.
const BenchUsers = 1000

const (
	userColumns = "u.id, u.username, u.username_key, u.email, u.email_key, u.email_verified, u.name," +
		" u.attributes, u.status," +
		" u.external_id, u.password_hash, u.created_at, u.updated_at, u.last_login_at"
	sessionColumns = "s.id, s.user_id, s.method, s.scopes, s.client_name, s.ip, s.user_agent," +
		" s.created_at, s.last_seen_at, s.proved_at," +
		" s.expires_at, s.ends_at, s.idle_seconds, s.refreshes, s.token_hash, s.generation, s.replays, s.salt"
)

// Bench measures the most frequent operations, each next to the same statements run by hand.
func Bench(b *testing.B, st store.Store, raw Raw) {
	var sessions []auth.Session
	must(b, st.Tx(b.Context(), func(st store.Store) error {
		sessions = sessions[:0]
		for i := range BenchUsers {
			_, x := signedIn(b, st.Auth(), name(i))
			sessions = append(sessions, x)
		}
		return nil
	}))
	a := st.Auth()
	b.Run("ActorBySession/store", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			_, err := a.ActorBySession(b.Context(), sessions[i%BenchUsers].ID)
			must(b, err)
		}
	})
	b.Run("ActorBySession/raw", func(b *testing.B) {
		read := raw.reads(b, "SELECT "+sessionColumns+", "+userColumns+", "+raw.Roles+
			" FROM hallpass_sessions AS s JOIN hallpass_users AS u ON u.id = s.user_id WHERE s.id = ?", 33)
		for i := 0; b.Loop(); i++ {
			read(b.Context(), string(sessions[i%BenchUsers].ID))
		}
	})
	b.Run("ReadSignIn/store", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			_, err := a.ReadSignIn(b.Context(), name(i%BenchUsers))
			must(b, err)
		}
	})
	b.Run("ReadSignIn/raw", func(b *testing.B) {
		read := raw.reads(b, "SELECT "+userColumns+", "+raw.Roles+
			", (SELECT value FROM hallpass_values WHERE name = 'settings')"+
			" FROM (SELECT 1 AS one) AS always LEFT JOIN hallpass_users AS u ON u.username_key = ?", 16)
		for i := 0; b.Loop(); i++ {
			read(b.Context(), name(i%BenchUsers))
		}
	})
	rotate(b, a, raw, sessions)
}

// reads returns a function that reads one row and scans its columns.
func (r Raw) reads(b *testing.B, text string, columns int) func(context.Context, string) {
	b.Helper()
	row := func(ctx context.Context, key string) *sql.Row {
		return r.Reader.QueryRowContext(ctx, strings.Replace(text, "?", "'"+key+"'", 1))
	}
	if r.Prepared {
		if r.Dollar {
			text = strings.Replace(text, "?", "$1", 1)
		}
		stmt, err := r.Reader.Prepare(text)
		must(b, err)
		b.Cleanup(func() { _ = stmt.Close() })
		row = func(ctx context.Context, key string) *sql.Row { return stmt.QueryRowContext(ctx, key) }
	}
	return func(ctx context.Context, key string) {
		values, dest := make([]any, columns), make([]any, columns)
		for i := range values {
			dest[i] = &values[i]
		}
		must(b, row(ctx, key).Scan(dest...))
	}
}

func rotate(b *testing.B, a auth.Store, raw Raw, sessions []auth.Session) {
	generation := make([]int, BenchUsers)
	b.Run("RotateRefresh/store", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			n := i % BenchUsers
			won, err := a.RotateRefresh(b.Context(), auth.Rotation{
				Session: sessions[n].ID, From: generation[n], Next: newHash(), Now: start,
				ExpiresAt: start.Add(time.Hour),
			})
			if err != nil || !won {
				b.Fatal(won, err)
			}
			generation[n]++
		}
	})
	b.Run("RotateRefresh/raw", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			n := i % BenchUsers
			must(b, raw.rotate(b.Context(), sessions[n].ID, generation[n]))
			generation[n]++
		}
	})
}

func (r Raw) rotate(ctx context.Context, id auth.SessionID, generation int) error {
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	h := newHash()
	next, now := hexLiteral(h[:], r.Dollar), "1767323045678901"
	if r.Dollar {
		now = "'2026-01-02 03:04:05.678901+00'"
	}
	where := " WHERE id = '" + string(id) + "' AND generation = " + strconv.Itoa(generation)
	for _, text := range []string{
		r.Begin,
		"INSERT INTO hallpass_consumed_tokens (hash, session_id, generation, consumed_at)" +
			" SELECT token_hash, id, generation, " + now +
			" FROM hallpass_sessions" + where + " ON CONFLICT DO NOTHING",
		"UPDATE hallpass_sessions SET token_hash = " + next + ", generation = generation + 1, replays = 0," +
			" last_seen_at = " + now +
			", expires_at = " + now + ", scopes = NULL" + where,
		"COMMIT",
	} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}
