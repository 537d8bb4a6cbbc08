// Command notes is a host whose users share notes. The notes are in a table of its own, and
// hallpass decides who may read them.
//
//	go run ./examples/notes
//
// It keeps notes.db and notes.key in the working directory. POST /notes writes a note, GET
// /notes lists the notes that the caller may read, and GET /notes/{id} reads one. The library
// does the sharing: POST /auth/resources/note/{id}/share-codes makes a code with a link to the
// library's own page, where it is accepted.
//
// Start with [newApp]: it declares the scopes and says who owns a note. The list uses Visible
// in its query. The program imports only the library, a driver and the standard library, so
// that it can be copied.
package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass"
	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store/sqlitestore"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "where to listen")
	flag.Parse()
	ctx := context.Background()
	a, err := newApp(ctx, ".", "http://"+*addr)
	if err != nil {
		log.Fatal(err)
	}
	go a.run(ctx)
	log.Print("listening on http://", *addr)
	srv := &http.Server{Addr: *addr, Handler: a.mux, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(srv.ListenAndServe())
}

// app is the host.
type app struct {
	db     *sql.DB
	run    func(ctx context.Context) error // sends mail and removes what has expired
	shares *sharing.Service
	mux    *http.ServeMux
}

func newApp(ctx context.Context, dir, baseURL string) (*app, error) {
	st, err := sqlitestore.Open(ctx, dir+"/notes.db")
	if err != nil {
		return nil, err
	}
	a := &app{db: st.DB(), mux: http.NewServeMux()}
	if _, err := a.db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS notes (
		id TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
		text TEXT NOT NULL)`); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	key, err := secret(dir + "/notes.key")
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	hp, err := hallpass.New(st, hallpass.Config{
		Secret:  key,
		BaseURL: baseURL,
		Accounts: auth.Config{
			Settings: policy.Settings{SignUp: policy.SignUpOpen},
			Scopes: scopes.Model{
				Kinds: []scopes.Kind{{Name: "note"}},
				Scopes: []scopes.Definition{
					{Name: "read:notes", Label: "Read notes", Filters: []string{"note", "user"}},
				},
			},
		},
		Sharing: sharing.Config{Kinds: map[string]sharing.Kind{"note": {Owners: a.owners}}},
	})
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	a.run, a.shares = hp.Run, hp.Sharing
	a.mux.Handle("/auth/", hp)
	a.mux.Handle("POST /notes", hp.RequireUser(http.HandlerFunc(a.write)))
	a.mux.Handle("GET /notes", hp.RequireUser(http.HandlerFunc(a.list)))
	a.mux.Handle(
		"GET /notes/{id}", hp.Require("read:notes", hallpass.Resource("note", "id"), http.HandlerFunc(a.read)),
	)
	return a, nil
}

// secret reads the key from a file. The first start makes the file.
func secret(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, 32)
		rand.Read(key) // never fails
		err = os.WriteFile(path, key, 0o600)
	}
	return key, err
}

// owners finds the owners of notes.
func (a *app) owners(ctx context.Context, ids []string) (map[string]auth.UserID, error) {
	doc, _ := json.Marshal(ids) // strings always encode
	rows, err := a.db.QueryContext(
		ctx, "SELECT id, owner FROM notes WHERE id IN (SELECT value FROM json_each(?))", string(doc),
	)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]auth.UserID{}
	for rows.Next() {
		var id string
		var owner auth.UserID
		if err := rows.Scan(&id, &owner); err != nil {
			return nil, err
		}
		out[id] = owner
	}
	return out, rows.Err()
}

type note struct {
	ID    string `json:"id"`
	Owner string `json:"owner"`
	Text  string `json:"text"`
}

func (a *app) write(w http.ResponseWriter, r *http.Request) {
	p, _ := hallpass.PrincipalFrom(r.Context())
	var in struct{ Text string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&in); err != nil ||
		strings.TrimSpace(in.Text) == "" {
		http.Error(w, "send a JSON object with a text", http.StatusUnprocessableEntity)
		return
	}
	n := note{rand.Text(), string(p.User.ID), in.Text}
	_, err := a.db.ExecContext(
		r.Context(), "INSERT INTO notes (id, owner, text) VALUES (?, ?, ?)", n.ID, n.Owner, n.Text,
	)
	answer(w, http.StatusCreated, n, err)
}

// list returns exactly the notes that read would show.
func (a *app) list(w http.ResponseWriter, r *http.Request) {
	p, _ := hallpass.PrincipalFrom(r.Context())
	v, err := a.shares.Visible(r.Context(), p, "note", "read:notes")
	if err != nil {
		answer(w, 0, nil, err)
		return
	}
	where, values := v.Where(sharing.SQLite, sharing.Columns{Owner: "n.owner", ID: "n.id"}, 1)
	rows, err := a.db.QueryContext(
		r.Context(), "SELECT n.id, n.owner, n.text FROM notes AS n WHERE "+where+" ORDER BY n.id LIMIT 200", values...,
	)
	if err != nil {
		answer(w, 0, nil, err)
		return
	}
	defer rows.Close()
	list := []note{}
	for rows.Next() {
		var n note
		if err := rows.Scan(&n.ID, &n.Owner, &n.Text); err != nil {
			answer(w, 0, nil, err)
			return
		}
		list = append(list, n)
	}
	answer(w, http.StatusOK, list, rows.Err())
}

// read is behind Require, so the caller may read the note.
func (a *app) read(w http.ResponseWriter, r *http.Request) {
	var n note
	err := a.db.QueryRowContext(
		r.Context(), "SELECT id, owner, text FROM notes WHERE id = ?", r.PathValue("id"),
	).Scan(&n.ID, &n.Owner, &n.Text)
	if errors.Is(err, sql.ErrNoRows) {
		http.NotFound(w, r)
		return
	}
	answer(w, http.StatusOK, n, err)
}

func answer(w http.ResponseWriter, status int, v any, err error) {
	if err != nil {
		log.Print(err)
		http.Error(w, "something went wrong", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // fails only when the client is gone
}
