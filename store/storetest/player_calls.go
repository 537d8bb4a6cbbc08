package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// one draws one of the calls.
func (p *player) one(calls ...call) call { return calls[p.r.IntN(len(calls))] }

func (p *player) userCall() call {
	id, key := p.user(), fmt.Sprint(p.word(), p.r.IntN(4), []string{"", "@x"}[p.r.IntN(2)])
	names, status, name, hash, at := p.names(), pick(p.r, statuses), p.word(), pick(p.r, hashes), p.time()
	refuse := p.r.IntN(5) == 0
	q := auth.UserQuery{
		Prefix: maybe(p.r, words), Role: auth.RoleID(maybe(p.r, words)), Status: maybe(p.r, statuses),
		After: maybe(p.r, p.users), Limit: p.limit(),
	}
	if p.r.IntN(4) == 0 {
		q.Group = pick(p.r, p.groupIDs)
	}
	if p.r.IntN(4) == 0 {
		q.Within = []auth.Within{
			{Users: []auth.UserID{p.user()}, Groups: []auth.GroupID{pick(p.r, p.groupIDs)}}, {Groups: p.groupIDs},
		}
	}
	if p.r.IntN(4) == 0 {
		q.ExternalID = fmt.Sprint(p.word(), p.r.IntN(4))
	}
	return p.one(
		call{"Account", func(ctx context.Context, st auth.Store) (any, error) { return st.Account(ctx, id) }},
		call{"AccountByLogin", func(ctx context.Context, st auth.Store) (any, error) {
			return st.AccountByLogin(ctx, key)
		}},
		call{"ReadSignIn", func(ctx context.Context, st auth.Store) (any, error) { return st.ReadSignIn(ctx, key) }},
		call{"Users", func(ctx context.Context, st auth.Store) (any, error) { return st.Users(ctx, q) }},
		call{"UpdateAccount", func(ctx context.Context, st auth.Store) (any, error) {
			return st.UpdateAccount(ctx, id, func(a *auth.Account) error {
				names(a)
				a.Status, a.Name, a.PasswordHash, a.UpdatedAt, a.Roles = status, name, hash, at, nil
				if refuse {
					return errRefused
				}
				return nil
			})
		}},
	)
}

func (p *player) roleCall() call {
	id, role, key := p.user(), p.role(), p.word()
	except, holder, at := maybe(p.r, p.users), p.user(), p.time()
	return p.one(
		call{"AddRole", func(ctx context.Context, st auth.Store) (any, error) { return st.AddRole(ctx, id, role) }},
		call{
			"RemoveRole", func(ctx context.Context, st auth.Store) (any, error) { return st.RemoveRole(ctx, id, role) },
		},
		call{"HasActiveHolder", func(ctx context.Context, st auth.Store) (any, error) {
			return st.HasActiveHolder(ctx, role, except)
		}},
		call{"ReserveUsername", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.ReserveUsername(ctx, key, holder, at)
		}},
		call{"UsernameReserved", func(ctx context.Context, st auth.Store) (any, error) {
			return st.UsernameReserved(ctx, key, id, at)
		}},
	)
}

func (p *player) sessionCall() call {
	id, user, h := p.session(), p.user(), pick(p.r, p.tokens)
	seen, expires, scopes := p.time(), p.time(), p.scopes()
	refuse, next := p.r.IntN(5) == 0, p.token()
	q := auth.SessionQuery{User: user, Now: p.time(), Before: maybe(p.r, p.sessions), Limit: p.limit()}
	return p.one(
		call{"ActorBySession", func(ctx context.Context, st auth.Store) (any, error) {
			return st.ActorBySession(ctx, id)
		}},
		call{"ActorByToken", func(ctx context.Context, st auth.Store) (any, error) { return st.ActorByToken(ctx, h) }},
		call{"Sessions", func(ctx context.Context, st auth.Store) (any, error) { return st.Sessions(ctx, q) }},
		call{"TouchSession", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.TouchSession(ctx, id, seen, expires)
		}},
		call{"UpdateSession", func(ctx context.Context, st auth.Store) (any, error) {
			return st.UpdateSession(ctx, id, func(x *auth.Session) error {
				x.LastSeenAt, x.ProvedAt, x.ExpiresAt, x.Scopes, x.TokenHash = seen, seen, expires, scopes, next
				x.Replays, x.Generation = 9, 9
				if refuse {
					return errRefused
				}
				return nil
			})
		}},
	)
}

