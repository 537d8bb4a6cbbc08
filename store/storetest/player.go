package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/sharing"
)

// words are few, so that they collide. They serve as names, prefixes, roles, values, buckets
// and reasons.
var words = []string{"a", "ab", "A", "a%", "a_b", "'", `\`, "é", "😀"}

// player draws calls. What it remembers may no longer exist.
type player struct {
	*world
	r        *rand.Rand
	users    []auth.UserID
	sessions []auth.SessionID
	tokens   []token.Hash
	logins   []auth.LoginID
	audits   []auth.AuditID
	keys     []string
	roleIDs  []auth.RoleID
	groupIDs []auth.GroupID
	services []auth.ServiceID
	apis     []auth.APIToken

	flows       []emailcode.FlowID
	invitations []auth.InvitationID
	userCodes   []token.Hash
	grants      []device.GrantID
	mails       []mail.ID
	residents
	codes  []sharing.ShareCode
	shares []sharing.Share
}

// pick chooses an element of a list, later ones more often. From an empty list it returns zero.
func pick[T any](r *rand.Rand, list []T) (one T) {
	if len(list) == 0 {
		return one
	}
	if r.IntN(2) == 0 {
		list = list[max(0, len(list)-4):]
	}
	return list[r.IntN(len(list))]
}

// maybe returns an element of a list or, half of the time, zero.
func maybe[T any](r *rand.Rand, list []T) (one T) {
	if r.IntN(2) == 0 {
		return one
	}
	return pick(r, list)
}

func (p *player) word() string { return pick(p.r, words) }

// user returns a user that was made, or one that never was.
func (p *player) user() auth.UserID {
	if len(p.users) == 0 || p.r.IntN(20) == 0 {
		return auth.UserID(p.id())
	}
	return pick(p.r, p.users)
}

// role returns a word, which could be defined in code, or a role that was made.
func (p *player) role() auth.RoleID {
	if id := maybe(p.r, p.roleIDs); id != "" {
		return id
	}
	return auth.RoleID(p.word())
}

func (p *player) session() auth.SessionID {
	if len(p.sessions) == 0 || p.r.IntN(20) == 0 {
		return auth.SessionID(p.id())
	}
	return pick(p.r, p.sessions)
}

func (p *player) token() token.Hash {
	h := p.hash()
	p.tokens = append(p.tokens, h)
	return h
}

// time returns one of a few times, in no order.
func (p *player) time() time.Time {
	return start.Add(time.Duration(p.r.IntN(8))*time.Minute + time.Duration(p.r.IntN(2))*time.Microsecond)
}

func (p *player) scopes() []string {
	switch p.r.IntN(4) {
	case 0:
		return nil
	case 1:
		return []string{}
	}
	return []string{p.word(), p.word()}
}

func (p *player) roles() []auth.RoleID {
	var list []auth.RoleID
	for range p.r.IntN(4) {
		list = append(list, p.role())
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// names gives an account other names, which are often taken.
func (p *player) names() func(a *auth.Account) {
	name, email, external := maybe(p.r, words), maybe(p.r, words), maybe(p.r, words)
	more := [3]int{p.r.IntN(4), p.r.IntN(4), p.r.IntN(4)}
	text := func(s string, n int) string {
		if s == "" {
			return ""
		}
		return fmt.Sprint(s, n)
	}
	return func(a *auth.Account) {
		a.UsernameKey, a.ExternalID, a.EmailKey = text(name, more[0]), text(external, more[1]), ""
		if email != "" {
			a.EmailKey = text(email, more[2]) + "@x"
		}
		a.Username, a.Email = a.UsernameKey, a.EmailKey
	}
}

var statuses = []auth.Status{
	auth.StatusActive, auth.StatusActive, auth.StatusActive, auth.StatusPending, auth.StatusDisabled,
}

// hashes are the few passwords that there are.
var hashes = []string{"", "one", "one", "one", "two"}

// limit returns a limit for pages and for deletions. The contract does not say what a deletion
// at its limit leaves, so those limits are never reached.
func (p *player) limit() int { return 1 + p.r.IntN(6) }

const noLimit = 10_000

// next draws a call.
func (p *player) next(depth int) call {
	if depth == 0 && (len(p.people) < 3 || p.r.IntN(15) == 0) {
		return p.settle()
	}
	if depth < 3 && p.r.IntN(8) == 0 {
		return p.transaction(depth)
	}
	draw := pick(p.r, []func(*player) call{
		(*player).createAccount, (*player).createAccount, (*player).completeSignIn, (*player).completeSignIn,
		(*player).residentCall,
		(*player).userCall, (*player).userCall, (*player).roleCall, (*player).definitionCall, (*player).groupCall,
		(*player).groupCall,
		(*player).serviceCall, (*player).apiTokenCall, (*player).sessionCall, (*player).sessionCall,
		(*player).refreshCall,
		(*player).refreshCall, (*player).loginCall, (*player).limitCall, (*player).limitCall, (*player).valueCall,
		(*player).keyCall,
		(*player).auditCall, (*player).endCall, (*player).flowCall, (*player).flowCall, (*player).invitationCall,
		(*player).deviceCall,
		(*player).deviceCall, (*player).mailCall, (*player).resourceCall, (*player).codeCall, (*player).shareCall,
	})
	return draw(p)
}

func (p *player) createAccount() call {
	a := auth.Account{User: auth.User{
		ID: auth.UserID(p.id()), Name: p.word(), Attributes: []byte(`{}`), Roles: p.roles(),
		Status:        pick(p.r, statuses),
		EmailVerified: p.r.IntN(2) == 0, CreatedAt: p.time(), UpdatedAt: p.time(),
	}, PasswordHash: pick(p.r, hashes)}
	p.names()(&a)
	p.users = append(p.users, a.ID)
	return call{
		"CreateAccount", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.CreateAccount(ctx, a) },
	}
}

func (p *player) completeSignIn() call {
	x := p.refreshing(p.user())
	x.TokenHash, x.Scopes, x.ExpiresAt = p.token(), p.scopes(), p.time()
	l := p.login(x.User, x.ID)
	l.At = p.time()
	p.sessions, p.logins = append(p.sessions, x.ID), append(p.logins, l.ID)
	in := auth.SignIn{OldHash: pick(p.r, hashes), NewHash: pick(p.r, hashes), Login: l, Session: x}
	return call{"CompleteSignIn", func(ctx context.Context, st auth.Store) (any, error) {
		return nil, st.CompleteSignIn(ctx, in)
	}}
}
