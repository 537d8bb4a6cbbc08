package storetest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

var mailTextScenarios = []scenario{
	{"TextInFlows", textInFlows},
	{"TextInInvitations", textInInvitations},
	{"TextInDeviceGrants", textInDeviceGrants},
	{"MailTimesRoundTrip", mailTimesRoundTrip},
}

func textInFlows(w *world) {
	w.inOne(func(in *world, text string) {
		f := in.newFlow("", "")
		f.Email, f.EmailKey, f.Purpose = text, text+"@x", emailcode.Purpose("p"+text)
		f.SignUp, _ = json.Marshal(map[string]string{text: text})
		in.must(in.st.Flows().AddFlow(in.ctx, f))
		in.flowIs(f)
	})
}

func textInInvitations(w *world) {
	w.inOne(func(in *world, text string) {
		i := in.newInvitation("", "")
		i.Email, i.EmailKey, i.Roles = text, text+"@x", []auth.RoleID{auth.RoleID(text), "and"}
		in.must(in.st.AddInvitation(in.ctx, i))
		in.invitationIs(i)
	})
}

func textInDeviceGrants(w *world) {
	x := w.session(w.user("alice"))
	w.inOne(func(in *world, text string) {
		g := in.newGrant()
		g.ClientName, g.IP, g.Scopes = text, text, []string{text, "and"}
		in.must(ok(in.dv.AddGrant(in.ctx, g, pace)))
		g = in.owned(g, x)
		in.must(ok(in.dv.DecideGrant(in.ctx, decision(g, x, device.Allow, []string{text}))))
		g.Decision, g.Scopes = device.Allow, []string{text}
		in.same("polled", in.poll(g, start.Add(time.Minute), false), g)
		m := in.newMail()
		m.Sealed, m.DueAt = []byte(text+"\x00\xff'"), start.AddDate(0, 0, -1)
		in.must(in.st.Outbox().AddMail(in.ctx, m))
		in.claimed(start.AddDate(0, 0, -1), 9, m)
	})
}

// Times keep their microseconds.
func mailTimesRoundTrip(w *world) {
	for i, at := range []time.Time{
		time.Date(
			1970, 1, 1, 0, 0, 0, 0, time.UTC,
		), time.Date(2038, 1, 19, 3, 14, 8, 500000, time.UTC), time.Date(2262, 4, 12, 0, 0, 0, 123456000, time.UTC),
	} {
		f := w.newFlow("", "")
		f.SentAt, f.CreatedAt, f.ExpiresAt = at, at.Add(time.Microsecond), at.Add(2*time.Microsecond)
		w.must(w.st.Flows().AddFlow(w.ctx, f))
		w.flowIs(f)
		inv := w.newInvitation("", "")
		inv.CreatedAt, inv.ExpiresAt = at, at.Add(time.Microsecond)
		w.must(w.st.AddInvitation(w.ctx, inv))
		w.invitationIs(inv)
		g := w.newGrant()
		g.CreatedAt, g.ExpiresAt = at, at.Add(time.Microsecond)
		w.must(ok(w.dv.AddGrant(w.ctx, g, pace)))
		w.same(fmt.Sprint("grant ", i), w.poll(g, at.Add(pace), false), g)
		m := w.newMail()
		m.DueAt, m.CreatedAt, m.ExpiresAt = at, at.Add(time.Microsecond), at.Add(2*time.Microsecond)
		w.must(w.st.Outbox().AddMail(w.ctx, m))
		w.claimed(at, 9, m)
		w.must(w.st.Outbox().DeleteMail(w.ctx, m.ID))
	}
}
