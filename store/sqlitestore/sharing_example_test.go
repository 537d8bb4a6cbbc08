package sqlitestore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store/sqlitestore"
)

// A host keeps notes in its own table. It says who owns them, and lists with one query what
// somebody may read.
func Example_sharing() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "notes")
	orFail(err)
	defer os.RemoveAll(dir)
	st, err := sqlitestore.Open(ctx, filepath.Join(dir, "app.db"))
	orFail(err)
	defer st.Close()
	db := st.DB()
	_, err = db.Exec(`CREATE TABLE notes (
		id INTEGER PRIMARY KEY,
		owner TEXT NOT NULL REFERENCES hallpass_users (id) ON DELETE CASCADE,
		title TEXT NOT NULL
	)`)
	orFail(err)

	accounts, err := auth.New(st.Auth(), auth.Config{
		Secret: []byte("32 bytes or more from a key file"), BaseURL: "https://app.example", Settings: policy.Settings{SignUp: policy.SignUpOpen},
		Scopes: scopes.Model{
			Kinds:  []scopes.Kind{{Name: "note"}},
			Scopes: []scopes.Definition{{Name: "read:notes", Label: "Read notes", Filters: []string{"note", "user"}}},
		},
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
	})
	orFail(err)
	owners := func(ctx context.Context, ids []string) (map[string]auth.UserID, error) {
		list, _ := json.Marshal(ids)
		rows, err := db.QueryContext(
			ctx, "SELECT CAST(id AS TEXT), owner FROM notes WHERE id IN (SELECT value FROM json_each(?))", string(list),
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
	shares, err := sharing.New(
		accounts, st.Sharing(), sharing.Config{Kinds: map[string]sharing.Kind{"note": {Owners: owners}}},
	)
	orFail(err)

	ada, bob := person(accounts, "ada"), person(accounts, "bob")
	_, err = db.Exec("INSERT INTO notes (id, owner, title) VALUES (1, ?1, 'diary'), (2, ?1, 'recipe'), (3, ?2, 'poem')",
		string(ada.User.ID), string(bob.User.ID))
	orFail(err)
	_, err = shares.Create(ctx, ada, auth.ResourceRef{Kind: "note", ID: "2"}, sharing.ShareInput{User: bob.User.ID})
	orFail(err)

	v, err := shares.Visible(ctx, bob, "note", "read:notes")
	orFail(err)
	where, values := v.Where(sharing.SQLite, sharing.Columns{Owner: "owner", ID: "id", IDType: "bigint"}, 1)
	rows, err := db.Query("SELECT title FROM notes WHERE "+where+" ORDER BY id", values...)
	orFail(err)
	defer rows.Close()
	for rows.Next() {
		var title string
		orFail(rows.Scan(&title))
		fmt.Println(title)
	}
	orFail(rows.Err())
	// Output:
	// recipe
	// poem
}

func person(s *auth.Service, name string) *auth.Principal {
	ctx, pw := context.Background(), "tiny horse 42 staple"
	_, err := s.CreateUser(ctx, nil, auth.UserInput{Username: name, Password: pw}, auth.Client{})
	orFail(err)
	tokens, err := s.PasswordGrant(ctx, auth.SignInRequest{Login: name, Password: pw})
	orFail(err)
	p, err := s.Authenticate(ctx, tokens.Access)
	orFail(err)
	return p
}

func orFail(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
