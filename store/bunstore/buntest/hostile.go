package buntest

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/store"
)

// pieces are texts that have broken quoting before, here or elsewhere.
var pieces = []string{
	"'", "''", `"`, "`", `\`, `\'`, `\\`, ";", "--", "/*", "*/", "?", "??", "?0", "?name", "$1", "$$", ":a", "@a",
	"%", "_", "%s", "#",
	"\x01", "\x08", "\t", "\n", "\r", "\x1a", "\x1f", "\x7f", "\u0085", "\u00a0", "\u2028", "\u202e", "\u0301",
	"e\u0301", "é", "ß", "İ", "ı", "K",
	"\ufeff", "\ufffd", "\uffff", "\U0001f600", "\U0010ffff", "ʼ", "’", "＇", "NULL", "E'\\x27'", "x'00'", "{}",
	"[]", `{"a":1}`, "0x", "1e9", "",
	" OR 1=1", "; DROP TABLE hallpass_users", "') RETURNING id --", "COLLATE", "U&'\\0027'", "CHAR(0)", "7:", ":",
	"3:abc", "user", "a", "Z", " ",
}

// hostile makes a string that is valid UTF-8 without NUL.
func hostile(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(8) {
		if c := rune(1 + r.IntN(0x10ffff)); r.IntN(3) == 0 && (c < 0xd800 || c > 0xdfff) {
			b.WriteRune(c)
			continue
		}
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// HostileStrings stores and reads n strings, in every kind of column and with every kind of
// statement.
func HostileStrings(t *testing.T, st store.Store, n int) {
	const rounds, perRound = 10, 58 // rounds per transaction; strings per round
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	next := func() string { return hostile(r) }
	t.Logf("seed %d", seed)
	for done := 0; done < n && !t.Failed(); done += rounds * perRound {
		err := st.Tx(t.Context(), func(st store.Store) error {
			for range rounds {
				h := hostileRound{t, st.Auth(), st.Devices(), next}
				h.account()
				h.session()
				h.others()
				h.mail()
				h.shares(st.Sharing())
			}
			return nil
		})
		must(t, err)
	}
}

type hostileRound struct {
	t    *testing.T
	st   auth.Store
	dv   device.Store
	next func() string
}

func (h hostileRound) same(what string, got, want any) {
	h.t.Helper()
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		h.t.Errorf("%s: got  %s\n want %s", what, a, b)
	}
}

func (h hostileRound) account() {
	ctx := h.t.Context()
	a := newAccount("x")
	a.Username, a.Email, a.Name, a.PasswordHash = h.next(), h.next(), h.next(), h.next()
	a.UsernameKey, a.EmailKey, a.ExternalID = strings.ReplaceAll(h.next(), "@", "")+string(a.ID), h.next()+"@"+
		string(a.ID), h.next()+string(a.ID)
	a.Attributes, _ = json.Marshal(map[string]string{h.next(): h.next()})
	a.Roles = []auth.RoleID{auth.RoleID("1" + h.next()), auth.RoleID("2" + h.next())}
	must(h.t, h.st.CreateAccount(ctx, a))
	got, err := h.st.AccountByLogin(ctx, a.UsernameKey)
	must(h.t, err)
	h.same("account by username", got, a)
	read, err := h.st.ReadSignIn(ctx, a.EmailKey)
	must(h.t, err)
	h.same("account by email", read.Account, a)
	list, err := h.st.Users(
		ctx, auth.UserQuery{Prefix: a.UsernameKey, Role: a.Roles[0], ExternalID: a.ExternalID, Limit: 2},
	)
	must(h.t, err)
	h.same("users", list, []auth.User{a.User})
	changed, err := h.st.UpdateAccount(ctx, a.ID, func(a *auth.Account) error { a.Name = h.next(); return nil })
	must(h.t, err)
	got, err = h.st.Account(ctx, a.ID)
	must(h.t, err)
	h.same("changed account", got, changed)
}

func (h hostileRound) session() {
	ctx := h.t.Context()
	a := newAccount(newID())
	must(h.t, h.st.CreateAccount(ctx, a))
	x := newSession(a.ID)
	x.Method, x.ClientName, x.IP, x.UserAgent = policy.Method(h.next()), h.next(), h.next(), h.next()
	x.Scopes, x.Salt = []string{h.next(), h.next()}, []byte(h.next()+"'")
	l := newLogin(x)
	l.Reason, l.UserAgent = h.next(), h.next()
	must(h.t, h.st.CompleteSignIn(ctx, auth.SignIn{OldHash: a.PasswordHash, NewHash: h.next(), Login: l, Session: x}))
	got, err := h.st.ActorByToken(ctx, x.TokenHash)
	must(h.t, err)
	h.same("session", got.Session, x)
	one, err := h.st.Login(ctx, l.ID)
	must(h.t, err)
	h.same("login", one, l)
}

func (h hostileRound) others() {
	ctx, name, value := h.t.Context(), h.next()+newID(), h.next()
	stored, err := h.st.InitValue(ctx, name, value)
	must(h.t, err)
	h.same("value", stored, value)
	must(h.t, h.st.UpdateValue(ctx, name, func(old string) (string, error) { return old + value, nil }))
	stored, err = h.st.Value(ctx, name)
	must(h.t, err)
	h.same("changed value", stored, value+value)
	r := auth.AuditRecord{
		ID: auth.AuditID(newID()), At: start, Actor: h.next() + "a", Action: h.next(), Target: h.next(),
	}
	r.Detail, _ = json.Marshal(h.next())
	must(h.t, h.st.AddAudit(ctx, r))
	list, err := h.st.Audits(ctx, auth.AuditQuery{Actor: r.Actor, Target: r.Target, Limit: 1})
	must(h.t, err)
	h.same("audit record", list, []auth.AuditRecord{r})
	must(h.t, h.st.Lock(ctx, name))
	take := limit.Take{Key: h.next() + newID(), Interval: time.Second, Burst: 1}
	for _, want := range []time.Duration{0, time.Second} {
		wait, err := h.st.Limits().TakeTries(ctx, start, []limit.Take{take})
		must(h.t, err)
		h.same("wait", wait, want)
	}
	must(h.t, h.st.Limits().GiveBack(ctx, []string{take.Key}, []limit.Take{take}))
	k := token.StoredKey{ID: h.next() + newID(), Algorithm: h.next(), Public: []byte(h.next()),
		Sealed: []byte(h.next()), CreatedAt: start}
	must(h.t, h.st.KeyStore().AddKey(ctx, k))
	must(h.t, h.st.KeyStore().DeleteKey(ctx, k.ID))
	until := start.Add(time.Hour)
	must(h.t, h.st.ReserveUsername(ctx, name, auth.UserID(value), until))
	reserved, err := h.st.UsernameReserved(ctx, name, "somebody", start)
	must(h.t, err)
	h.same("reserved", reserved, true)
}

func (h hostileRound) mail() {
	ctx := h.t.Context()
	f := emailcode.Flow{
		ID: emailcode.FlowID(newID()), Secret: newHash(), Code: newHash(), Link: newHash(),
		Purpose: emailcode.Purpose(h.next()),
		Email:   h.next(), EmailKey: h.next(),
		SentAt: start, CreatedAt: start, ExpiresAt: start.Add(time.Hour),
	}
	f.SignUp, _ = json.Marshal(map[string]string{h.next(): h.next()})
	must(h.t, h.st.Flows().AddFlow(ctx, f))
	got, err := h.st.Flows().TryFlow(ctx, emailcode.Try{ID: f.ID, Secret: f.Secret, Now: start, Most: 5})
	must(h.t, err)
	f.Tries = 1
	h.same("flow", got, f)
	i := auth.Invitation{ID: auth.InvitationID(newID()), Token: newHash(), Email: h.next(), EmailKey: h.next(),
		Roles: []auth.RoleID{auth.RoleID(h.next())}, CreatedAt: start, ExpiresAt: start}
	must(h.t, h.st.AddInvitation(ctx, i))
	invited, err := h.st.InvitationByToken(ctx, i.Token)
	must(h.t, err)
	h.same("invitation", invited, i)
	g := device.Grant{ID: device.GrantID(newID()), Device: newHash(), UserCode: newHash(), ClientName: h.next(),
		IP: h.next(), Scopes: []string{h.next()}, CreatedAt: start, ExpiresAt: start}
	_, err = h.dv.AddGrant(ctx, g, time.Second)
	must(h.t, err)
	polled, _, err := h.dv.PollGrant(ctx, device.Poll{Device: g.Device, Now: start, Step: time.Second})
	must(h.t, err)
	h.same("device grant", polled, g)
}

// BadText checks that text which a database can't hold causes an error or finds nothing, and
// does not affect anything else.
func BadText(t *testing.T, st store.Store) {
	ctx, a := t.Context(), newAccount("sound")
	must(t, st.Auth().CreateAccount(ctx, a))
	for _, s := range []string{"\x00", "sound\x00", "\x00'; DELETE FROM hallpass_users; --"} {
		bad := newAccount("bad")
		bad.Name = s
		if err := st.Auth().CreateAccount(ctx, bad); err == nil {
			t.Errorf("stored %q", s)
		}
		if got, err := st.Auth().AccountByLogin(ctx, s); err == nil {
			t.Errorf("%q finds %v", s, got.ID)
		}
		if got, err := st.Auth().ReadSignIn(ctx, s); err == nil && got.Found {
			t.Errorf("%q finds %v", s, got.Account.ID)
		}
	}
	badResource(t, st.Sharing(), a.ID)
	if _, err := st.Auth().Account(ctx, a.ID); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
