package sharing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Offer is what a share code stands for.
type Offer struct {
	Resource    Ref
	Owner       string // id of a user
	Giver       Holder
	Scopes      []ScopeLabel // that the giver can give now
	ExpiresAt   time.Time    // of the code
	AlreadyHeld bool         // the caller has accepted it before
}

// Accepted is what accepting a code gave.
type Accepted struct {
	Share Share
	Next  string // an own path of the host; empty for none
}

// nobody is no id of a code.
const nobody = "00000000-0000-7000-8000-000000000000"

// codeOf finds a code that counts. One read, whatever is wrong with it.
func (s *Service) codeOf(ctx context.Context, text string) (Code, error) {
	secret, err := token.Parse(token.ShareCode, text)
	if err != nil {
		return Code{}, ErrCodeInvalid
	}
	c, err := s.st.CodeByHash(ctx, secret.Hash())
	if errors.Is(err, ErrNotFound) {
		return Code{}, ErrCodeInvalid
	}
	if err == nil && !c.ExpiresAt.After(s.now()) {
		return c, ErrCodeInvalid
	}
	return c, err
}

// present finds what a code offers to the caller. Two reads, whatever is wrong with the code:
// that it is unknown, expired, used up, revoked or for somebody else is one answer, and takes
// one time.
func (s *Service) present(ctx context.Context, p Principal, text string) (c Code, held Share, err error) {
	user, _ := p.Holder()
	if user == "" {
		return Code{}, Share{}, ErrNoHolder
	}
	if _, err := token.Parse(token.ShareCode, text); err != nil {
		return Code{}, Share{}, ErrCodeInvalid // a typing mistake is told apart by its checksum
	}
	c, invalid := s.codeOf(ctx, text)
	if invalid != nil && !errors.Is(invalid, ErrCodeInvalid) {
		return Code{}, Share{}, invalid
	}
	id := c.ID
	if id == "" {
		id = nobody
	}
	held, err = s.st.ShareFromCode(ctx, id, user)
	has := err == nil && !ended(held.ExpiresAt, s.now())
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Code{}, Share{}, err
	}
	switch {
	case invalid != nil, !c.Audience.admits(p):
		return Code{}, Share{}, ErrCodeInvalid
	case has:
		return c, held, nil
	case c.MaxUses > 0 && c.Exchanges >= c.MaxUses, err == nil: // a share that has ended is not renewed
		return Code{}, Share{}, ErrCodeInvalid
	}
	return c, Share{}, nil
}

// offered checks that the caller is not the owner, and tells which scopes of a code its giver
// can give now: some, or it is ErrCodeInvalid.
func (s *Service) offered(ctx context.Context, p Principal, c Code) (*scene, []string, error) {
	// Would it count? That is asked of a share as the code would give it.
	sc, err := s.scene(ctx, c.Resource, Share{ID: nobody, Resource: c.Resource, Giver: c.Giver, Scopes: c.Scopes})
	if err != nil {
		return nil, nil, err
	}
	if user, _ := p.Holder(); sc.target.Owner == user {
		return nil, nil, ErrOwnCode
	}
	names := s.counting(sc)[nobody]
	if len(names) == 0 {
		return nil, nil, ErrCodeInvalid
	}
	return sc, sorted(names), nil
}

// Preview tells what a code offers, and changes nothing. ErrCodeInvalid, ErrOwnCode, or
// ErrNoHolder for who is no user.
func (s *Service) Preview(ctx context.Context, p Principal, text string) (Offer, error) {
	c, held, err := s.present(ctx, p, text)
	if err != nil {
		return Offer{}, err
	}
	if held.ID == "" {
		user, _ := p.Holder()
		if err := spent(ctx, s.st, c.ID, user); err != nil {
			return Offer{}, err
		}
	}
	sc, names, err := s.offered(ctx, p, c)
	if err != nil {
		return Offer{}, err
	}
	return Offer{
		Resource: c.Resource, Owner: sc.target.Owner, Giver: c.Giver, Scopes: s.Labelled(c.Resource, names),
		ExpiresAt:   c.ExpiresAt,
		AlreadyHeld: held.ID != "",
	}, nil
}

// spent is ErrCodeInvalid where a user has had a share from a code, and has it no more: whoever
// took it from them does not give it back by leaving the code as it is.
func spent(ctx context.Context, st Store, code, user string) error {
	had, err := st.HasExchanged(ctx, code, user)
	if err == nil && had {
		err = ErrCodeInvalid
	}
	return err
}

// errRaced: the same user accepted the same code at the same time.
var errRaced = errors.New("accepted at the same time")

// Accept takes what a code offers. Doing so again returns the same share and counts nothing; a
// share that was revoked, has ended or was given back does not come again from the same code.
// Of several who race for the last use one wins. Errors as of Preview.
func (s *Service) Accept(ctx context.Context, p Principal, text string) (Accepted, error) {
	c, held, err := s.present(ctx, p, text)
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
	user, _ := p.Holder()
	at := s.now()
	share := Share{ID: token.NewID(at), Resource: c.Resource, Giver: c.Giver, User: user, Scopes: c.Scopes, Code: c.ID,
		CreatedAt: at}
	share.ExpiresAt = sc.kind.expiry(new(fieldErrors), at, 0)
	err = s.st.Tx(ctx, func(st Store) error { return s.exchange(ctx, st, p, c, share) })
	switch {
	case errors.Is(err, errRaced):
		share, err = s.st.ShareFromCode(ctx, c.ID, user)
		if err == nil {
			return Accepted{share, c.Next}, nil
		}
		if errors.Is(err, ErrNotFound) { // and dropped again
			err = ErrCodeInvalid
		}
		return Accepted{}, err
	case errors.Is(err, ErrCodeInvalid), errors.Is(err, ErrNotFound):
		return Accepted{}, ErrCodeInvalid
	case err != nil:
		return Accepted{}, fmt.Errorf("accept share code: %w", err)
	}
	return Accepted{share, c.Next}, nil
}

// exchange counts one use and adds the share, or does neither.
func (s *Service) exchange(ctx context.Context, st Store, p Principal, c Code, share Share) error {
	ok, err := st.UseCode(ctx, c.ID, share.CreatedAt)
	if err != nil {
		return err
	}
	if !ok {
		// The last use may have been this user's own.
		_, err := st.ShareFromCode(ctx, c.ID, share.User)
		switch {
		case err == nil:
			return errRaced
		case errors.Is(err, ErrNotFound):
			return ErrCodeInvalid
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
	// The code is locked by now, so that an exchange at the same time is seen.
	if err := spent(ctx, st, c.ID, share.User); err != nil {
		return err
	}
	err = st.AddExchange(ctx, Exchange{
		ID: token.NewID(share.CreatedAt), Code: c.ID, User: share.User, Share: share.ID, At: share.CreatedAt,
	})
	if err != nil {
		return err
	}
	return s.audit(ctx, st, p, "share_code.accept", c.Resource, map[string]any{"code": c.ID, "share": share.ID})
}
