package sharing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

// Offer is what a share code offers.
type Offer struct {
	Resource    auth.ResourceRef
	Owner       auth.UserID
	Giver       auth.Holder
	Scopes      []ScopeLabel // those that the giver can give now
	ExpiresAt   time.Time    // of the code
	AlreadyHeld bool         // the caller has accepted the code, and still has the share
}

// Accepted is what accepting a share code gave.
type Accepted struct {
	Share Share
	Next  string // a path of the host to go to; empty for none
}

// Exchange is the record that a user accepted a share code.
type Exchange struct {
	ID    string // UUIDv7
	Code  string // id of the code
	User  auth.UserID
	Share string // id of the share that they got, which may be gone
	At    time.Time
}

// Preview returns what a share code offers, and changes nothing of it. It takes one of the
// tries that the caller and their network have, whatever comes of it, and returns an
// auth.LimitError if there are none left.
//
// The error is ErrShareCodeInvalid, ErrOwnCode, or ErrNoHolder if the caller is not a user.
func (s *Service) Preview(ctx context.Context, p *auth.Principal, text string, from auth.Client) (Offer, error) {
	c, held, err := s.present(ctx, p, text, from)
	if err != nil {
		return Offer{}, err
	}
	if held.ID == "" {
		if err := spent(ctx, s.st, c.ID, p.Holder().User); err != nil {
			return Offer{}, err
		}
	}
	sc, names, err := s.offered(ctx, p, c)
	if err != nil {
		return Offer{}, err
	}
	return Offer{
		Resource: c.Resource, Owner: auth.UserID(sc.target.Owner), Giver: c.Giver,
		Scopes: s.Labelled(c.Resource, names), ExpiresAt: c.ExpiresAt, AlreadyHeld: held.ID != "",
	}, nil
}

// Accept gives the caller what a share code offers. Accepting a code again returns the same
// share and counts nothing. If that share has ended, was revoked or was given back, the code
// does not give another one. Of several callers who race for the last use, one wins. Accept
// takes a try and returns errors as Preview does.
func (s *Service) Accept(ctx context.Context, p *auth.Principal, text string, from auth.Client) (Accepted, error) {
	c, held, err := s.present(ctx, p, text, from)
	if err != nil {
		return Accepted{}, err
	}
	if held.ID != "" {
		return Accepted{held, c.Next}, nil
	}
	sc, _, err := s.offered(ctx, p, c)
	if err != nil {
		return Accepted{}, err
	}
	at := s.now()
	share := Share{
		ID: token.NewID(at), Resource: c.Resource, Giver: c.Giver, User: p.User.ID, Scopes: c.Scopes, Code: c.ID,
		CreatedAt: at,
	}
	if life := sc.kind.Expiry; life > 0 {
		share.ExpiresAt = at.Add(life)
	}
	err = s.tx(ctx, func(tx auth.Tx, st Store) error {
		if err := exchange(ctx, st, c, share); err != nil {
			return err
		}
		detail := map[string]any{"code": c.ID, "share": share.ID}
		return s.audit(ctx, tx, p, change{"share_code.accept", c.Resource, detail})
	})
	if errors.Is(err, errRaced) {
		share, err = s.st.ShareFromCode(ctx, c.ID, p.User.ID)
	}
	switch {
	case errors.Is(err, ErrShareCodeInvalid), errors.Is(err, auth.ErrNotFound):
		return Accepted{}, ErrShareCodeInvalid
	case err != nil:
		return Accepted{}, fmt.Errorf("accept share code: %w", err)
	}
	return Accepted{share, c.Next}, nil
}

// present takes a try, and finds out what a code offers to the caller. It reads twice, whatever
// is wrong with the code. So a code that is unknown, expired, used up, revoked or for somebody
// else gets the same answer in the same time.
func (s *Service) present(
	ctx context.Context, p *auth.Principal, text string, from auth.Client,
) (c ShareCode, held Share, err error) {
	if err := s.accounts.People.CountShareTry(ctx, p, from); err != nil {
		return ShareCode{}, Share{}, err
	}
	user := p.Holder().User
	if user == "" {
		return ShareCode{}, Share{}, ErrNoHolder
	}
	if _, err := token.Parse(token.ShareCode, text); err != nil {
		return ShareCode{}, Share{}, ErrShareCodeInvalid // its checksum is wrong, so it was mistyped or made up
	}
	c, invalid := s.codeOf(ctx, text)
	if invalid != nil && !errors.Is(invalid, ErrShareCodeInvalid) {
		return ShareCode{}, Share{}, invalid
	}
	id := c.ID
	if id == "" {
		id = noID
	}
	held, err = s.st.ShareFromCode(ctx, id, user)
	if err != nil && !errors.Is(err, auth.ErrNotFound) {
		return ShareCode{}, Share{}, err
	}
	has := err == nil
	switch {
	case invalid != nil, !c.Audience.admits(p):
		return ShareCode{}, Share{}, ErrShareCodeInvalid
	case has && !ended(held.ExpiresAt, s.now()):
		return c, held, nil
	case has, c.MaxUses > 0 && c.Exchanges >= c.MaxUses: // an ended share is not renewed
		return ShareCode{}, Share{}, ErrShareCodeInvalid
	}
	return c, Share{}, nil
}

