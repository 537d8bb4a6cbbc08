package sharing

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/auth"
)

// Receiver is a user or a group; one of them is set.
type Receiver struct {
	User  auth.UserID
	Group auth.GroupID
}

// authorizeReceiver decides on a scope over a receiver: prefix followed by "users:shares" or
// "groups:shares".
func (s *Service) authorizeReceiver(ctx context.Context, p *auth.Principal, r Receiver, prefix string) error {
	name, t := prefix+"users:shares", r.User.Target()
	if r.Group != "" {
		name, t = prefix+"groups:shares", r.Group.Target()
	} else {
		holdings, err := s.accounts.People.Holdings(ctx, []auth.UserID{r.User}, nil)
		if err != nil {
			return err
		}
		t.OwnerGroups = holdings[string(r.User)].Groups
	}
	id, _ := s.schema.ID(name)
	return auth.Denied(p, p.Subject().Decide(id, t), name)
}

// Received is a share as its receiver sees it.
type Received struct {
	Share
	Counts []string // those of its Scopes that count now
}

// Received lists what others shared with a user or a group, by id of share. The list of a user
// leaves out what their groups received. The caller needs the scope read:users:shares or
// read:groups:shares for the receiver.
func (s *Service) Received(
	ctx context.Context, p *auth.Principal, r Receiver, q auth.PageQuery,
) (auth.Page[Received], error) {
	if err := s.authorizeReceiver(ctx, p, r, "read:"); err != nil {
		return auth.Page[Received]{}, err
	}
	sq := ShareQuery{User: r.User}
	if r.Group != "" {
		sq.Groups = []auth.GroupID{r.Group}
	}
	found, err := s.sharesPage(ctx, sq, q)
	if err != nil {
		return auth.Page[Received]{}, err
	}
	counts, err := s.countingOf(ctx, found.Items)
	out := auth.Page[Received]{Items: make([]Received, len(found.Items)), Next: found.Next}
	for i, x := range found.Items {
		out.Items[i] = Received{x, counts[x.ID]}
	}
	return out, err
}

// Drop gives back a share that a user or a group received. The caller needs the scope
// users:shares or groups:shares for the receiver. Drop returns ErrNotFound if the receiver has
// no such share.
func (s *Service) Drop(ctx context.Context, p *auth.Principal, r Receiver, id string) error {
	if err := s.authorizeReceiver(ctx, p, r, ""); err != nil {
		return err
	}
	err := s.tx(ctx, func(tx auth.Tx, st Store) error {
		x, err := st.Share(ctx, id)
		if err != nil || x.User != r.User || x.Group != r.Group {
			return orNotFound(err)
		}
		n, err := st.DeleteShares(ctx, ShareSelection{Resource: x.Resource, ID: id})
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		return s.audit(ctx, tx, p, change{"share.drop", x.Resource, map[string]any{"share": id}})
	})
	if err != nil {
		return fmt.Errorf("drop share: %w", err)
	}
	return nil
}

// GivenShares lists the shares that a user gave, of all resources, by id. The caller needs the
// scope read:users:shares for that user.
func (s *Service) GivenShares(
	ctx context.Context, p *auth.Principal, user auth.UserID, q auth.PageQuery,
) (auth.Page[Share], error) {
	if err := s.authorizeReceiver(ctx, p, Receiver{User: user}, "read:"); err != nil {
		return auth.Page[Share]{}, err
	}
	return s.sharesPage(ctx, ShareQuery{Giver: auth.Holder{User: user}}, q)
}

// GivenShareCodes lists the share codes that a user made, for all resources, by id. The caller
// needs the scope read:users:shares for that user.
func (s *Service) GivenShareCodes(
	ctx context.Context, p *auth.Principal, user auth.UserID, q auth.PageQuery,
) (auth.Page[ShareCode], error) {
	if err := s.authorizeReceiver(ctx, p, Receiver{User: user}, "read:"); err != nil {
		return auth.Page[ShareCode]{}, err
	}
	return s.codesPage(ctx, ShareCodeQuery{Giver: auth.Holder{User: user}}, q)
}
