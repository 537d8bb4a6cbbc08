package storetest

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/token"
)

// mailThings are what the calls of mailCalls find in a furnished store. They are made of
// constants, so nobody has to look them up.
type mailThings struct {
	flow       emailcode.Flow
	invitation auth.Invitation
	grant      device.Grant
	mail       mail.Envelope
}

func (w *world) mailThings() mailThings {
	m := mailThings{w.newFlow("", ""), w.newInvitation("", ""), w.newGrant(), w.newMail()}
	const first = 1 << 30
	m.flow.ID, m.flow.Secret, m.flow.Link, m.flow.Code = emailcode.FlowID(uuidv7(first)), token.Hash{1,
		1}, token.Hash{1,
		2}, token.Hash{1, 3}
	m.invitation.ID, m.invitation.Token = auth.InvitationID(uuidv7(first+1)), token.Hash{1, 4}
	m.grant.ID, m.grant.Device, m.grant.UserCode = device.GrantID(uuidv7(first+2)), token.Hash{1, 5}, token.Hash{1,
		6}
	m.mail.ID = mail.ID(uuidv7(first + 3))
	return m
}

// furnishMail stores mailThings.
func (w *world) furnishMail() {
	w.t.Helper()
	m := w.mailThings()
	w.must(w.st.Flows().AddFlow(w.ctx, m.flow))
	w.must(w.st.AddInvitation(w.ctx, m.invitation))
	w.must(ok(w.dv.AddGrant(w.ctx, m.grant, pace)))
	w.must(w.st.Outbox().AddMail(w.ctx, m.mail))
}

// mailUnchanged compares what no snapshot lists.
func (w *world) mailUnchanged() {
	w.t.Helper()
	m := w.mailThings()
	w.flowIs(m.flow)
	w.want(w.tx(func(in *world) error {
		in.same("grant", in.poll(m.grant, start.Add(pace), false), m.grant)
		return errRefused
	}), errRefused)
}

// mailCalls returns the part of everyCall for flows, invitations, device grants and the outbox.
func (w *world) mailCalls(x auth.Session) map[string]func() error {
	st, ctx, m := w.st, w.ctx, w.mailThings()
	late := start.AddDate(1, 0, 0)
	return map[string]func() error{
		"AddFlow":    func() error { return st.Flows().AddFlow(ctx, w.newFlow(x.User, x.ID)) },
		"Flow":       func() error { return errOf(st.Flows().Flow(ctx, m.flow.ID)) },
		"FlowByLink": func() error { return errOf(st.Flows().FlowByLink(ctx, m.flow.Link)) },
		"TryFlow": func() error {
			return errOf(
				st.Flows().TryFlow(ctx, emailcode.Try{ID: m.flow.ID, Secret: m.flow.Secret, Now: start, Most: 9}),
			)
		},
		"RenewFlow": func() error {
			return ok(
				st.Flows().RenewFlow(
					ctx, emailcode.Renewal{ID: m.flow.ID, Sends: m.flow.Sends, SentAt: late, ExpiresAt: late},
				),
			)
		},
		"UseFlow":            func() error { return ok(st.Flows().UseFlow(ctx, m.flow.ID, start)) },
		"EndFlows":           func() error { return errOf(st.Flows().EndFlows(ctx, string(x.User), m.flow.Purpose)) },
		"DeleteExpiredFlows": func() error { return errOf(st.Flows().DeleteExpiredFlows(ctx, late, 9)) },
		"AddInvitation":      func() error { return st.AddInvitation(ctx, w.newInvitation("", x.User)) },
		"InvitationByToken":  func() error { return errOf(st.InvitationByToken(ctx, m.invitation.Token)) },
		"Invitations": func() error {
			return errOf(st.Invitations(ctx, auth.InvitationQuery{Now: start, Limit: 9}))
		},
		"UseInvitation":    func() error { return ok(st.UseInvitation(ctx, m.invitation.ID, start)) },
		"DeleteInvitation": func() error { return st.DeleteInvitation(ctx, m.invitation.ID) },
		"DeleteExpiredInvitations": func() error {
			return errOf(st.DeleteExpiredInvitations(ctx, late, 9))
		},
		"AddGrant": func() error { return ok(w.dv.AddGrant(ctx, w.newGrant(), pace)) },
		"OwnGrant": func() error { return errOf(w.dv.OwnGrant(ctx, owner(m.grant, x))) },
		"DecideGrant": func() error {
			return errOf(w.dv.DecideGrant(ctx, decision(m.grant, x, device.Deny, nil)))
		},
		"PollGrant": func() error {
			_, _, err := w.dv.PollGrant(ctx, device.Poll{Device: m.grant.Device, Now: start, Step: pace})
			return err
		},
		"UseGrant": func() error { return errOf(w.dv.UseGrant(ctx, m.grant.ID, start)) },
		"DeleteExpiredGrants": func() error {
			return errOf(w.dv.DeleteExpiredGrants(ctx, late, 9))
		},
		"AddMail":    func() error { return st.Outbox().AddMail(ctx, w.newMail()) },
		"ClaimMail":  func() error { return errOf(st.Outbox().ClaimMail(ctx, start, late, 9)) },
		"PutOffMail": func() error { return st.Outbox().PutOffMail(ctx, m.mail.ID, late) },
		"DeleteMail": func() error { return st.Outbox().DeleteMail(ctx, m.mail.ID) },
	}
}

