package device

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// Request is a program without a browser that wants to be signed in.
type Request struct {
	ClientName string   // free text, shown to the person; at most 64 bytes
	Scopes     []string // a ceiling for its session; nil for none of its own
	Client     auth.Client
}

// Started is what the program shows and keeps.
type Started struct {
	DeviceCode token.Secret // the program polls with it
	UserCode   string       // the person types it
	URL        string       // where
	FullURL    string       // the same with the code filled in
	ExpiresIn  time.Duration
	Interval   time.Duration // between polls
}

// Begin begins a device grant. It returns auth.ErrInvalidScope for a scope that does not exist,
// an auth.FieldsError for a bad client name, and an auth.LimitError if the network begins too
// many grants.
func (s *Service) Begin(ctx context.Context, in Request) (Started, error) {
	if err := (auth.SessionWant{ClientName: in.ClientName}).Check(); err != nil {
		return Started{}, err
	}
	if _, unknown := s.accounts.Schema().SetOf(in.Scopes, scopes.Self{}); len(unknown) > 0 {
		return Started{}, auth.ErrInvalidScope
	}
	limits := s.accounts.Limits()
	if err := limits.Take(ctx, limits.DeviceNetwork(in.Client.Network())); err != nil {
		return Started{}, err
	}
	ip, err := s.accounts.AddressToKeep(ctx, in.Client)
	if err != nil {
		return Started{}, err
	}
	g := Grant{ClientName: in.ClientName, IP: ip}
	if in.Scopes != nil {
		g.Scopes = append([]string{}, in.Scopes...)
		slices.Sort(g.Scopes)
		g.Scopes = slices.Compact(g.Scopes)
	}
	for range 3 { // in case that a code is taken
		now, secret, code := s.accounts.Now(), token.New(token.Device), emailcode.NewCode()
		g.ID, g.Device, g.UserCode = GrantID(token.NewID(now)), secret.Hash(), s.mark(code)
		g.CreatedAt, g.ExpiresAt = now, now.Add(grantLife)
		added, err := s.st.AddGrant(ctx, g, interval)
		if err != nil {
			return Started{}, fmt.Errorf("begin device grant: %w", err)
		}
		if added {
			page, shown := s.accounts.Links().Device, emailcode.Show(code)
			return Started{secret, shown, page, page + "#user_code=" + shown, grantLife, interval}, nil
		}
	}
	return Started{}, auth.ErrSerialization
}

// mark returns the keyed hash of a user code, which stores keep instead of the code.
func (s *Service) mark(code string) token.Hash { return s.accounts.CodeMarker().Mark(code, "device") }