func (p *player) refreshCall() call {
	id, h, generation, limit := p.session(), pick(p.r, p.tokens), p.r.IntN(3), p.r.IntN(3)
	r := auth.Rotation{
		Session: id, From: generation, Next: p.token(), Now: p.time(), ExpiresAt: p.time(), Scopes: p.scopes(),
	}
	return p.one(
		call{"RefreshToken", func(ctx context.Context, st auth.Store) (any, error) { return st.RefreshToken(ctx, h) }},
		call{
			"RotateRefresh", func(ctx context.Context, st auth.Store) (any, error) { return st.RotateRefresh(ctx, r) },
		},
		call{"CountReplay", func(ctx context.Context, st auth.Store) (any, error) {
			return st.CountReplay(ctx, id, generation, limit)
		}},
	)
}

func (p *player) loginCall() call {
	id, user := pick(p.r, p.logins), maybe(p.r, p.users)
	l := auth.Login{
		ID: auth.LoginID(p.id()), User: user, At: p.time(), Method: policy.Method(p.word()), Outcome: auth.Failure,
		Reason: p.word(), IP: p.word(),
	}
	p.logins = append(p.logins, l.ID)
	q := auth.LoginQuery{User: user, Before: maybe(p.r, p.logins), Limit: p.limit(), Outcome: maybe(
		p.r, []auth.Outcome{auth.Success, auth.Failure},
	)}
	q.Method = maybe(p.r, []policy.Method{auth.MethodPassword, "a", "A"})
	if p.r.IntN(2) == 0 {
		q.Since = p.time()
	}
	if p.r.IntN(2) == 0 {
		q.Until = p.time()
	}
	return p.one(
		call{"AddLogin", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.AddLogin(ctx, l) }},
		call{"AddLogin", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.AddLogin(ctx, l) }},
		call{"Login", func(ctx context.Context, st auth.Store) (any, error) { return st.Login(ctx, id) }},
		call{"Logins", func(ctx context.Context, st auth.Store) (any, error) { return st.Logins(ctx, q) }},
		call{"Logins", func(ctx context.Context, st auth.Store) (any, error) { return st.Logins(ctx, q) }},
	)
}

func (p *player) limitCall() call {
	now := p.time()
	var takes []limit.Take
	for _, i := range p.r.Perm(len(words))[:1+p.r.IntN(4)] {
		takes = append(takes, limit.Take{
			Key: words[i], Interval: time.Duration(1+p.r.IntN(90)) * time.Second, Burst: 1 + p.r.IntN(3),
		})
	}
	cut := p.r.IntN(len(takes) + 1)
	var full []string
	for _, t := range takes[:cut] {
		full = append(full, t.Key)
	}
	return p.one(
		call{
			"TakeTries", func(ctx context.Context, st auth.Store) (any, error) {
				return st.Limits().TakeTries(ctx, now, takes)
			},
		},
		call{
			"TakeTries", func(ctx context.Context, st auth.Store) (any, error) {
				return st.Limits().TakeTries(ctx, now, takes)
			},
		},
		call{
			"TakeTries", func(ctx context.Context, st auth.Store) (any, error) {
				return st.Limits().TakeTries(ctx, now, takes)
			},
		},
		call{"GiveBack", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.Limits().GiveBack(ctx, full, takes[cut:])
		}},
		// A bucket that was filled may be gone or count as one more full bucket, so the number
		// is open.
		call{"DeleteFullBuckets", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, errOf(st.Limits().DeleteFullBuckets(ctx, now, noLimit))
		}},
	)
}

