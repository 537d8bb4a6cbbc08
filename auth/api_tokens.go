package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// maxTokenLife is the longest that an API token which expires may be asked to live.
const maxTokenLife = 3650 * day

// prefixLength is how much of a token's secret is kept in the clear to tell tokens apart: what
// precedes the random part, and 4 characters of its 43.
const prefixLength = len("hp_api_") + 4

// NewAPIToken is what an API token is made from.
type NewAPIToken struct {
	Name   string   // 1 to 128 characters, for people
	Scopes []string // the ceiling; none allows nothing but to identify itself. A bare "!user" stands for the owner
	// ExpiresIn is whole seconds, at most ten years. 0 is for ever; a token that was made with
	// a token that expires ends no later than that one.
	ExpiresIn time.Duration
	// Resources tells who owns the things of the host's kinds that Scopes name, and what was
	// shared of them: so that somebody can make a token for one thing of theirs. nil: only who
	// holds a scope by role gives it.
	Resources Resources
}

// CreateAPIToken makes a token of a user or a service. Its secret is returned once and kept
// nowhere. It needs tokens for the user, or services; and of each scope that the token asks
// for, that the caller with their present credential and the owner both hold it now, else it is
// a CeilingError that lists the others. For somebody else's token the caller needs all that the
// owner may do.
func (s *Service) CreateAPIToken(
	ctx context.Context, p *Principal, owner Holder, in NewAPIToken,
) (APIToken, token.Secret, error) {
	holder, err := s.tokenHolder(ctx, s.st, p, owner)
	if err != nil {
		return APIToken{}, token.Secret{}, err
	}
	secret := token.New(token.API)
	t, parsed, err := s.newAPIToken(p, holder, in)
	if err != nil {
		return APIToken{}, token.Secret{}, err
	}
	t.Hash, t.Prefix = secret.Hash(), secret.Reveal()[:prefixLength]
	things, err := s.things(ctx, p, holder, parsed, in.Resources)
	if err != nil {
		return APIToken{}, token.Secret{}, err
	}
	err = s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		holder, err := s.tokenHolder(ctx, st, p, owner)
		if err != nil {
			return err
		}
		if err := s.mayHave(p, holder, s.schema.Set(parsed, holder.self), things); err != nil {
			return err
		}
		if err := st.AddAPIToken(ctx, t); err != nil {
			return err
		}
		// Adding waits for who changes the owner at the same time. What ended with that is seen
		// only now; what is to end comes after, and finds the token.
		if err := s.stillCounts(ctx, st, p); err != nil {
			return err
		}
		return s.Audit(ctx, tx, p, "token.create", holder.id, map[string]any{"token": t.ID, "name": t.Name, "scopes": t.Scopes})
	})
	if err != nil {
		return APIToken{}, token.Secret{}, fmt.Errorf("create API token: %w", err)
	}
	return t, secret, nil
}

// tokenOwner is the owner of API tokens as it is now.
type tokenOwner struct {
	owner  Holder
	id     string
	self   scopes.Self
	rights *scopes.Set
	user   User // zero for a service
}

// tokenHolder finds the owner of tokens that the caller may manage.
func (s *Service) tokenHolder(ctx context.Context, st Store, p *Principal, o Holder) (tokenOwner, error) {
	if o.Service != "" {
		v, err := s.Services.find(ctx, st, p, string(o.Service))
		if err != nil {
			return tokenOwner{}, err
		}
		if err := s.checkService(p, v); err != nil {
			return tokenOwner{}, err
		}
		return tokenOwner{
			owner: Holder{Service: v.ID}, id: string(v.ID), rights: s.setOf(scopes.Self{}, v.Roles, v.Grants),
		}, nil
	}
	if err := s.authorizeUser(ctx, st, p, ActManageTokens, o.User); err != nil {
		return tokenOwner{}, err
	}
	a, err := s.account(ctx, st, o.User)
	if err != nil {
		return tokenOwner{}, err
	}
	if p.User.ID != a.ID {
		if err := s.checkCeiling(p, a.User); err != nil {
			return tokenOwner{}, err
		}
	}
	return tokenOwner{
		owner: Holder{User: a.ID}, id: string(a.ID), self: scopes.Self{User: string(a.ID)},
		rights: s.rightsOf(a.User), user: a.User,
	}, nil
}

// thing is what is known of something of the host's that a scope names, beside roles.
type thing struct {
	target          scopes.Target
	caller, holders *scopes.Set // what ownership and shares give
}

