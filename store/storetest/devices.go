package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var deviceScenarios = []scenario{
	{"DeviceGrantRoundTrip", deviceGrantRoundTrip},
	{"DeviceGrantHasOneOwner", deviceGrantOwner},
	{"DeviceGrantIsDecidedOnce", deviceGrantDecided},
	{"PollsArePaced", pollsArePaced},
	{"UseDeviceGrantOnce", useDeviceGrant},
	{"DeleteExpiredDeviceGrants", deleteExpiredDeviceGrants},
}

const pace = 5 * time.Second

// newGrant returns a grant that nobody has looked up.
func (w *world) newGrant() auth.DeviceGrant {
	return auth.DeviceGrant{
		ID: auth.DeviceGrantID(w.id()), Device: w.hash(), UserCode: w.hash(), ClientName: "a client",
		Scopes: []string{"read:notes"},
		IP:     "192.0.2.1", CreatedAt: start, ExpiresAt: start.Add(10 * time.Minute),
	}
}

func (w *world) addGrant() auth.DeviceGrant {
	w.t.Helper()
	g := w.newGrant()
	w.must(ok(w.st.AddDeviceGrant(w.ctx, g, pace)))
	return g
}

func (w *world) poll(g auth.DeviceGrant, at time.Time, soon bool) auth.DeviceGrant {
	w.t.Helper()
	got, early, err := w.st.PollDeviceGrant(w.ctx, auth.DevicePoll{Device: g.Device, Now: at, Step: pace})
	w.must(err)
	w.same("soon", early, soon)
	return got
}

func (w *world) noGrant(g auth.DeviceGrant) {
	w.t.Helper()
	_, _, err := w.st.PollDeviceGrant(w.ctx, auth.DevicePoll{Device: g.Device, Now: start, Step: pace})
	w.want(err, auth.ErrNotFound)
}

// owner returns what session x asks for when it looks g up.
func owner(g auth.DeviceGrant, x auth.Session) auth.DeviceOwner {
	return auth.DeviceOwner{UserCode: g.UserCode, Session: x.ID, User: x.User, Now: start}
}

func (w *world) owned(g auth.DeviceGrant, x auth.Session) auth.DeviceGrant {
	w.t.Helper()
	got, err := w.st.OwnDeviceGrant(w.ctx, owner(g, x))
	w.must(err)
	g.Session, g.User = x.ID, x.User
	w.same("owned", got, g)
	return g
}

func decision(g auth.DeviceGrant, x auth.Session, d auth.Decision, scopes []string) auth.DeviceDecision {
	return auth.DeviceDecision{UserCode: g.UserCode, Session: x.ID, Now: start, Decision: d, Scopes: scopes}
}

func deviceGrantRoundTrip(w *world) {
	g := w.addGrant()
	w.same("polled", w.poll(g, start.Add(time.Minute), false), g)
	for _, list := range [][]string{nil, {}} {
		bare := w.newGrant()
		bare.Scopes, bare.ClientName, bare.IP = list, "", ""
		w.must(ok(w.st.AddDeviceGrant(w.ctx, bare, pace)))
		w.same("polled", w.poll(bare, start.Add(time.Minute), false), bare)
	}
	w.must(w.tx(func(in *world) error { // a collision of user codes leaves the transaction usable
		again := in.newGrant()
		again.UserCode = g.UserCode
		in.want(ok(in.st.AddDeviceGrant(in.ctx, again, pace)), errLost)
		in.noGrant(again)
		in.addGrant()
		return nil
	}))
	again := w.newGrant()
	again.Device = g.Device
	if _, err := w.st.AddDeviceGrant(w.ctx, again, pace); err == nil {
		w.t.Error("two grants have one device code")
	}
}

