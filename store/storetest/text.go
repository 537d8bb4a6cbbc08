package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// texts are valid UTF-8 without NUL that has broken quoting, patterns, encodings or comparisons
// somewhere.
var texts = []string{
	"", " ", "'", "''", `"`, "`", `\`, `\\`, `\'`, `\"`, ";", "--", "/* */", "#", "?", "??", "?0", "?name", "%",
	"%s", "_", "*",
	"$1", "$$", "$tag$", ":name", "@name", "#{x}", "{{.}}", "NULL", "null", "true", "0", "1e309", "0x41", "x'41'",
	`E'\x41'`, "{}", "{1,2}", "[]",
	"Robert'); DROP TABLE hallpass_users; --", "' OR '1'='1", "' UNION SELECT 1 --", "x' /*", "*/ x",
	"\x01", "\x08\x1a\x1b[31m\x7f",
	"a\tb", "a\nb", "a\r\nb", " a ", "a\u00a0", "\u0085\u2028\u2029", "é", "e\u0301", "ß", "İı", "ﬁ", "ａ", "ς",
	"привет", "日本語", "😀👩‍👩‍👧",
	"العربية", "\u202eevil\u202c", "\u200bzero", "\ufeffbom", "\ufffd", "\uffff", "\U0010ffff", `\u0000`, `\x00`,
	`\N`, "3:abc", "a,b", "a\x1fb", "(1)",
}

// manyTexts returns texts and some long ones.
func manyTexts() []string {
	return append(
		slices.Clone(texts), strings.Repeat("long'\\ ", 1000), strings.Repeat("😀", 5000), strings.Repeat("'", 999),
	)
}

// documents are JSON texts whose spelling must be kept.
var documents = []string{
	`{}`, `{ "b" : 1, "a" : 2 }`, `{"a":1,"a":2}`, `{"a":"\u0000\u0001\ud83d\ude00\u2028\/\""}`,
	`{"'":"' ; -- ?","$1":"%_"}`, `{"n":1.0e+10,"m":0.10}`,
	"{\"a\":\n\t[true,null]}", "{\"😀\":\"\u202e\"}",
}

var textScenarios = []scenario{
	{"TextInAccounts", textInAccounts},
	{"TextInKeys", textInKeys},
	{"TextInRoles", textInRoles},
	{"TextInSessions", textInSessions},
	{"TextInLogins", textInLogins},
	{"TextInValues", textInValues},
	{"TextInAudits", textInAudits},
	{"TextElsewhere", textElsewhere},
	{"DocumentsKeepTheirSpelling", documentsKept},
}

// inOne runs fn for each text in one transaction, because that is faster.
func (w *world) inOne(fn func(in *world, text string)) {
	w.t.Helper()
	w.must(w.tx(func(in *world) error {
		for _, text := range manyTexts() {
			fn(in, text)
		}
		return nil
	}))
}

func textInAccounts(w *world) {
	var all []auth.User
	w.inOne(func(in *world, text string) {
		a := in.account(fmt.Sprint("user", len(all)))
		a.Username, a.Email, a.Name, a.PasswordHash = text, text, text, text
		a.Attributes, _ = json.Marshal(map[string]string{text: text})
		in.must(in.st.CreateAccount(in.ctx, a))
		in.same("created", in.stored(a.ID), a)
		x := in.refreshing(a.ID)
		signIn := in.signIn(a, x)
		signIn.NewHash = text + "!"
		in.must(in.st.CompleteSignIn(in.ctx, signIn)) // compares the hash with text
		a.PasswordHash, a.LastLoginAt = text+"!", start
		in.actors(x, a.User)
		a.Name, a.Username, a.Email, a.PasswordHash = text+text, "u"+text, "e"+text, "p"+text
		_, err := in.st.UpdateAccount(in.ctx, a.ID, func(now *auth.Account) error {
			now.Name, now.Username, now.Email, now.PasswordHash = a.Name, a.Username, a.Email, a.PasswordHash
			return nil
		})
		in.must(err)
		in.same("updated", in.stored(a.ID), a)
		all = append(all, a.User)
	})
	got, err := w.st.Users(w.ctx, auth.UserQuery{Limit: len(all) + 1})
	w.must(err)
	w.same("users", got, all)
}

