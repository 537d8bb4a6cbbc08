package device

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/scopes"
)

// LookUp shows a signed-in person which device asks. The first session that looks a code up
// owns the decision. LookUp returns auth.ErrNotFound to every other session, and for a code
// that is unknown or expired. It returns auth.ErrSessionRequired for a caller without a
// session, and an auth.LimitError after too many tries.
func (s *Service) LookUp(ctx context.Context, p *auth.Principal, userCode string) (Grant, error) {
	if p == nil || p.Kind == auth.PrincipalGuest {
		return Grant{}, auth.ErrUnauthenticated
	}
	if p.Kind != auth.PrincipalUser || p.Session.ID == "" {
		return Grant{}, auth.ErrSessionRequired
	}
	limits := s.accounts.Limits()
	try := limits.UserCodes(string(p.User.ID))
	if err := limits.Take(ctx, try); err != nil {
		return Grant{}, err
	}
	g, err := s.st.OwnGrant(ctx, Owner{
		UserCode: s.mark(emailcode.Typed(userCode)), Session: p.Session.ID, User: p.User.ID, Now: s.accounts.Now(),
	})
	if err == nil {
		limits.GiveBack(ctx, try)
	}
	return g, err
}

// Decide allows or denies a device. The device gets the scopes that it asked for, or those of
// the caller's session if it asked for none. Its proof of identity is as old as the caller's.
// Decide returns an auth.FieldsError for an unknown decision, an auth.CeilingError if the
// device would get more than the caller may do now, and the errors of LookUp. A decision
// stands: a second one is auth.ErrNotFound.
func (s *Service) Decide(ctx context.Context, p *auth.Principal, userCode string, d Decision) error {
	g, err := s.LookUp(ctx, p, userCode)
	if err != nil {
		return err
	}
	if d != Allow && d != Deny {
		return auth.FieldError{Field: "decision", Code: auth.CodeUnknown, Detail: "Use one of: allow, deny."}.Err()
	}
	if g.Scopes == nil {
		g.Scopes = p.Session.Scopes
	} else if d == Allow {
		want, _ := s.accounts.Schema().SetOf(g.Scopes, scopes.Self{User: string(p.User.ID)})
		if over := p.Subject().Excess(want, "", nil); len(over) > 0 {
			return &auth.CeilingError{Excess: over}
		}
	}
	err = s.accounts.Tx(ctx, func(tx auth.Tx) error {
		won, err := s.st.In(tx).DecideGrant(ctx, Verdict{
			UserCode: g.UserCode, Session: p.Session.ID, Now: s.accounts.Now(), Decision: d, Scopes: g.Scopes,
		})
		if err != nil {
			return err
		}
		if !won {
			return auth.ErrNotFound
		}
		detail := map[string]any{"client": g.ClientName}
		return s.accounts.Audit(ctx, tx, p, "device."+string(d), string(p.User.ID), detail)
	})
	if err != nil {
		return fmt.Errorf("decide device grant: %w", err)
	}
	return nil
}