func (p *player) flow() emailcode.FlowID {
	if len(p.flows) == 0 || p.r.IntN(20) == 0 {
		return emailcode.FlowID(p.id())
	}
	return pick(p.r, p.flows)
}

var purposes = []emailcode.Purpose{emailcode.SignIn, emailcode.ResetPassword}

// flowCall makes calls about flows. Their users and sessions often exist, but not always.
func (p *player) flowCall() call {
	f := p.newFlow(maybe(p.r, p.users), maybe(p.r, p.sessions))
	f.Secret, f.Link, f.ExpiresAt, f.Purpose = token.Hash{byte(1 + p.r.IntN(2))}, token.Hash{}, p.time(), pick(p.r,
		purposes)
	if p.r.IntN(3) == 0 {
		f.Link = p.token()
	}
	id, link, now, user, purpose := p.flow(), pick(p.r, p.tokens), p.time(), p.user(), pick(p.r, purposes)
	p.flows = append(p.flows, f.ID)
	try := emailcode.Try{ID: id, Secret: token.Hash{byte(1 + p.r.IntN(2))}, Now: now, Most: 3}
	renewal := emailcode.Renewal{
		ID: id, Code: p.hash(), Link: p.token(), Sends: 2 + p.r.IntN(2), SentAt: now, ExpiresAt: p.time(),
	}
	return p.one(
		call{
			"AddFlow", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.Flows().AddFlow(ctx, f) },
		},
		call{
			"AddFlow", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.Flows().AddFlow(ctx, f) },
		},
		call{"Flow", func(ctx context.Context, st auth.Store) (any, error) { return st.Flows().Flow(ctx, id) }},
		call{"FlowByLink", func(ctx context.Context, st auth.Store) (any, error) {
			return st.Flows().FlowByLink(ctx, link)
		}},
		call{"TryFlow", func(ctx context.Context, st auth.Store) (any, error) { return st.Flows().TryFlow(ctx, try) }},
		call{"TryFlow", func(ctx context.Context, st auth.Store) (any, error) { return st.Flows().TryFlow(ctx, try) }},
		call{"RenewFlow", func(ctx context.Context, st auth.Store) (any, error) {
			return st.Flows().RenewFlow(ctx, renewal)
		}},
		call{"UseFlow", func(ctx context.Context, st auth.Store) (any, error) {
			return st.Flows().UseFlow(ctx, id, now)
		}},
		call{"EndFlows", func(ctx context.Context, st auth.Store) (any, error) {
			return st.Flows().EndFlows(ctx, string(user), purpose)
		}},
		call{"DeleteExpiredFlows", func(ctx context.Context, st auth.Store) (any, error) {
			return st.Flows().DeleteExpiredFlows(ctx, start.Add(time.Minute), noLimit)
		}},
	)
}

