package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/bunstore"
)

// server is a record in the hub's table. No process belongs to it.
type server struct {
	id      string    // never used again
	owner   string    // id of a user
	name    string    // empty for the default server, which everybody has
	started time.Time // zero while it is stopped
}

func (s server) ready() bool { return !s.started.IsZero() }

// servers is the hub's own table, in the database of the accounts.
type servers struct {
	db       *sql.DB
	postgres bool
}

func openServers(ctx context.Context, db host.Database, postgres bool) (servers, error) {
	pool, ok := db.(interface{ DB() *sql.DB })
	if !ok {
		return servers{}, errors.New("the store has no tables for others")
	}
	s := servers{db: pool.DB(), postgres: postgres}
	owner := "TEXT"
	if postgres {
		owner = "uuid"
	}
	_, err := s.db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS hub_servers (
		id TEXT PRIMARY KEY, owner `+owner+` NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
		name TEXT NOT NULL, started TEXT NOT NULL, UNIQUE (owner, name))`)
	if err != nil {
		return s, fmt.Errorf("make table of servers: %w", err)
	}
	return s, nil
}

type connKey struct{}

// within returns a context for work in a transaction. Owners are then read on its connection,
// because SQLite has only one that writes.
func within(ctx context.Context, st store.Store) context.Context {
	conn, _ := st.Auth().Handle().(bunstore.Conn)
	return context.WithValue(ctx, connKey{}, conn)
}

func (s servers) conn(ctx context.Context) bunstore.Conn {
	if c, ok := ctx.Value(connKey{}).(bunstore.Conn); ok && c != nil {
		return c
	}
	return s.db
}

// text numbers the placeholders of a statement for PostgreSQL.
func (s servers) text(query string) string {
	for n := 1; s.postgres && strings.Contains(query, "?"); n++ {
		query = strings.Replace(query, "?", fmt.Sprintf("$%d", n), 1)
	}
	return query
}

func (s servers) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.conn(ctx).ExecContext(ctx, s.text(query), args...)
	return err
}

// find lists the servers that a condition selects, by name.
func (s servers) find(ctx context.Context, where string, args ...any) (list []server, err error) {
	rows, err := s.conn(ctx).QueryContext(
		ctx, s.text("SELECT id, owner, name, started FROM hub_servers WHERE "+where+" ORDER BY owner, name"), args...,
	)
	if err != nil {
		return nil, fmt.Errorf("read servers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var v server
		var started string
		if err := rows.Scan(&v.id, &v.owner, &v.name, &started); err != nil {
			return nil, fmt.Errorf("read servers: %w", err)
		}
		if started != "" {
			v.started, _ = time.Parse(time.RFC3339Nano, started)
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

func (s servers) of(ctx context.Context, owner string) ([]server, error) {
	if uuid.Validate(owner) != nil {
		return nil, nil
	}
	return s.find(ctx, "owner = ?", owner)
}

// byIDs finds servers by id.
func (s servers) byIDs(ctx context.Context, ids []string) (map[string]server, error) {
	out := map[string]server{}
	if len(ids) == 0 {
		return out, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	list, err := s.find(ctx, "id IN (?"+strings.Repeat(",?", len(ids)-1)+")", args...)
	for _, v := range list {
		out[v.id] = v
	}
	return out, err
}

// owners is what package sharing asks.
func (s servers) owners(ctx context.Context, ids []string) (map[string]auth.UserID, error) {
	found, err := s.byIDs(ctx, ids)
	out := make(map[string]auth.UserID, len(found))
	for id, v := range found {
		out[id] = auth.UserID(v.owner)
	}
	return out, err
}

// add inserts a server unless the owner has one of that name.
func (s servers) add(ctx context.Context, owner, name string) error {
	id, err := uuid.NewV7()
	if err == nil {
		err = s.exec(
			ctx,

			"INSERT INTO hub_servers (id, owner, name, started) VALUES (?, ?, ?, '') ON CONFLICT (owner, name) DO "+
				"NOTHING", id.String(), owner, name,
		)
	}
	return err
}

// start stores since when a server runs. The zero time stops it.
func (s servers) start(ctx context.Context, id string, at time.Time) error {
	text := ""
	if !at.IsZero() {
		text = at.UTC().Format(time.RFC3339Nano)
	}
	return s.exec(ctx, "UPDATE hub_servers SET started = ? WHERE id = ?", text, id)
}

func (s servers) remove(ctx context.Context, id string) error {
	return s.exec(ctx, "DELETE FROM hub_servers WHERE id = ?", id)
}

// validServer reports whether a server may have the name.
func validServer(name string) bool {
	return name != "" && len(name) <= 255 && utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

// userCreated gives each new user a default server, in the transaction that makes the account.
func (s servers) userCreated(ctx context.Context, tx auth.Tx, u auth.User) error {
	conn, _ := bunstore.ConnOf(tx)
	return s.add(context.WithValue(ctx, connKey{}, conn), string(u.ID), "")
}

// serverToken makes the token with which a server acts for its owner, on itself only. It ends
// an earlier token of the same name.
func (s *service) serverToken(ctx context.Context, owner auth.UserID, v server, name string) (string, error) {
	who := auth.Holder{User: owner}
	old, err := s.accounts.APITokens.List(ctx, s.operator, who, auth.PageQuery{Limit: 200})
	if err != nil {
		return "", err
	}
	for _, t := range old.Items {
		if t.Name == name {
			if err := s.accounts.APITokens.Revoke(ctx, s.operator, who, t.ID); err != nil {
				return "", err
			}
		}
	}
	filter := "!" + kindServer + "=" + v.id
	_, secret, err := s.accounts.APITokens.Create(ctx, s.operator, who, auth.APITokenInput{
		Name: name, Resources: s.shares,
		Scopes: append(
			[]string{"shares" + filter, "servers" + filter, "users:activity" + filter, "users:activity!user"},
			identify...,
		),
	})
	return secret.Reveal(), err
}
