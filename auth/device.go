package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

const (
	deviceLife = 10 * time.Minute
	// between polls; RFC 8628 section 3.5 also adds it for each poll that comes too soon
	deviceInterval = 5 * time.Second
)

// DeviceRequest is a program without a browser that wants to be signed in (RFC 8628).
type DeviceRequest struct {
	ClientName string   // free text, shown to the person; at most 64 bytes
	Scopes     []string // a ceiling for its session; nil for none of its own
	Client     Client
}

// StartedDevice is what the program shows and keeps.
type StartedDevice struct {
	DeviceCode token.Secret // the program polls with it
	UserCode   string       // the person types it
	URL        string       // where
	FullURL    string       // the same with the code filled in
	ExpiresIn  time.Duration
	Interval   time.Duration // between polls
}

// BeginDevice begins a device grant. ErrInvalidScope for a scope that does not exist, a
// FieldsError, a LimitError.
func (s *Service) BeginDevice(ctx context.Context, in DeviceRequest) (StartedDevice, error) {
	if err := checkClientName(in.ClientName); err != nil {
		return StartedDevice{}, err
	}
	if _, unknown := s.schema.SetOf(in.Scopes, scopes.Self{}); len(unknown) > 0 {
		return StartedDevice{}, ErrInvalidScope
	}
	if err := s.take(
		ctx, tries{all: []Take{s.bucket(s.cfg.Limits.MailNetwork, "devicenetwork", in.Client.network())}},
	); err != nil {
		return StartedDevice{}, err
	}
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return StartedDevice{}, err
	}
	for range 3 { // in case that a code is taken
		now, secret, code := s.now(), token.New(token.Device), newCode()
		g := DeviceGrant{
			ID: DeviceGrantID(newID(now)), Device: secret.Hash(), UserCode: s.userCode(code), ClientName: in.ClientName,
			IP:        address(settings, in.Client),
			CreatedAt: now, ExpiresAt: now.Add(deviceLife),
		}
		if in.Scopes != nil {
			g.Scopes = sortedUnique(in.Scopes)
		}
		added, err := s.st.AddDeviceGrant(ctx, g, deviceInterval)
		if err != nil {
			return StartedDevice{}, fmt.Errorf("begin device grant: %w", err)
		}
		if added {
			shown := showCode(code)
			return StartedDevice{secret, shown, s.cfg.Links.Device, s.cfg.Links.Device + "#user_code=" + shown,
				deviceLife, deviceInterval}, nil
		}
	}
	return StartedDevice{}, ErrSerialization
}

// userCode is what stores keep of a user code.
func (s *Service) userCode(code string) token.Hash { return s.markCode(code, "device") }

// LookUpDevice shows a signed-in person which device asks. The first session to look owns the
// decision: for all others, and for unknown and expired codes, it is ErrNotFound.
// ErrSessionRequired, a LimitError.
func (s *Service) LookUpDevice(ctx context.Context, p *Principal, userCode string) (DeviceGrant, error) {
	if p == nil || p.Kind == PrincipalGuest {
		return DeviceGrant{}, ErrUnauthenticated
	}
	if p.Kind != PrincipalUser || p.Session.ID == "" {
		return DeviceGrant{}, ErrSessionRequired
	}
	tries := tries{all: []Take{s.bucket(s.cfg.Limits.UserCodes, "usercodes", string(p.User.ID))}}
	if err := s.take(ctx, tries); err != nil {
		return DeviceGrant{}, err
	}
	g, err := s.st.OwnDeviceGrant(ctx, DeviceOwner{
		UserCode: s.userCode(typedCode(userCode)), Session: p.Session.ID, User: p.User.ID, Now: s.now(),
	})
	if err == nil {
		s.cancel(ctx, tries)
	}
	return g, err
}