func (p *player) invitationCall() call {
	i := p.newInvitation(maybe(p.r, p.users), maybe(p.r, p.users))
	i.Token, i.ExpiresAt, i.Email = p.token(), p.time(), p.word()
	id, h, now := pick(p.r, p.invitations), pick(p.r, p.tokens), p.time()
	p.invitations = append(p.invitations, i.ID)
	q := auth.InvitationQuery{Now: now, After: maybe(p.r, p.invitations), Limit: p.limit()}
	return p.one(
		call{"AddInvitation", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.AddInvitation(ctx, i)
		}},
		call{"AddInvitation", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.AddInvitation(ctx, i)
		}},
		call{"InvitationByToken", func(ctx context.Context, st auth.Store) (any, error) {
			return st.InvitationByToken(ctx, h)
		}},
		call{"Invitations", func(ctx context.Context, st auth.Store) (any, error) { return st.Invitations(ctx, q) }},
		call{"UseInvitation", func(ctx context.Context, st auth.Store) (any, error) {
			return st.UseInvitation(ctx, id, now)
		}},
		call{"DeleteInvitation", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.DeleteInvitation(ctx, id)
		}},
		call{"DeleteExpiredInvitations", func(ctx context.Context, st auth.Store) (any, error) {
			return st.DeleteExpiredInvitations(ctx, start.Add(time.Minute), noLimit)
		}},
	)
}

func (p *player) deviceCall() call {
	g := p.newGrant()
	g.Device, g.ExpiresAt, g.Scopes = p.token(), p.time(), p.scopes()
	if len(p.userCodes) > 0 && p.r.IntN(4) == 0 {
		g.UserCode = pick(p.r, p.userCodes)
	}
	p.userCodes, p.grants = append(p.userCodes, g.UserCode), append(p.grants, g.ID)
	code, id, secret, now := pick(p.r, p.userCodes), pick(p.r, p.grants), pick(p.r, p.tokens), p.time()
	own := device.Owner{UserCode: code, Session: p.session(), User: p.user(), Now: now}
	decide := device.Verdict{
		UserCode: code, Session: p.session(), Now: now, Decision: device.Allow, Scopes: p.scopes(),
	}
	if p.r.IntN(4) == 0 {
		decide.Decision = device.Deny
	}
	return p.one(
		ofDevices("AddGrant", func(ctx context.Context, st device.Store) (any, error) {
			return st.AddGrant(ctx, g, pace)
		}),
		ofDevices("AddGrant", func(ctx context.Context, st device.Store) (any, error) {
			return st.AddGrant(ctx, g, pace)
		}),
		ofDevices("OwnGrant", func(ctx context.Context, st device.Store) (any, error) {
			return st.OwnGrant(ctx, own)
		}),
		ofDevices("OwnGrant", func(ctx context.Context, st device.Store) (any, error) {
			return st.OwnGrant(ctx, own)
		}),
		ofDevices("DecideGrant", func(ctx context.Context, st device.Store) (any, error) {
			return st.DecideGrant(ctx, decide)
		}),
		ofDevices("PollGrant", func(ctx context.Context, st device.Store) (any, error) {
			g, soon, err := st.PollGrant(ctx, device.Poll{Device: secret, Now: now, Step: pace})
			return []any{g, soon}, err
		}),
		ofDevices("UseGrant", func(ctx context.Context, st device.Store) (any, error) {
			return st.UseGrant(ctx, id, now)
		}),
		ofDevices("DeleteExpiredGrants", func(ctx context.Context, st device.Store) (any, error) {
			return st.DeleteExpiredGrants(ctx, start.Add(time.Minute), noLimit)
		}),
	)
}

func (p *player) mailCall() call {
	m := p.newMail()
	m.DueAt = p.time()
	id, now, until, limit := pick(p.r, p.mails), p.time(), p.time(), p.limit()
	p.mails = append(p.mails, m.ID)
	return p.one(
		call{"AddMail", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.Outbox().AddMail(ctx, m)
		}},
		call{"ClaimMail", func(ctx context.Context, st auth.Store) (any, error) {
			return st.Outbox().ClaimMail(ctx, now, until, limit)
		}},
		call{"PutOffMail", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.Outbox().PutOffMail(ctx, id, until)
		}},
		call{
			"DeleteMail", func(ctx context.Context, st auth.Store) (any, error) {
				return nil, st.Outbox().DeleteMail(ctx, id)
			},
		},
	)
}