// shortTexts returns those that fit an index entry of every database, each once.
func shortTexts() []string {
	return slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" })
}

// Keys are found by their bytes alone. Each text is a prefix of itself and of nothing that only
// looks like it.
func textInKeys(w *world) {
	all := map[string]auth.Account{}
	for _, text := range shortTexts() {
		a := w.account("x")
		a.UsernameKey, a.EmailKey, a.ExternalID = strings.ReplaceAll(text, "@", "(at)"), text+"@x", text
		w.must(w.st.CreateAccount(w.ctx, a))
		all[text] = a
	}
	for text, a := range all {
		for _, key := range []string{a.UsernameKey, a.EmailKey} {
			got, err := w.st.AccountByLogin(w.ctx, key)
			w.must(err)
			w.same("by login "+key, got, a)
			read, err := w.st.ReadSignIn(w.ctx, key)
			w.must(err)
			w.same("sign-in "+key, read.Account, a)
		}
		got, err := w.st.Users(w.ctx, auth.UserQuery{ExternalID: text, Limit: 9})
		w.must(err)
		w.same("by external id "+text, got, []auth.User{a.User})
		want := []auth.User{}
		for _, b := range all {
			if strings.HasPrefix(b.UsernameKey, text) || strings.HasPrefix(b.EmailKey, text) {
				want = append(want, b.User)
			}
		}
		slices.SortFunc(want, func(x, y auth.User) int { return strings.Compare(string(x.ID), string(y.ID)) })
		if strings.HasPrefix(text, "\U0010ffff") {
			continue // nothing comes after it, and no rule allows it in a key
		}
		got, err = w.st.Users(w.ctx, auth.UserQuery{Prefix: text, Limit: len(all) + 1})
		w.must(err)
		w.same("by prefix "+text, got, want)
	}
}

func textInRoles(w *world) {
	a := w.account("alice")
	for _, text := range shortTexts() {
		a.Roles = append(a.Roles, auth.RoleID(text))
	}
	slices.Sort(a.Roles)
	w.must(w.st.CreateAccount(w.ctx, a))
	w.same("account", w.stored(a.ID), a)
	b := w.account("bob")
	b.Roles = nil
	w.must(w.st.CreateAccount(w.ctx, b))
	w.must(w.tx(func(w *world) error {
		for _, role := range a.Roles {
			for _, want := range []bool{true, false} {
				added, err := w.st.AddRole(w.ctx, b.ID, role)
				w.must(err)
				w.same("added "+string(role), added, want)
			}
			held, err := w.st.HasActiveHolder(w.ctx, role, a.ID)
			w.must(err)
			w.same("held "+string(role), held, true)
			w.listed("holders of "+string(role), auth.UserQuery{Role: role}, a.ID, b.ID)
		}
		w.same("roles", w.stored(b.ID).Roles, a.Roles)
		for _, role := range a.Roles {
			removed, err := w.st.RemoveRole(w.ctx, b.ID, role)
			w.must(err)
			w.same("removed "+string(role), removed, true)
		}
		return nil
	}))
	w.same("account", w.stored(a.ID), a)
}

func textInSessions(w *world) {
	a := w.user("alice")
	a.LastLoginAt = start
	w.inOne(func(in *world, text string) {
		x := in.refreshing(a.ID)
		x.Method, x.ClientName, x.IP, x.UserAgent = policy.Method(text), text, text, text
		x.Scopes, x.Salt = []string{text, "and", text}, []byte(text+"\x00\xff")
		in.must(in.st.CompleteSignIn(in.ctx, in.signIn(a, x)))
		in.actors(x, a.User)
		_, err := in.st.UpdateSession(
			in.ctx, x.ID, func(now *auth.Session) error { now.Scopes = []string{text}; return nil },
		)
		in.must(err)
		x.Scopes = []string{text}
		in.actors(x, a.User)
		x.Scopes = []string{"x", text, ""}
		in.actors(in.rotate(x), a.User)
	})
}

