package storetest

import (
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var loginScenarios = []scenario{
	{"LoginRoundTrip", loginRoundTrip},
	{"LoginsInPages", loginsInPages},
	{"LoginsFiltered", loginsFiltered},
	{"DeleteLogins", deleteLogins},
	{"AnonymizeLogins", anonymizeLogins},
	{"DeleteLoginsBefore", deleteLoginsBefore},
}

func (w *world) addLogin(l auth.Login) auth.Login {
	w.t.Helper()
	w.must(w.st.AddLogin(w.ctx, l))
	return l
}

func (w *world) loginIs(want auth.Login) {
	w.t.Helper()
	got, err := w.st.Login(w.ctx, want.ID)
	w.must(err)
	w.same("login", got, want)
}

func (w *world) noLogin(id auth.LoginID) {
	w.t.Helper()
	_, err := w.st.Login(w.ctx, id)
	w.want(err, auth.ErrNotFound)
}

// failure returns a failed attempt of an unknown user.
func (w *world) failure() auth.Login {
	return auth.Login{
		ID: auth.LoginID(w.id()), At: start, Method: auth.MethodPassword, Outcome: auth.Failure,
		Reason: auth.ReasonUnknownUser,
	}
}

func loginRoundTrip(w *world) {
	w.noLogin(auth.LoginID(w.id()))
	// The history keeps users and sessions that no longer exist.
	good := w.addLogin(w.login(auth.UserID(w.id()), auth.SessionID(w.id())))
	bad := w.addLogin(w.failure())
	w.loginIs(good)
	w.loginIs(bad)
	w.same("list", w.logins(auth.LoginQuery{Limit: 9}), []auth.Login{bad, good})
}

func (w *world) logins(q auth.LoginQuery) []auth.Login {
	w.t.Helper()
	list, err := w.st.Logins(w.ctx, q)
	w.must(err)
	return list
}

// loginsAre compares the logins that a query finds, in pages. want may be in any order.
func (w *world) loginsAre(what string, q auth.LoginQuery, want ...auth.Login) {
	w.t.Helper()
	var ids []auth.LoginID
	for _, l := range want {
		ids = append(ids, l.ID)
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	pages(w, what, ids, func(before auth.LoginID, limit int) ([]auth.Login, error) {
		q.Before, q.Limit = before, limit
		return w.st.Logins(w.ctx, q)
	}, func(l auth.Login) auth.LoginID { return l.ID })
}

func loginsInPages(w *world) {
	w.loginsAre("none", auth.LoginQuery{})
	var all []auth.Login
	for i := range 7 {
		l := w.failure()
		l.At = start.Add(-time.Duration(i*i%5) * time.Hour) // the order is by id, not by time
		all = append(all, l)
	}
	for _, i := range []int{3, 0, 6, 1, 5, 2, 4} {
		w.addLogin(all[i])
	}
	w.loginsAre("all", auth.LoginQuery{}, all...)
	w.loginsAre("all since", auth.LoginQuery{Since: start.Add(-time.Hour)}, all[0], all[1], all[4], all[5], all[6])
}

func loginsFiltered(w *world) {
	u, v := auth.UserID(w.id()), auth.UserID(w.id())
	add := func(edit func(*auth.Login)) auth.Login {
		l := w.failure()
		edit(&l)
		return w.addLogin(l)
	}
	a := add(func(l *auth.Login) { l.User, l.Outcome, l.Reason = u, auth.Success, "" })
	b := add(func(l *auth.Login) { l.User, l.At = u, start.Add(time.Hour) })
	c := add(func(l *auth.Login) { l.User, l.At = v, start.Add(2*time.Hour) })
	d := add(func(l *auth.Login) { l.User, l.Method, l.Reason = v, auth.MethodRefresh, auth.ReasonTokenReuse })
	e := add(func(*auth.Login) {})
	w.loginsAre("of a user", auth.LoginQuery{User: u}, a, b)
	w.loginsAre("of nobody", auth.LoginQuery{User: auth.UserID(w.id())})
	w.loginsAre("successes", auth.LoginQuery{Outcome: auth.Success}, a)
	w.loginsAre("failures", auth.LoginQuery{Outcome: auth.Failure}, b, c, d, e)
	w.loginsAre("passwords", auth.LoginQuery{Method: auth.MethodPassword}, a, b, c, e)
	w.loginsAre("refresh tokens", auth.LoginQuery{Method: auth.MethodRefresh}, d)
	w.loginsAre("of another method", auth.LoginQuery{Method: "passkey"})
	w.loginsAre("since", auth.LoginQuery{Since: start.Add(time.Hour)}, b, c)
	w.loginsAre("until", auth.LoginQuery{Until: start.Add(time.Hour)}, a, d, e)
	w.loginsAre("between", auth.LoginQuery{Since: start.Add(time.Microsecond), Until: start.Add(2 * time.Hour)}, b)
	w.loginsAre("never", auth.LoginQuery{Since: start, Until: start})
	w.loginsAre("failures of a user", auth.LoginQuery{User: u, Outcome: auth.Failure}, b)
	w.loginsAre("of a user since", auth.LoginQuery{User: v, Since: start.Add(time.Microsecond)}, c)
	w.loginsAre("all filters", auth.LoginQuery{
		User: v, Outcome: auth.Failure, Method: auth.MethodRefresh, Since: start, Until: start.Add(time.Microsecond),
	}, d)
}

func deleteLogins(w *world) {
	u, v := auth.UserID(w.id()), auth.UserID(w.id())
	a, b := w.addLogin(w.login(u, "")), w.addLogin(w.login(u, auth.SessionID(w.id())))
	c, d := w.addLogin(w.login(v, "")), w.addLogin(w.failure())
	w.must(w.st.DeleteLogins(w.ctx, u))
	w.must(w.st.DeleteLogins(w.ctx, u))
	w.noLogin(a.ID)
	w.noLogin(b.ID)
	w.loginIs(c)
	w.loginIs(d)
}

func anonymizeLogins(w *world) {
	u, v := auth.UserID(w.id()), auth.UserID(w.id())
	a, b := w.login(u, auth.SessionID(w.id())), w.login(u, "")
	b.Outcome, b.Reason = auth.Failure, auth.ReasonWrongPassword
	w.addLogin(a)
	w.addLogin(b)
	c, d := w.addLogin(w.login(v, auth.SessionID(w.id()))), w.failure()
	d.IP, d.UserAgent = "192.0.2.9", "of nobody"
	w.addLogin(d)
	w.must(w.st.AnonymizeLogins(w.ctx, u))
	for _, l := range []auth.Login{a, b} {
		l.User, l.IP, l.UserAgent, l.Session = "", "", "", ""
		w.loginIs(l)
	}
	w.loginIs(c)
	w.loginIs(d)
	w.loginsAre("of the user", auth.LoginQuery{User: u})
	w.must(w.st.AnonymizeLogins(w.ctx, auth.UserID(w.id())))
}

func deleteLoginsBefore(w *world) {
	deleted := func(t time.Time, limit, want int) {
		w.t.Helper()
		n, err := w.st.DeleteLoginsBefore(w.ctx, t, limit)
		w.must(err)
		w.same("deleted", n, want)
	}
	deleted(start, 9, 0)
	var all []auth.Login
	for i := range 5 {
		l := w.failure()
		l.At = start.Add(time.Duration(i) * time.Minute)
		all = append(all, w.addLogin(l))
	}
	deleted(start, 9, 0) // older than, not at
	deleted(start.Add(time.Microsecond), 9, 1)
	w.noLogin(all[0].ID)
	deleted(start.Add(4*time.Minute), 2, 2)
	deleted(start.Add(4*time.Minute), 2, 1)
	w.loginsAre("what stays", auth.LoginQuery{}, all[4])
}
