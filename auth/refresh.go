package auth

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// maxReplays is how many times a used refresh token can get its successor again.
const maxReplays = 5

// RefreshRequest is the input of Refresh.
type RefreshRequest struct {
	Token      string
	Scopes     []string // new, narrower scopes of the session; nil leaves them as they are
	ClientName string   // must be the client name of the session; empty is not checked
	Client     Client
}

// Refresh exchanges a refresh token for its successor and a new access token (RFC 6749 section
// 6).
//
// Two tabs of a browser may present the same token, and both must stay signed in. So a used
// token gets the same successor again for Config.RefreshGrace, as long as the successor has not
// been used. After that time Refresh takes a used token for stolen and ends the session.
//
// It returns ErrInvalidGrant if the token is not valid, and ErrInvalidScope if in.Scopes are
// not within the session's scopes.
func (s *Service) Refresh(ctx context.Context, in RefreshRequest) (TokenAnswer, error) {
	t, err := token.Parse(token.Refresh, in.Token)
	if err != nil {
		return TokenAnswer{}, ErrInvalidGrant
	}
	ring, err := s.signing.Ring(ctx)
	if err != nil {
		return TokenAnswer{}, err
	}
	// If another request wins the race to rotate, the second round finds the token used.
	for range 2 {
		use, err := s.st.RefreshToken(ctx, t.Hash())
		if errors.Is(err, ErrNotFound) {
			return TokenAnswer{}, ErrInvalidGrant
		}
		if err != nil {
			return TokenAnswer{}, fmt.Errorf("refresh: %w", err)
		}
		out, again, err := s.useRefresh(ctx, ring, use, in)
		if err != nil {
			return TokenAnswer{}, fmt.Errorf("refresh: %w", err)
		}
		if !again {
			return out, nil
		}
	}
	return TokenAnswer{}, ErrInvalidGrant
}

// useRefresh decides what to do with a token that was presented. again is true if another
// request has rotated the token meanwhile.
func (s *Service) useRefresh(
	ctx context.Context, ring *token.Ring, use RefreshUse, in RefreshRequest,
) (t TokenAnswer, again bool, err error) {
	x, now := &use.Actor.Session, s.now()
	if !x.Refreshes || use.Actor.User.Status != StatusActive || !now.Before(x.ExpiresAt) || !now.Before(x.EndsAt) ||
		(in.ClientName != "" && in.ClientName != x.ClientName) {
		return t, false, ErrInvalidGrant
	}
	if use.Generation != x.Generation {
		return s.replay(ctx, ring, use, in)
	}
	if x.Scopes, err = s.narrow(use.Actor, in.Scopes); err != nil {
		return t, false, err
	}
	next := s.refreshToken(*x, x.Generation+1)
	x.ExpiresAt = earlier(now.Add(x.Idle), x.EndsAt)
	won, err := s.st.RotateRefresh(ctx, Rotation{
		Session: x.ID, From: x.Generation, Next: next.Hash(), Now: now, ExpiresAt: x.ExpiresAt, Scopes: x.Scopes,
	})
	if err != nil || !won {
		return t, err == nil, err
	}
	t, err = s.tokens(ring, use.Actor, next)
	return t, false, err
}

// replay handles a token that was used before.
func (s *Service) replay(
	ctx context.Context, ring *token.Ring, use RefreshUse, in RefreshRequest,
) (TokenAnswer, bool, error) {
	x := use.Actor.Session
	// A negative difference, from a clock that runs behind, counts as within the grace too.
	if s.now().Sub(use.ConsumedAt) > s.cfg.RefreshGrace {
		return TokenAnswer{}, false, s.theft(ctx, use.Actor, in.Client)
	}
	if use.Generation != x.Generation-1 {
		return TokenAnswer{}, false, ErrInvalidGrant
	}
	if _, err := s.narrow(use.Actor, in.Scopes); err != nil {
		return TokenAnswer{}, false, err
	}
	ok, err := s.st.CountReplay(ctx, x.ID, x.Generation, maxReplays)
	if err != nil {
		return TokenAnswer{}, false, err
	}
	if !ok {
		return TokenAnswer{}, false, ErrInvalidGrant
	}
	t, err := s.tokens(ring, use.Actor, s.refreshToken(x, x.Generation))
	return t, false, err
}

// theft ends a session because a used token was presented again: either that token or its
// successor is in the wrong hands.
func (s *Service) theft(ctx context.Context, a Actor, c Client) error {
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return err
	}
	err = s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		if err := st.DeleteSession(ctx, a.User.ID, a.Session.ID); err != nil {
			return err
		}
		l := newLogin(a.User.ID, MethodRefresh, c, settings, s.now())
		l.Outcome, l.Reason = Failure, ReasonTokenReuse
		if err := st.AddLogin(ctx, l); err != nil {
			return err
		}
		if err := s.notice(ctx, tx, mail.SessionEnded, a.User.Email, settings); err != nil {
			return err
		}
		return s.Audit(ctx, tx, nil, "session.theft", string(a.User.ID), map[string]any{"session": a.Session.ID})
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return ErrInvalidGrant
}

// narrow returns the session's scopes after a request for list. They can shrink but not grow.
func (s *Service) narrow(a Actor, list []string) ([]string, error) {
	if list == nil {
		return a.Session.Scopes, nil
	}
	self := scopes.Self{User: string(a.User.ID)}
	ceiling := s.rightsOf(a.User)
	if a.Session.Scopes != nil {
		ceiling, _ = s.schema.SetOf(a.Session.Scopes, self)
	}
	if err := s.scopesWithin(list, a.User.ID, ceiling); err != nil {
		return nil, err
	}
	return sortedUnique(list), nil
}

// refreshToken derives the refresh token of a generation. Because it is derived, it can be
// given out again without being stored.
func (s *Service) refreshToken(x Session, generation int) token.Secret {
	return token.Derive(token.Refresh, s.keys.refresh, []byte(x.ID), []byte(strconv.Itoa(generation)), x.Salt)
}

// tokens signs an access token and makes the answer of a token request.
func (s *Service) tokens(ring *token.Ring, a Actor, refresh token.Secret) (TokenAnswer, error) {
	now := s.now()
	end := earlier(now.Add(s.cfg.AccessTTL), a.Session.EndsAt)
	text, err := ring.Sign(token.Claims{
		Subject: string(a.User.ID), Session: string(a.Session.ID), ID: newID(now), IssuedAt: now, ExpiresAt: end,
		Scopes: a.Session.Scopes, HasScopes: a.Session.Scopes != nil,
	}, now)
	if err != nil {
		return TokenAnswer{}, fmt.Errorf("sign access token: %w", err)
	}
	return TokenAnswer{
		Access: text, ExpiresIn: int64(end.Sub(now) / time.Second), Refresh: refresh, Scopes: a.Session.Scopes,
		User: a.User, Session: a.Session,
	}, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
