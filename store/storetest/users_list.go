package storetest

import (
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
)

var listScenarios = []scenario{
	{"UsersInPages", usersInPages},
	{"UsersFiltered", usersFiltered},
	{"UsersByPrefix", usersByPrefix},
	{"PrefixIsLiteral", prefixIsLiteral},
}

// pages follows a list to its end, in pages of every size, and compares the ids with want.
func pages[T any, ID ~string](
	w *world, what string, want []ID, page func(after ID, limit int) ([]T, error), id func(T) ID,
) {
	w.t.Helper()
	for limit := 1; limit <= len(want)+1; limit++ {
		var got []ID
		var cursor ID
		for {
			list, err := page(cursor, limit)
			w.must(err)
			if len(list) > limit {
				w.t.Fatalf("%s: a page of %d for a limit of %d", what, len(list), limit)
			}
			for _, item := range list {
				got = append(got, id(item))
			}
			if len(list) < limit || len(got) > len(want) {
				break
			}
			cursor = got[len(got)-1]
		}
		w.same(fmt.Sprintf("%s in pages of %d", what, limit), got, want)
	}
}

// listed compares the users that a query finds, in pages.
func (w *world) listed(what string, q auth.UserQuery, want ...auth.UserID) {
	w.t.Helper()
	want = slices.Clone(want)
	slices.Sort(want)
	pages(w, what, want, func(after auth.UserID, limit int) ([]auth.User, error) {
		q.After, q.Limit = after, limit
		return w.st.Users(w.ctx, q)
	}, func(u auth.User) auth.UserID { return u.ID })
}

func usersInPages(w *world) {
	w.listed("nobody", auth.UserQuery{})
	var all []auth.Account
	for i := range 7 {
		all = append(all, w.account(fmt.Sprintf("user%d", 7-i)))
	}
	for _, i := range []int{3, 0, 6, 1, 5, 2, 4} { // sorted by id, not in the order of storing or of names
		w.must(w.st.CreateAccount(w.ctx, all[i]))
	}
	var ids []auth.UserID
	var users []auth.User
	for _, a := range all {
		ids, users = append(ids, a.ID), append(users, a.User)
	}
	w.listed("all", auth.UserQuery{}, ids...)
	got, err := w.st.Users(w.ctx, auth.UserQuery{Limit: 100})
	w.must(err)
	w.same("users", got, users)
}

func usersFiltered(w *world) {
	a, b, c, d := w.account("alice"), w.account("albert"), w.account("bob"), w.account("bert")
	a.Roles, b.Roles, c.Roles, d.Roles = []auth.RoleID{"admin"}, []auth.RoleID{"admin",
		"user"}, []auth.RoleID{"user"}, nil
	b.Status, d.Status, c.ExternalID = auth.StatusPending, auth.StatusDisabled, ""
	for _, x := range []auth.Account{a, b, c, d} {
		w.must(w.st.CreateAccount(w.ctx, x))
	}
	w.listed("admins", auth.UserQuery{Role: "admin"}, a.ID, b.ID)
	w.listed("users", auth.UserQuery{Role: "user"}, b.ID, c.ID)
	w.listed("role of nobody", auth.UserQuery{Role: "adm"})
	w.listed("active", auth.UserQuery{Status: auth.StatusActive}, a.ID, c.ID)
	w.listed("pending", auth.UserQuery{Status: auth.StatusPending}, b.ID)
	w.listed("disabled", auth.UserQuery{Status: auth.StatusDisabled}, d.ID)
	w.listed("external id", auth.UserQuery{ExternalID: "ext-albert"}, b.ID)
	w.listed("external id of nobody", auth.UserQuery{ExternalID: "ext-"})
	w.listed("active admins", auth.UserQuery{Role: "admin", Status: auth.StatusActive}, a.ID)
	w.listed("all filters", auth.UserQuery{
		Prefix: "al", Role: "admin", Status: auth.StatusPending, ExternalID: "ext-albert",
	}, b.ID)
	w.listed("filters that exclude each other", auth.UserQuery{Prefix: "al", Role: "admin", ExternalID: "ext-bert"})
	list, err := w.st.Users(w.ctx, auth.UserQuery{Role: "admin", Limit: 9})
	w.must(err)
	w.same("users with all their roles", list, []auth.User{a.User, b.User})
}

func usersByPrefix(w *world) {
	a, b, c := w.account("alice"), w.account("bob"), w.account("")
	b.EmailKey = "alien@example.org"
	c.EmailKey = ""
	for _, x := range []auth.Account{a, b, c} {
		w.must(w.st.CreateAccount(w.ctx, x))
	}
	w.listed("username or email", auth.UserQuery{Prefix: "ali"}, a.ID, b.ID)
	w.listed("whole username", auth.UserQuery{Prefix: "alice"}, a.ID)
	w.listed("more than a username", auth.UserQuery{Prefix: "alice2"})
	w.listed("whole email", auth.UserQuery{Prefix: "alien@example.org"}, b.ID)
	w.listed("username only", auth.UserQuery{Prefix: "bo"}, b.ID)
	w.listed("end of a name", auth.UserQuery{Prefix: "lice"})
	w.listed("other case", auth.UserQuery{Prefix: "ALI"})
	w.listed("with a role", auth.UserQuery{Prefix: "ali", Role: "editor"}, a.ID, b.ID)
	w.listed("with a role of nobody", auth.UserQuery{Prefix: "ali", Role: "admin"})
}

func prefixIsLiteral(w *world) {
	names := map[string]auth.UserID{}
	for _, name := range []string{"plain", "pl%in", "pl_in", "pl*in", "pl?in", `pl\in`, "pl'in", "pl[a]in", "%",
		"_", `\%`, "é", "e", "😀", "\uffff"} {
		a := w.account(name)
		a.EmailKey = ""
		w.must(w.st.CreateAccount(w.ctx, a))
		names[name] = a.ID
	}
	w.listed("%", auth.UserQuery{Prefix: "%"}, names["%"])
	w.listed("%in", auth.UserQuery{Prefix: "%in"})
	w.listed("_", auth.UserQuery{Prefix: "_"}, names["_"])
	w.listed(`\`, auth.UserQuery{Prefix: `\`}, names[`\%`])
	w.listed(`\%`, auth.UserQuery{Prefix: `\%`}, names[`\%`])
	for _, name := range []string{"pl%in", "pl_in", "pl*in", "pl?in", `pl\in`, "pl'in"} {
		w.listed(name, auth.UserQuery{Prefix: name[:3]}, names[name])
	}
	w.listed("pl[", auth.UserQuery{Prefix: "pl["}, names["pl[a]in"])
	w.listed("é", auth.UserQuery{Prefix: "é"}, names["é"])
	w.listed("e", auth.UserQuery{Prefix: "e"}, names["e"])
	w.listed("emoji", auth.UserQuery{Prefix: "😀"}, names["😀"])
	w.listed("U+FFFF", auth.UserQuery{Prefix: "\uffff"}, names["\uffff"])
	w.listed("' OR 1=1 --", auth.UserQuery{Prefix: "' OR 1=1 --"})
}