func textInLogins(w *world) {
	w.inOne(func(in *world, text string) {
		l := in.login(auth.UserID(in.id()), auth.SessionID(in.id()))
		l.Method, l.Outcome, l.Reason, l.IP, l.UserAgent = policy.Method("m"+text), auth.Outcome("o"+
			text), text, text, text
		in.addLogin(l)
		in.loginIs(l)
		in.same("found", in.logins(auth.LoginQuery{Method: l.Method, Outcome: l.Outcome, Limit: 9}), []auth.Login{l})
	})
}

func textInValues(w *world) {
	w.inOne(func(in *world, text string) {
		name := "name " + text
		in.init(name, text, text)
		in.init(name, "another", text)
		in.setValue(name, text, text+"\n"+text)
		in.setValue(text, "", text) // "" is also a name
	})
	w.must(w.st.UpdateValue(w.ctx, "settings", func(string) (string, error) { return strings.Join(texts, "\n"), nil }))
	read, err := w.st.ReadSignIn(w.ctx, "nobody")
	w.must(err)
	w.same("settings", read.Settings, strings.Join(texts, "\n"))
}

func textInAudits(w *world) {
	w.inOne(func(in *world, text string) {
		r := in.addRecord(func(r *auth.AuditRecord) {
			r.Actor, r.Action, r.Target = "a"+text, "b"+text, "c"+text
			r.Detail, _ = json.Marshal(map[string]string{text: text})
		})
		for _, q := range []auth.AuditQuery{{Actor: r.Actor}, {Action: r.Action}, {Target: r.Target}} {
			q.Limit = 9
			got, err := in.st.Audits(in.ctx, q)
			in.must(err)
			in.same("found", got, []auth.AuditRecord{r})
		}
	})
}

// These are the names of buckets, locks, keys and reserved usernames.
func textElsewhere(w *world) {
	var ids []string
	w.must(w.tx(func(in *world) error {
		for _, text := range shortTexts() {
			in.must(in.st.Lock(in.ctx, text))
			in.takes(start, 0, bucket(text, 1))
			in.takes(start, time.Second, bucket(text, 1))
			in.takes(start, time.Second, bucket(text, 1), bucket("other "+text, 1))
			in.must(in.st.Limits().GiveBack(in.ctx, []string{text}, []limit.Take{bucket("other "+text, 1)}))
			in.takes(start, 0, bucket(text, 1))
			in.must(in.st.ReserveUsername(in.ctx, text, auth.UserID(text), start.Add(time.Hour)))
			for id, want := range map[string]bool{text: false, text + "x": true} {
				got, err := in.st.UsernameReserved(in.ctx, text, auth.UserID(id), start)
				in.must(err)
				in.same("reserved", got, want)
			}
			k := in.key(text)
			k.Algorithm = text
			in.must(in.st.KeyStore().AddKey(in.ctx, k))
			ids = append(ids, text)
		}
		return nil
	}))
	slices.Sort(ids)
	keys, err := w.st.KeyStore().Keys(w.ctx)
	w.must(err)
	for i, k := range keys {
		w.same("key", k.ID, ids[i])
		w.same("algorithm", k.Algorithm, ids[i])
		w.must(w.st.KeyStore().DeleteKey(w.ctx, k.ID))
	}
	w.keysAre()
}

// A document is text: no member is moved, dropped or spelled differently.
func documentsKept(w *world) {
	for i, doc := range append(documents, `{"long":"`+strings.Repeat(`\u00e9`, 2000)+`"}`) {
		a := w.account(fmt.Sprint("user", i))
		a.Attributes = []byte(doc)
		w.must(w.st.CreateAccount(w.ctx, a))
		w.same("created", w.stored(a.ID), a)
		a.Attributes = []byte(" " + doc)
		_, err := w.st.UpdateAccount(
			w.ctx, a.ID, func(now *auth.Account) error { now.Attributes = a.Attributes; return nil },
		)
		w.must(err)
		w.same("updated", w.stored(a.ID), a)
		r := w.addRecord(func(r *auth.AuditRecord) { r.Detail = []byte(doc) })
		got, err := w.st.Audits(w.ctx, auth.AuditQuery{Limit: 1})
		w.must(err)
		w.same("record", got, []auth.AuditRecord{r})
	}
}