// things looks up what the scopes name, before the transaction: the host's own tables may be
// behind it.
func (s *Service) things(
	ctx context.Context, p *Principal, h tokenOwner, list []scopes.Scope, res Resources,
) (map[ResourceRef]thing, error) {
	out := map[ResourceRef]thing{}
	for _, sc := range list {
		ref := ResourceRef{sc.Kind, sc.Value}
		if _, done := out[ref]; done || res == nil || sc.Value == "" || sc.Kind == scopes.KindUser ||
			sc.Kind == scopes.KindGroup {
			continue
		}
		var t thing
		var err error
		if t.caller, t.target, err = s.given(ctx, res, p.User.ID, p.User.GroupIDs(), ref); err != nil {
			return nil, err
		}
		if t.holders, _, err = s.given(ctx, res, h.owner.User, h.user.GroupIDs(), ref); err != nil {
			return nil, err
		}
		out[ref] = t
	}
	return out, nil
}

// given is what ownership and shares give to a user on a resource.
func (s *Service) given(
	ctx context.Context, res Resources, user UserID, groups []GroupID, ref ResourceRef,
) (*scopes.Set, scopes.Target, error) {
	sources, target, err := res.Sources(ctx, user, groups, ref)
	sets := make([]*scopes.Set, len(sources))
	for i, src := range sources {
		sets[i] = src.Set
	}
	return s.schema.Merge(sets...), target, err
}

// mayHave returns a CeilingError that lists what either the caller or the holder lacks of want.
func (s *Service) mayHave(p *Principal, h tokenOwner, want *scopes.Set, things map[ResourceRef]thing) error {
	groupsOf := func(user string) []string {
		if user == h.id {
			return h.user.groupIDs()
		}
		return nil
	}
	over := p.subject.Excess(want, "", groupsOf)
	for _, sc := range (scopes.Subject{Held: h.rights}).Excess(want, "", groupsOf) {
		if !slices.Contains(over, sc) {
			over = append(over, sc)
		}
	}
	over = slices.DeleteFunc(over, func(text string) bool { return s.haveOn(p, h, text, things) })
	if len(over) > 0 {
		slices.Sort(over)
		return &CeilingError{Excess: over}
	}
	return nil
}

// haveOn tells whether both the caller and the holder have the scope on the thing that it
// names: by role, as its owner or by a share of it.
func (s *Service) haveOn(p *Principal, h tokenOwner, text string, things map[ResourceRef]thing) bool {
	sc, err := s.schema.Parse(text)
	t, known := things[ResourceRef{sc.Kind, sc.Value}]
	if err != nil || !known {
		return false
	}
	id, _ := s.schema.ID(sc.Name)
	caller := scopes.Subject{Held: s.schema.Merge(p.subject.Held, t.caller), Ceiling: p.subject.Ceiling}
	holder := scopes.Subject{Held: s.schema.Merge(h.rights, t.holders)}
	return caller.Allows(id, t.target) && holder.Allows(id, t.target)
}

// newAPIToken validates what a token is made from.
func (s *Service) newAPIToken(p *Principal, h tokenOwner, in NewAPIToken) (APIToken, []scopes.Scope, error) {
	at := s.now()
	t := APIToken{ID: APITokenID(newID(at)), Owner: h.owner, CreatedAt: at}
	var f FieldErrors
	name, ok := displayName(in.Name)
	switch {
	case !ok:
		f.Add("name", CodeInvalid, "A name has at most 128 characters and no control characters.")
	case strings.TrimSpace(name) == "":
		f.Add("name", CodeRequired, "A name is required.")
	}
	t.Name = name
	parsed := s.parseScopes(&f, in.Scopes)
	t.Scopes = texts(parsed)
	if in.ExpiresIn != 0 {
		seconds(&f, "expires_in", in.ExpiresIn, time.Second, maxTokenLife)
		t.ExpiresAt = at.Add(in.ExpiresIn)
	}
	if end := p.Token.ExpiresAt; !end.IsZero() {
		if t.ExpiresAt.After(end) {
			f.Add("expires_in", CodeInvalid, "The token that makes this one ends earlier.")
		}
		if t.ExpiresAt.IsZero() {
			t.ExpiresAt = end
		}
	}
	return t, parsed, f.Err()
}

// APITokens lists the tokens of a user or a service, newest first. It needs tokens for that
// user, or services.
func (s *Service) APITokens(ctx context.Context, p *Principal, owner Holder, q PageQuery) (Page[APIToken], error) {
	o, err := s.readableOwner(ctx, p, owner)
	if err != nil {
		return Page[APIToken]{}, err
	}
	limit, err := q.Size()
	if err != nil {
		return Page[APIToken]{}, err
	}
	list, err := s.st.APITokens(ctx, APITokenQuery{Owner: o, Before: APITokenID(q.Cursor), Limit: limit + 1})
	return NewPage(list, limit, err, func(t APIToken) string { return string(t.ID) })
}

// readableOwner finds the owner of tokens that the caller may see.
func (s *Service) readableOwner(ctx context.Context, p *Principal, o Holder) (Holder, error) {
	if o.Service != "" {
		v, err := s.Services.find(ctx, s.st, p, string(o.Service))
		return Holder{Service: v.ID}, err
	}
	return Holder{User: o.User}, s.AuthorizeUser(ctx, p, ActManageTokens, o.User)
}