// noID is an id that nothing has.
const noID = "00000000-0000-7000-8000-000000000000"

// codeOf finds a code that has not expired by its secret. It reads once, whatever is wrong with
// the code.
func (s *Service) codeOf(ctx context.Context, text string) (ShareCode, error) {
	secret, err := token.Parse(token.ShareCode, text)
	if err != nil {
		return ShareCode{}, ErrShareCodeInvalid
	}
	c, err := s.st.ShareCodeByHash(ctx, secret.Hash())
	if errors.Is(err, auth.ErrNotFound) {
		return ShareCode{}, ErrShareCodeInvalid
	}
	if err == nil && !c.ExpiresAt.After(s.now()) {
		return c, ErrShareCodeInvalid
	}
	return c, err
}

// offered checks that the caller is not the owner, and returns those scopes of a code that its
// giver can give now. If there are none the error is ErrShareCodeInvalid.
func (s *Service) offered(ctx context.Context, p *auth.Principal, c ShareCode) (*scene, []string, error) {
	// Find out which scopes of the share would count if the code gave it now.
	sc, err := s.scene(ctx, c.Resource, Share{ID: noID, Resource: c.Resource, Giver: c.Giver, Scopes: c.Scopes})
	if err != nil {
		return nil, nil, err
	}
	if sc.target.Owner == string(p.User.ID) {
		return nil, nil, ErrOwnCode
	}
	names := s.counting(sc)[noID]
	if len(names) == 0 {
		return nil, nil, ErrShareCodeInvalid
	}
	return sc, sorted(names), nil
}

// spent returns ErrShareCodeInvalid if a user has had a share from a code, which is gone now.
// The code must not undo it if somebody takes the share away.
func spent(ctx context.Context, st Store, code string, user auth.UserID) error {
	had, err := st.HasExchanged(ctx, code, user)
	if err == nil && had {
		err = ErrShareCodeInvalid
	}
	return err
}

// errRaced: the same user accepted the same code at the same time.
var errRaced = errors.New("accepted at the same time")

// exchange counts one use of a code and adds the share, or does neither.
func exchange(ctx context.Context, st Store, c ShareCode, share Share) error {
	ok, err := st.UseShareCode(ctx, c.ID, share.CreatedAt)
	if err != nil {
		return err
	}
	if !ok {
		// This user may have had the last use, in another request.
		_, err := st.ShareFromCode(ctx, c.ID, share.User)
		switch {
		case err == nil:
			return errRaced
		case errors.Is(err, auth.ErrNotFound):
			return ErrShareCodeInvalid
		}
		return err
	}
	added, err := st.AddShare(ctx, share)
	if err != nil {
		return err
	}
	if !added {
		return errRaced
	}
	// The code is locked now, so this sees exchanges at the same time.
	if err := spent(ctx, st, c.ID, share.User); err != nil {
		return err
	}
	return st.AddExchange(ctx, Exchange{
		ID: token.NewID(share.CreatedAt), Code: c.ID, User: share.User, Share: share.ID, At: share.CreatedAt,
	})
}

// Exchanges lists who accepted a code, newest first. The caller needs the scope read:shares on
// the resource, or must have made the code.
func (s *Service) Exchanges(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef, id string, q auth.PageQuery,
) (auth.Page[Exchange], error) {
	a, err := s.authorize(ctx, p, r, "read:shares")
	if err != nil {
		return auth.Page[Exchange]{}, err
	}
	c, err := s.st.ShareCode(ctx, r, id)
	if err == nil && !a.manages(c.Giver) {
		err = auth.ErrNotFound
	}
	if err != nil {
		return auth.Page[Exchange]{}, err
	}
	size, err := q.Size()
	if err != nil {
		return auth.Page[Exchange]{}, err
	}
	list, err := s.st.Exchanges(ctx, id, q.Cursor, size+1)
	return auth.NewPage(list, size, err, func(e Exchange) string { return e.ID })
}