func deviceGrantOwner(w *world) {
	a, b := w.user("alice"), w.user("bob")
	x, y := w.session(a), w.session(b)
	g := w.addGrant()
	late := owner(g, x)
	late.Now = g.ExpiresAt
	w.want(errOf(w.st.OwnDeviceGrant(w.ctx, late)), auth.ErrNotFound)
	other := owner(g, x)
	other.UserCode = w.hash()
	w.want(errOf(w.st.OwnDeviceGrant(w.ctx, other)), auth.ErrNotFound)
	other = owner(g, x)
	other.Session = auth.SessionID(w.id())
	w.want(errOf(w.st.OwnDeviceGrant(w.ctx, other)), auth.ErrNotFound)
	w.want(ok(w.st.DecideDeviceGrant(w.ctx, decision(g, x, auth.DecisionAllow, nil))), errLost) // it has no owner
	w.owned(g, x)
	w.owned(g, x)
	w.want(errOf(w.st.OwnDeviceGrant(w.ctx, owner(g, y))), auth.ErrNotFound)
	w.want(ok(w.st.DecideDeviceGrant(w.ctx, decision(g, y, auth.DecisionDeny, nil))), errLost)
	w.owned(g, x)
}

func deviceGrantDecided(w *world) {
	x := w.session(w.user("alice"))
	g := w.owned(w.addGrant(), x)
	late := decision(g, x, auth.DecisionAllow, nil)
	late.Now = g.ExpiresAt
	w.want(ok(w.st.DecideDeviceGrant(w.ctx, late)), errLost)
	w.must(ok(w.st.DecideDeviceGrant(w.ctx, decision(g, x, auth.DecisionAllow, []string{"users"}))))
	w.want(ok(w.st.DecideDeviceGrant(w.ctx, decision(g, x, auth.DecisionDeny, nil))), errLost)
	g.Decision, g.Scopes = auth.DecisionAllow, []string{"users"}
	w.same("decided", w.poll(g, start.Add(time.Minute), false), g)
	free := w.owned(w.addGrant(), x)
	w.must(ok(w.st.DecideDeviceGrant(w.ctx, decision(free, x, auth.DecisionDeny, nil))))
	free.Decision, free.Scopes = auth.DecisionDeny, nil
	w.same("denied", w.poll(free, start.Add(time.Minute), false), free)
}

// A poll before the end of the interval makes the interval longer for good.
func pollsArePaced(w *world) {
	g := w.addGrant()
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	w.poll(g, at(4), true)    // the interval grows from 5 to 10; the next poll is allowed at 14
	w.poll(g, at(13), true)   // 15; at 28
	w.poll(g, at(28), false)  // at 43
	w.poll(g, at(42), true)   // 20; at 62
	w.poll(g, at(62), false)  // at 82
	w.poll(g, at(900), false) // the caller decides about expiry
}

func useDeviceGrant(w *world) {
	x := w.session(w.user("alice"))
	g := w.owned(w.addGrant(), x)
	w.want(ok(w.st.UseDeviceGrant(w.ctx, g.ID, start)), errLost)
	w.must(ok(w.st.DecideDeviceGrant(w.ctx, decision(g, x, auth.DecisionAllow, nil))))
	w.want(ok(w.st.UseDeviceGrant(w.ctx, g.ID, g.ExpiresAt)), errLost)
	w.must(ok(w.st.UseDeviceGrant(w.ctx, g.ID, start)))
	w.noGrant(g)
	w.want(ok(w.st.UseDeviceGrant(w.ctx, g.ID, start)), errLost)
	denied := w.owned(w.addGrant(), x)
	w.must(ok(w.st.DecideDeviceGrant(w.ctx, decision(denied, x, auth.DecisionDeny, nil))))
	w.want(ok(w.st.UseDeviceGrant(w.ctx, denied.ID, start)), errLost)
	w.want(ok(w.st.UseDeviceGrant(w.ctx, "x", start)), errLost)
}

func deleteExpiredDeviceGrants(w *world) {
	var all []auth.DeviceGrant
	for i := range 4 {
		g := w.newGrant()
		g.ExpiresAt = start.Add(time.Duration(i) * time.Second)
		w.must(ok(w.st.AddDeviceGrant(w.ctx, g, pace)))
		all = append(all, g)
	}
	w.expires(func(at time.Time, limit int) (int, error) { return w.st.DeleteExpiredDeviceGrants(w.ctx, at, limit) })
	w.noGrant(all[2])
	w.poll(all[3], start.Add(time.Hour), false)
}
