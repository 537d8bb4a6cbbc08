package device

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

// Redeem gives a device its tokens after a person has allowed it. It works one time. clientName
// may be empty; otherwise it must be the name that Begin was given.
//
// Redeem returns ErrAuthorizationPending until somebody has decided, ErrSlowDown if the device
// asks too often, ErrAccessDenied if the person has denied it, and ErrExpired if nobody decided
// in time. It returns auth.ErrInvalidGrant for a code that is unknown, used, or of another
// client. It also returns the errors of auth.Service.BeginFor, auth.Attempt.Start and
// auth.Service.Ready, such as auth.ErrAccountDisabled.
func (s *Service) Redeem(
	ctx context.Context, deviceCode, clientName string, c auth.Client,
) (auth.TokenAnswer, error) {
	secret, err := token.Parse(token.Device, deviceCode)
	if err != nil {
		return auth.TokenAnswer{}, auth.ErrInvalidGrant
	}
	g, soon, err := s.st.PollGrant(ctx, Poll{Device: secret.Hash(), Now: s.accounts.Now(), Step: interval})
	switch {
	case errors.Is(err, auth.ErrNotFound), err == nil && clientName != "" && clientName != g.ClientName:
		return auth.TokenAnswer{}, auth.ErrInvalidGrant
	case err != nil:
		return auth.TokenAnswer{}, fmt.Errorf("poll device grant: %w", err)
	case !s.accounts.Now().Before(g.ExpiresAt):
		return auth.TokenAnswer{}, ErrExpired
	case g.Decision == Deny:
		return auth.TokenAnswer{}, ErrAccessDenied
	case g.Decision == Allow:
		return s.signIn(ctx, g, c)
	case soon:
		return auth.TokenAnswer{}, ErrSlowDown
	}
	return auth.TokenAnswer{}, ErrAuthorizationPending
}

// signIn starts a session with a grant that was allowed. Allowing a device is no new proof of
// identity, so the session's proof is as old as that of the session which allowed it.
func (s *Service) signIn(ctx context.Context, g Grant, c auth.Client) (auth.TokenAnswer, error) {
	if err := s.accounts.Ready(ctx); err != nil {
		return auth.TokenAnswer{}, err
	}
	provedAt, err := s.accounts.Sessions.ProvedAt(ctx, g.Session)
	if errors.Is(err, auth.ErrNotFound) { // the session ended just now, and the grant with it
		err = auth.ErrInvalidGrant
	}
	if err != nil {
		return auth.TokenAnswer{}, err
	}
	proof := auth.Proof{User: g.User, At: provedAt, Spend: func(ctx context.Context, tx auth.Tx) error {
		won, err := s.st.In(tx).UseGrant(ctx, g.ID, s.accounts.Now())
		if err == nil && !won {
			err = auth.ErrInvalidGrant
		}
		return err
	}}
	want := auth.SessionWant{Scopes: g.Scopes, ClientName: g.ClientName, Tokens: true}
	// The password may change between reading and starting. That does not matter to a device,
	// so a second round decides.
	for range 2 {
		attempt, err := s.accounts.BeginFor(ctx, g.User, auth.ByDevice, c)
		if err != nil {
			return auth.TokenAnswer{}, err
		}
		v, err := attempt.Start(ctx, proof, want)
		if err == nil {
			return s.accounts.Answer(ctx, v)
		}
		if !errors.Is(err, auth.ErrStale) {
			return auth.TokenAnswer{}, fmt.Errorf("sign in: %w", err)
		}
	}
	return auth.TokenAnswer{}, auth.ErrInvalidGrant
}