// RevokeAPIToken ends one token of a user or a service, from its next use on. Who may and what
// else it answers is as of CreateAPIToken; ErrNotFound if it is not that owner's.
func (s *Service) RevokeAPIToken(ctx context.Context, p *Principal, owner Holder, id APITokenID) error {
	if id == "" {
		return ErrNotFound
	}
	return s.revokeAPITokens(ctx, p, owner, id)
}

// RevokeAPITokens ends all tokens of a user or a service.
func (s *Service) RevokeAPITokens(ctx context.Context, p *Principal, owner Holder) error {
	return s.revokeAPITokens(ctx, p, owner, "")
}

func (s *Service) revokeAPITokens(ctx context.Context, p *Principal, owner Holder, id APITokenID) error {
	if _, err := s.readableOwner(ctx, p, owner); err != nil {
		return err
	}
	err := s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		// What one of the tokens makes at the same time is made before, and ends too, or not at
		// all.
		if err := lockRights(ctx, st); err != nil {
			return err
		}
		h, err := s.tokenHolder(ctx, st, p, owner)
		if err != nil {
			return err
		}
		n, err := st.DeleteAPITokens(ctx, h.owner, id)
		if err != nil {
			return err
		}
		if id == "" {
			return s.Audit(ctx, tx, p, "tokens.revoke", h.id, map[string]any{"count": n})
		}
		if n == 0 {
			return ErrNotFound
		}
		return s.Audit(ctx, tx, p, "token.revoke", h.id, map[string]any{"token": id})
	})
	if err != nil {
		return fmt.Errorf("revoke API tokens: %w", err)
	}
	return nil
}

// authenticateAPIToken is Authenticate for an API token.
func (s *Service) authenticateAPIToken(ctx context.Context, text string) (*Principal, error) {
	use, err := s.apiTokenUse(ctx, text)
	if err != nil {
		return nil, err
	}
	if now := s.now(); now.Sub(use.Token.LastUsedAt) >= touchEvery {
		use.Token.LastUsedAt = now
		if err := s.st.TouchAPIToken(ctx, use.Token.ID, now); err != nil {
			return nil, fmt.Errorf("touch API token: %w", err)
		}
	}
	return s.tokenPrincipal(use), nil
}

// apiTokenUse finds a token that counts.
func (s *Service) apiTokenUse(ctx context.Context, text string) (APITokenUse, error) {
	use, err := s.findAPIToken(ctx, text)
	if err == nil {
		err = s.checkUse(use)
	}
	return use, err
}

// findAPIToken finds a token, whether it counts or not. A typing mistake costs no read.
func (s *Service) findAPIToken(ctx context.Context, text string) (APITokenUse, error) {
	secret, err := token.Parse(token.API, text)
	if err != nil {
		return APITokenUse{}, ErrTokenInvalid
	}
	return s.useOf(ctx, s.st, secret.Hash())
}

func (s *Service) useOf(ctx context.Context, st Store, h token.Hash) (APITokenUse, error) {
	use, err := st.APITokenUse(ctx, h)
	switch {
	case errors.Is(err, ErrNotFound):
		return APITokenUse{}, ErrTokenInvalid
	case err != nil:
		return APITokenUse{}, fmt.Errorf("authenticate: %w", err)
	}
	return use, nil
}

// checkUse returns ErrTokenInvalid for a token that does not count now.
func (s *Service) checkUse(use APITokenUse) error {
	status := use.User.Status
	if use.Token.Owner.Service != "" {
		status = use.Service.Status
	}
	expired := !use.Token.ExpiresAt.IsZero() && !s.now().Before(use.Token.ExpiresAt)
	if expired || status != StatusActive {
		return ErrTokenInvalid
	}
	return nil
}

// stillCounts returns ErrTokenInvalid if the caller came with a session or an API token that
// has ended meanwhile.
func (s *Service) stillCounts(ctx context.Context, st Store, p *Principal) error {
	if p.Session.ID != "" {
		return s.checkActor(st.ActorBySession(ctx, p.Session.ID))
	}
	if p.Token.ID == "" {
		return nil
	}
	use, err := s.useOf(ctx, st, p.Token.Hash)
	if err != nil {
		return err
	}
	return s.checkUse(use)
}

// revokeOwnAPIToken ends a token that somebody presents (RFC 7009), one that does not count at
// the moment, too.
func (s *Service) revokeOwnAPIToken(ctx context.Context, text string) error {
	use, err := s.findAPIToken(ctx, text)
	if err != nil {
		return err
	}
	return s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		n, err := st.DeleteAPITokens(ctx, use.Token.Owner, use.Token.ID)
		if err != nil || n == 0 {
			return err
		}
		owner := string(use.Token.Owner.User) + string(use.Token.Owner.Service)
		return s.Audit(ctx, tx, s.tokenPrincipal(use), "token.revoke", owner, map[string]any{"token": use.Token.ID})
	})
}
