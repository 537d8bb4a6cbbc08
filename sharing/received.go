package sharing

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/scopes"
)

// Receiver is a user or a group, by id, of which one is set.
type Receiver struct {
	User  string
	Group string
}

// scope is the scope about what a receiver was given, and its target. groups are those of the
// user.
func (s *Service) receiverTarget(ctx context.Context, r Receiver) (prefix string, t scopes.Target, err error) {
	if r.Group != "" {
		return "groups:shares", scopes.Target{Kind: scopes.KindGroup, ID: r.Group}, nil
	}
	holdings, err := s.rights.Holdings(ctx, []string{r.User}, nil)
	return "users:shares", scopes.Target{
		Kind: scopes.KindUser, ID: r.User, Owner: r.User, OwnerGroups: holdings[r.User].Groups,
	}, err
}

// mayReceive decides whether the caller may see, or with write drop, what a receiver was given.
func (s *Service) mayReceive(ctx context.Context, p Principal, r Receiver, write bool) error {
	name, t, err := s.receiverTarget(ctx, r)
	if err != nil {
		return err
	}
	if !write {
		name = "read:" + name
	}
	id, _ := s.schema.ID(name)
	switch p.Subject().Decide(id, t) {
	case scopes.Allowed:
		return nil
	case scopes.Filtered:
		return ErrNotFound
	}
	return &ScopeError{Need: []string{name}}
}

// Received is a share as its receiver sees it.
type Received struct {
	Share
	Counts []string // those of Scopes that count now
}

// Received lists what others shared with a user or a group, by id of share. It needs
// read:users:shares or read:groups:shares for the receiver. What a user's groups received is
// the groups'.
func (s *Service) Received(ctx context.Context, p Principal, r Receiver, q PageQuery) (Page[Received], error) {
	if err := s.mayReceive(ctx, p, r, false); err != nil {
		return Page[Received]{}, err
	}
	sq := ShareQuery{User: r.User, Now: s.now(), After: q.Cursor}
	if r.Group != "" {
		sq.Groups = []string{r.Group}
	}
	found, err := s.shares(ctx, sq, q)
	if err != nil {
		return Page[Received]{}, err
	}
	counts, err := s.countingOf(ctx, found.Items)
	out := Page[Received]{Items: make([]Received, len(found.Items)), Next: found.Next}
	for i, x := range found.Items {
		out.Items[i] = Received{x, counts[x.ID]}
	}
	return out, err
}

// Drop gives back a share that a user or a group received. It needs users:shares or
// groups:shares for the receiver. ErrNotFound if it is not theirs.
func (s *Service) Drop(ctx context.Context, p Principal, r Receiver, id string) error {
	if err := s.mayReceive(ctx, p, r, true); err != nil {
		return err
	}
	err := s.st.Tx(ctx, func(st Store) error {
		x, err := st.Share(ctx, id)
		if err != nil || x.User != r.User || x.Group != r.Group {
			return orNotFound(err)
		}
		n, err := st.DeleteShares(ctx, ShareSelection{Resource: x.Resource, ID: id})
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		return s.audit(ctx, st, p, "share.drop", x.Resource, map[string]any{"share": id})
	})
	if err != nil {
		return fmt.Errorf("drop share: %w", err)
	}
	return nil
}

// GivenShares lists the shares that a user gave, over all resources, by id. It needs
// read:users:shares for that user.
func (s *Service) GivenShares(ctx context.Context, p Principal, user string, q PageQuery) (Page[Share], error) {
	if err := s.mayReceive(ctx, p, Receiver{User: user}, false); err != nil {
		return Page[Share]{}, err
	}
	return s.shares(ctx, ShareQuery{Giver: Holder{User: user}, Now: s.now(), After: q.Cursor}, q)
}

// GivenCodes lists the codes that a user made, over all resources, by id. It needs
// read:users:shares for that user.
func (s *Service) GivenCodes(ctx context.Context, p Principal, user string, q PageQuery) (Page[Code], error) {
	if err := s.mayReceive(ctx, p, Receiver{User: user}, false); err != nil {
		return Page[Code]{}, err
	}
	return s.codes(ctx, CodeQuery{Giver: Holder{User: user}}, q)
}

// countingOf tells which scopes of shares, of whatever resources, count now.
func (s *Service) countingOf(ctx context.Context, list []Share) (map[string][]string, error) {
	out := map[string][]string{}
	byKind := map[string]map[string]bool{}
	for _, x := range list {
		if byKind[x.Resource.Kind] == nil {
			byKind[x.Resource.Kind] = map[string]bool{}
		}
		byKind[x.Resource.Kind][x.Resource.ID] = true
	}
	for name, ids := range byKind {
		scenes, err := s.scenes(ctx, name, keys(ids))
		if err != nil {
			return nil, err
		}
		for _, sc := range scenes {
			for id, names := range s.counting(sc) {
				out[id] = sorted(names)
			}
		}
	}
	return out, nil
}

// scenes looks up resources of one kind with all shares on them. A kind that is not shared any
// more has none.
func (s *Service) scenes(ctx context.Context, name string, ids []string) (map[string]*scene, error) {
	k, ok := s.kinds[name]
	if !ok {
		return nil, nil
	}
	all := map[string]*scene{}
	for len(ids) > 0 {
		part := ids[:min(batch, len(ids))]
		ids = ids[len(part):]
		refs := make([]Ref, len(part))
		for i, id := range part {
			refs[i] = Ref{name, id}
		}
		shares, err := s.st.Shares(ctx, ShareQuery{Resources: refs, Now: s.now()})
		if err != nil {
			return nil, err
		}
		found, err := s.load(ctx, k, part, shares)
		if err != nil {
			return nil, err
		}
		for id, sc := range found {
			all[id] = sc
		}
	}
	return all, nil
}
