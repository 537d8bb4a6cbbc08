package bunstore

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/uptrace/bun/schema"
)

// texts are the statements that are built once for a database. Question marks are their only
// placeholders, so each can be prepared or filled in.
type texts struct {
	user         string // the columns of an account from u, including what gives it rights
	account      string // by id
	byUsername   string
	byEmail      string
	signInByName string // settings, and the account with the key of this username, if any
	signInByMail string
	actorByID    string // session and user
	actorByToken string
	refresh      string // session and user, by any of the session's refresh tokens
	apiToken     string // API token and its owner, a user or a service
}

func newTexts(d schema.Dialect, w words) texts {
	grants := w.userGrants()
	user := columns[userRow](d, "u", "") + ", " + grants + " AS grants"
	embedded := columns[userRow](d, "u", "u_") + ", " + grants + " AS u_grants"
	actor := columns[sessionRow](d, "s", "s_") + ", " + embedded
	joined := " FROM hallpass_sessions AS s JOIN hallpass_users AS u ON u.id = s.user_id"
	account := "SELECT " + user + " FROM hallpass_users AS u WHERE "
	signIn := "SELECT " + embedded + "," +
		" (SELECT value FROM hallpass_values WHERE name = 'settings') AS settings" +
		" FROM (SELECT 1 AS one) AS always LEFT JOIN hallpass_users AS u ON "
	return texts{
		user:         user,
		account:      account + "u.id = ?",
		byUsername:   account + "u.username_key = ?",
		byEmail:      account + "u.email_key = ?",
		signInByName: signIn + "u.username_key = ?",
		signInByMail: signIn + "u.email_key = ?",
		actorByID:    "SELECT " + actor + joined + " WHERE s.id = ?",
		actorByToken: "SELECT " + actor + joined + " WHERE s.token_hash = ?",
		refresh: "SELECT " + actor + ", t.generation, t.consumed_at FROM (" +
			"SELECT id, generation, " + w.noTime + " AS consumed_at FROM hallpass_sessions WHERE token_hash = ?" +
			" UNION ALL SELECT session_id, generation, consumed_at FROM hallpass_consumed_tokens WHERE hash = ?" +
			") AS t JOIN hallpass_sessions AS s ON s.id = t.id JOIN hallpass_users AS u ON u.id = s.user_id",
		apiToken: "SELECT " + columns[apiTokenRow](d, "t", "t_") + ", " + embedded + ", " +
			columns[serviceRow](d, "v", "v_") + ", " + w.serviceGrants() + " AS v_grants" +
			" FROM hallpass_api_tokens AS t LEFT JOIN hallpass_users AS u ON u.id = t.user_id" +
			" LEFT JOIN hallpass_services AS v ON v.id = t.service_id WHERE t.hash = ?",
	}
}

// columns lists the columns of a row type, qualified by alias and renamed with a prefix.
func columns[Row any](d schema.Dialect, alias, prefix string) string {
	var list []string
	for _, f := range d.Tables().Get(reflect.TypeFor[Row]()).Fields {
		list = append(list, alias+"."+f.Name+" AS "+prefix+f.Name)
	}
	return strings.Join(list, ", ")
}

// numbered turns question marks into $1, $2, … if the driver needs that.
func numbered(d Dialect, text string) string {
	if d != Postgres {
		return text
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(text, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}