func (p *player) valueCall() call {
	name, value, refuse := p.word(), p.word(), p.r.IntN(4) == 0
	if p.r.IntN(4) == 0 {
		name = "settings"
	}
	return p.one(
		call{"Value", func(ctx context.Context, st auth.Store) (any, error) { return st.Value(ctx, name) }},
		call{"InitValue", func(ctx context.Context, st auth.Store) (any, error) {
			return st.InitValue(ctx, name, value)
		}},
		call{"UpdateValue", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.UpdateValue(ctx, name, func(old string) (string, error) {
				if refuse {
					return "", errRefused
				}
				return old + value, nil
			})
		}},
	)
}

func (p *player) keyCall() call {
	k, old, h := p.key(fmt.Sprint(p.word(), p.id())), pick(p.r, p.keys), p.hash()
	k.CreatedAt = p.time()
	p.keys = append(p.keys, k.ID)
	earlier := pick(p.r, p.tokens)
	return p.one(
		call{"AddKey", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.KeyStore().AddKey(ctx, k)
		}},
		call{"Keys", func(ctx context.Context, st auth.Store) (any, error) { return st.KeyStore().Keys(ctx) }},
		call{"DeleteKey", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.KeyStore().DeleteKey(ctx, old)
		}},
		call{"AddSetUpToken", func(ctx context.Context, st auth.Store) (any, error) {
			if err := st.AddSetUpToken(ctx, h, k.CreatedAt); err != nil {
				return nil, err
			}
			return st.HasSetUpToken(ctx, h)
		}},
		call{"HasSetUpToken", func(ctx context.Context, st auth.Store) (any, error) {
			return st.HasSetUpToken(ctx, earlier)
		}},
		call{"DeleteSetUpTokens", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.DeleteSetUpTokens(ctx)
		}},
	)
}

func (p *player) auditCall() call {
	r := auth.AuditRecord{
		ID: auth.AuditID(p.id()), At: p.time(), Actor: maybe(p.r, words), Action: p.word(), Target: maybe(p.r, words),
	}
	p.audits = append(p.audits, r.ID)
	q := auth.AuditQuery{
		Actor: maybe(p.r, words), Target: maybe(p.r, words), Action: maybe(p.r, words), Before: maybe(p.r, p.audits),
		Limit: p.limit(),
	}
	if p.r.IntN(2) == 0 {
		q.Since = p.time()
	}
	return p.one(
		call{"AddAudit", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.AddAudit(ctx, r) }},
		call{"Audits", func(ctx context.Context, st auth.Store) (any, error) { return st.Audits(ctx, q) }},
	)
}

// endCall removes something.
func (p *player) endCall() call {
	user, session, at := p.user(), p.session(), p.time()
	except := maybe(p.r, p.sessions)
	early := start.Add(time.Minute)
	return p.one(
		call{"DeleteAccount", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.DeleteAccount(ctx, user)
		}},
		call{"DeleteSession", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.DeleteSession(ctx, user, session)
		}},
		call{"DeleteSessions", func(ctx context.Context, st auth.Store) (any, error) {
			return st.DeleteSessions(ctx, user, except)
		}},
		call{"DeleteExpiredSessions", func(ctx context.Context, st auth.Store) (any, error) {
			return st.DeleteExpiredSessions(ctx, early, noLimit)
		}},
		call{"DeleteLogins", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.DeleteLogins(ctx, user)
		}},
		call{"AnonymizeLogins", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.AnonymizeLogins(ctx, user)
		}},
		call{"DeleteExpiredReservations", func(ctx context.Context, st auth.Store) (any, error) {
			return st.DeleteExpiredReservations(ctx, early, noLimit)
		}},
		call{"DeleteAuditsBefore", func(ctx context.Context, st auth.Store) (any, error) {
			return st.DeleteAuditsBefore(ctx, early, noLimit)
		}},
		call{"DeleteLoginsBefore", func(ctx context.Context, st auth.Store) (any, error) {
			return st.DeleteLoginsBefore(ctx, at, noLimit)
		}},
	)
}
