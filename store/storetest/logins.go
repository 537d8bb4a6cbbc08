package storetest

import (
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var loginScenarios = []scenario{
	{"LoginRoundTrip", loginRoundTrip},
	{"LoginsFiltered", loginsFiltered},
	{"DeleteLogins", deleteLogins},
	{"AnonymizeLogins", anonymizeLogins},
	{"DeleteLoginsBefore", deleteLoginsBefore},
}

// failure is the record of a bad sign-in at a time.
func (w *world) failure(user auth.UserID, at time.Time) auth.Login {
	return auth.Login{
		ID: auth.LoginID(w.id()), User: user, At: at, Method: auth.MethodPassword, Outcome: auth.Failure,
		Reason: auth.ReasonWrongPassword, IP: "192.0.2.9", UserAgent: "curl/8",
	}
}

// record stores logins.
func (w *world) record(list ...auth.Login) {
	w.t.Helper()
	for _, l := range list {
		w.must(w.st.AddLogin(w.ctx, l))
	}
}

// logins compares the logins that a query finds, in pages; want is in any order.
func (w *world) logins(what string, q auth.LoginQuery, want ...auth.Login) {
	w.t.Helper()
	want = slices.Clone(want)
	slices.SortFunc(want, func(x, y auth.Login) int { return -compare(x.ID, y.ID) })
	var ids []auth.LoginID
	for _, l := range want {
		ids = append(ids, l.ID)
	}
	pages(w, what, ids, func(before auth.LoginID, limit int) ([]auth.Login, error) {
		q.Before, q.Limit = before, limit
		return w.st.Logins(w.ctx, q)
	}, func(l auth.Login) auth.LoginID { return l.ID })
	q.Before, q.Limit = "", len(want)+1
	got, err := w.st.Logins(w.ctx, q)
	w.must(err)
	w.same(what, got, want)
}

func loginRoundTrip(w *world) {
	good := w.login(auth.UserID(w.id()), auth.SessionID(w.id())) // neither has to exist
	nobody := w.failure("", start.Add(time.Microsecond))
	bare := auth.Login{ID: auth.LoginID(w.id()), At: start, Method: auth.MethodRefresh, Outcome: auth.Failure}
	for _, l := range []auth.Login{good, nobody, bare} {
		_, err := w.st.Login(w.ctx, l.ID)
		w.want(err, auth.ErrNotFound)
		w.record(l)
		got, err := w.st.Login(w.ctx, l.ID)
		w.must(err)
		w.same("login", got, l)
	}
	if again := nobody; w.st.AddLogin(w.ctx, again) == nil {
		w.t.Error("an id was stored twice")
	}
	w.logins("all", auth.LoginQuery{}, good, nobody, bare)
}

func loginsFiltered(w *world) {
	w.logins("none", auth.LoginQuery{})
	alice, bob := auth.UserID(w.id()), auth.UserID(w.id())
	// Ids and times go against each other: the order is that of ids.
	a, b, c := w.failure(alice, start.Add(3*time.Second)), w.failure(alice, start.Add(2*time.Second)), w.failure(bob, start.Add(time.Second))
	d, e := w.login(alice, auth.SessionID(w.id())), w.failure("", start.Add(-time.Second))
	b.Method, d.At, e.Reason = auth.MethodRefresh, start, auth.ReasonUnknownUser
	w.record(c, a, e, b, d)
	w.logins("all", auth.LoginQuery{}, a, b, c, d, e)
	w.logins("of alice", auth.LoginQuery{User: alice}, a, b, d)
	w.logins("of nobody", auth.LoginQuery{User: auth.UserID(w.id())})
	w.logins("good", auth.LoginQuery{Outcome: auth.Success}, d)
	w.logins("bad", auth.LoginQuery{Outcome: auth.Failure}, a, b, c, e)
	w.logins("by method", auth.LoginQuery{Method: auth.MethodRefresh}, b)
	w.logins("by password", auth.LoginQuery{Method: auth.MethodPassword}, a, c, d, e)
	w.logins("by no method", auth.LoginQuery{Method: "passwor"})
	w.logins("at or after", auth.LoginQuery{Since: start.Add(time.Second)}, a, b, c)
	w.logins("after", auth.LoginQuery{Since: start.Add(time.Second + time.Microsecond)}, a, b)
	w.logins("before", auth.LoginQuery{Until: start.Add(time.Second)}, d, e)
	w.logins("before the next instant", auth.LoginQuery{Until: start.Add(time.Second + time.Microsecond)}, c, d, e)
	w.logins("in no time", auth.LoginQuery{Since: start, Until: start})
	w.logins("in a time", auth.LoginQuery{Since: start, Until: start.Add(2 * time.Second)}, c, d)
	w.logins("all filters", auth.LoginQuery{
		User: alice, Outcome: auth.Failure, Method: auth.MethodPassword, Since: start, Until: start.Add(time.Minute),
	}, a)
}

func deleteLogins(w *world) {
	alice, bob := auth.UserID(w.id()), auth.UserID(w.id())
	other, nobody := w.failure(bob, start), w.failure("", start)
	w.record(w.failure(alice, start), w.login(alice, auth.SessionID(w.id())), other, nobody)
	w.must(w.st.DeleteLogins(w.ctx, auth.UserID(w.id())))
	w.must(w.st.DeleteLogins(w.ctx, alice))
	w.logins("what stays", auth.LoginQuery{}, other, nobody)
	w.must(w.st.DeleteLogins(w.ctx, alice))
}

func anonymizeLogins(w *world) {
	alice, bob := auth.UserID(w.id()), auth.UserID(w.id())
	bad, good, other := w.failure(alice, start), w.login(alice, auth.SessionID(w.id())), w.login(bob, auth.SessionID(w.id()))
	w.record(bad, good, other)
	w.must(w.st.AnonymizeLogins(w.ctx, auth.UserID(w.id())))
	w.logins("all", auth.LoginQuery{}, bad, good, other)
	w.must(w.st.AnonymizeLogins(w.ctx, alice))
	for _, l := range []*auth.Login{&bad, &good} {
		l.User, l.IP, l.UserAgent, l.Session = "", "", "", ""
	}
	w.logins("without a name", auth.LoginQuery{}, bad, good, other)
	w.logins("of alice", auth.LoginQuery{User: alice})
	w.must(w.st.AnonymizeLogins(w.ctx, alice))
}

func deleteLoginsBefore(w *world) {
	var kept []auth.Login
	for i := range 8 { // ids go up, times down
		l := w.failure("", start.Add(-time.Duration(i)*time.Microsecond))
		w.record(l)
		if i < 3 {
			kept = append(kept, l)
		}
	}
	t := start.Add(-2 * time.Microsecond)
	w.batches("logins", 5, 2, func(limit int) (int, error) { return w.st.DeleteLoginsBefore(w.ctx, t, limit) })
	w.logins("at t or after", auth.LoginQuery{}, kept...)
}