// DecideDevice allows or denies a device. What it gets is what it asked for, or else what the
// caller's own session has; never more than the caller may do now, which is a CeilingError; and
// its proof of identity is as old as the caller's. Errors as of LookUpDevice; a decision
// stands, so a second one is ErrNotFound.
func (s *Service) DecideDevice(ctx context.Context, p *Principal, userCode string, d Decision) error {
	g, err := s.LookUpDevice(ctx, p, userCode)
	if err != nil {
		return err
	}
	var f fieldErrors
	oneOf(&f, "decision", d, DecisionAllow, DecisionDeny)
	if err := f.err(); err != nil {
		return err
	}
	if g.Scopes == nil {
		g.Scopes = p.Session.Scopes
	} else if d == DecisionAllow {
		want, _ := s.schema.SetOf(g.Scopes, scopes.Self{User: string(p.User.ID)})
		if over := p.subject.Excess(want, "", nil); len(over) > 0 {
			return &CeilingError{Excess: over}
		}
	}
	err = s.Tx(ctx, func(tx Tx) error {
		won, err := tx.st.DecideDeviceGrant(ctx, DeviceDecision{
			UserCode: g.UserCode, Session: p.Session.ID, Now: s.now(), Decision: d, Scopes: g.Scopes,
		})
		if err != nil || !won {
			return orElse(err, ErrNotFound)
		}
		return s.Audit(ctx, tx, p, "device."+string(d), string(p.User.ID), map[string]any{"client": g.ClientName})
	})
	if err != nil {
		return fmt.Errorf("decide device grant: %w", err)
	}
	return nil
}

// DeviceGrant gives a device its tokens once somebody has allowed it, once.
// ErrAuthorizationPending until then, ErrSlowDown if it asks too often, ErrAccessDenied,
// ErrDeviceExpired; ErrInvalidGrant for a code that is unknown or used, or of another client.
func (s *Service) DeviceGrant(ctx context.Context, deviceCode, clientName string, c Client) (TokenAnswer, error) {
	secret, err := token.Parse(token.Device, deviceCode)
	if err != nil {
		return TokenAnswer{}, ErrInvalidGrant
	}
	g, soon, err := s.st.PollDeviceGrant(ctx, DevicePoll{Device: secret.Hash(), Now: s.now(), Step: deviceInterval})
	switch {
	case errors.Is(err, ErrNotFound), err == nil && clientName != "" && clientName != g.ClientName:
		return TokenAnswer{}, ErrInvalidGrant
	case err != nil:
		return TokenAnswer{}, fmt.Errorf("poll device grant: %w", err)
	case !s.now().Before(g.ExpiresAt):
		return TokenAnswer{}, ErrDeviceExpired
	case g.Decision == DecisionDeny:
		return TokenAnswer{}, ErrAccessDenied
	case g.Decision == DecisionAllow:
		return s.signInByDevice(ctx, g, c)
	case soon:
		return TokenAnswer{}, ErrSlowDown
	}
	return TokenAnswer{}, ErrAuthorizationPending
}

// signInByDevice starts a session with a grant that was allowed. Allowing a device proves
// nothing anew: the proof is as old as that of the session that did.
func (s *Service) signInByDevice(ctx context.Context, g DeviceGrant, c Client) (TokenAnswer, error) {
	if err := s.Ready(ctx); err != nil {
		return TokenAnswer{}, err
	}
	by, err := s.st.ActorBySession(ctx, g.Session)
	if errors.Is(err, ErrNotFound) { // the session ended just now, and the grant with it
		err = ErrInvalidGrant
	}
	if err != nil {
		return TokenAnswer{}, err
	}
	m, _ := s.methods.find(MethodDevice)
	p := Proof{User: g.User, At: by.Session.ProvedAt, Spend: func(ctx context.Context, tx Tx) error {
		won, err := tx.st.UseDeviceGrant(ctx, g.ID, s.now())
		if err == nil && !won {
			err = ErrInvalidGrant
		}
		return err
	}}
	// The password may change between reading and starting, which is nothing to a device; the
	// second round decides.
	for range 2 {
		at, err := s.BeginFor(ctx, g.User, m, c)
		if err != nil {
			return TokenAnswer{}, err
		}
		v, err := at.Start(ctx, p, SessionWant{Scopes: g.Scopes, ClientName: g.ClientName, Tokens: true})
		if err == nil {
			return s.Answer(ctx, v)
		}
		if !errors.Is(err, ErrStale) {
			return TokenAnswer{}, fmt.Errorf("sign in: %w", err)
		}
	}
	return TokenAnswer{}, ErrInvalidGrant
}
