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

// maxTokenLife is the longest life of an API token that expires.
const maxTokenLife = 3650 * day

// prefixLength is how much of a token's secret is kept in the clear to tell tokens apart: all
// that precedes the random part, and the first 4 of its 43 characters.
const prefixLength = len("hp_api_") + 4

// APIToken is a long-lived secret for programs. What it may do is what its owner may do at the
// moment of use, under its scopes.
type APIToken struct {
	ID         APITokenID
	Owner      Holder
	Name       string     // free text of whoever made it
	Prefix     string     // the beginning of the secret, to tell tokens apart
	Hash       token.Hash // of the secret; unique
	Scopes     []string   // the ceiling, sorted; never nil, and an empty one allows nothing
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero for never
	LastUsedAt time.Time // written at most once a minute; zero before the first use
}

// APITokenUse is a token with its owner, either User or Service. It is all that a request needs
// to know about who it acts as.
type APITokenUse struct {
	Token   APIToken
	User    User
	Service ServiceAccount
}

// APITokenQuery selects an owner's tokens, newest first.
type APITokenQuery struct {
	Owner  Holder
	Before APITokenID // ids smaller than this; empty for the first page
	Limit  int
}

// APITokenInput is the input of Tokens.Create.
type APITokenInput struct {
	Name   string   // 1 to 128 characters, for people
	Scopes []string // the ceiling; a bare "!user" stands for the owner. None: the token only identifies its owner
	// ExpiresIn is whole seconds, at most ten years; 0 means never. A token that was made with
	// a token that expires ends no later than that one.
	ExpiresIn time.Duration
	// Resources tells who owns the resources of the host that Scopes name, and what was shared
	// of them. With it somebody can make a token for one resource of theirs. Without it only
	// somebody who holds a scope by role can give it.
	Resources Resources
}

// Tokens makes, lists and revokes API tokens. It needs the scope tokens for the user who owns
// them, or services for those of a service. Making and revoking the tokens of somebody else
// also needs all that the owner may do; otherwise it is a CeilingError. Tokens is safe for
// concurrent use.
type Tokens struct{ s *Service }

// Create makes a token for a user or a service. It returns the secret, which is kept nowhere.
// It needs tokens for the user, or services. The caller, with their present credential, and the
// owner must both hold each scope that the token asks for now; otherwise it is a CeilingError
// that lists the others. For somebody else's token the caller needs all that the owner may do.
func (m *Tokens) Create(
	ctx context.Context, p *Principal, owner Holder, in APITokenInput,
) (APIToken, token.Secret, error) {
	holder, err := m.findHolder(ctx, m.s.st, p, owner)
	if err != nil {
		return APIToken{}, token.Secret{}, err
	}
	secret := token.New(token.API)
	t, parsed, err := m.validate(p, holder, in)
	if err != nil {
		return APIToken{}, token.Secret{}, err
	}
	t.Hash, t.Prefix = secret.Hash(), secret.Reveal()[:prefixLength]
	things, err := m.things(ctx, p, holder, parsed, in.Resources)
	if err != nil {
		return APIToken{}, token.Secret{}, err
	}
	err = m.s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		holder, err := m.findHolder(ctx, st, p, owner)
		if err != nil {
			return err
		}
		if err := m.mayHave(p, holder, m.s.schema.Set(parsed, holder.self), things); err != nil {
			return err
		}
		if err := st.AddAPIToken(ctx, t); err != nil {
			return err
		}
		// Adding waits for whoever changes the owner at the same time. What ended with that
		// change is seen only now. Whoever ends something later finds the token.
		if err := m.s.stillCounts(ctx, st, p); err != nil {
			return err
		}
		return m.s.Audit(
			ctx, tx, p, "token.create", holder.id, map[string]any{"token": t.ID, "name": t.Name, "scopes": t.Scopes},
		)
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

// findHolder finds the owner of tokens if the caller may manage them.
func (m *Tokens) findHolder(ctx context.Context, st Store, p *Principal, o Holder) (tokenOwner, error) {
	if o.Service != "" {
		v, err := m.s.Services.find(ctx, st, p, string(o.Service))
		if err != nil {
			return tokenOwner{}, err
		}
		if err := m.s.checkService(p, v); err != nil {
			return tokenOwner{}, err
		}
		return tokenOwner{
			owner: Holder{Service: v.ID}, id: string(v.ID), rights: m.s.setOf(scopes.Self{}, v.Roles, v.Grants),
		}, nil
	}
	if err := m.s.authorizeUser(ctx, st, p, ActManageTokens, o.User); err != nil {
		return tokenOwner{}, err
	}
	a, err := m.s.account(ctx, st, o.User)
	if err != nil {
		return tokenOwner{}, err
	}
	if p.User.ID != a.ID {
		if err := m.s.checkCeiling(p, a.User); err != nil {
			return tokenOwner{}, err
		}
	}
	return tokenOwner{
		owner: Holder{User: a.ID}, id: string(a.ID), self: scopes.Self{User: string(a.ID)},
		rights: m.s.rightsOf(a.User), user: a.User,
	}, nil
}

// thing is what is known of a resource of the host that a scope names, beside roles.
type thing struct {
	target          scopes.Target
	caller, holders *scopes.Set // what ownership and shares give
}

// things looks up the resources that the scopes name. It does so before the transaction, since
// the tables of the host may be behind it.
func (m *Tokens) things(
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
		if t.caller, t.target, err = m.given(ctx, res, p.User.ID, p.User.GroupIDs(), ref); err != nil {
			return nil, err
		}
		if t.holders, _, err = m.given(ctx, res, h.owner.User, h.user.GroupIDs(), ref); err != nil {
			return nil, err
		}
		out[ref] = t
	}
	return out, nil
}

// given returns what ownership and shares give to a user on a resource.
func (m *Tokens) given(
	ctx context.Context, res Resources, user UserID, groups []GroupID, ref ResourceRef,
) (*scopes.Set, scopes.Target, error) {
	sources, target, err := res.Sources(ctx, user, groups, ref)
	sets := make([]*scopes.Set, len(sources))
	for i, src := range sources {
		sets[i] = src.Set
	}
	return m.s.schema.Merge(sets...), target, err
}

// mayHave returns a CeilingError that lists the scopes of want that the caller or the holder
// lacks.
func (m *Tokens) mayHave(p *Principal, h tokenOwner, want *scopes.Set, things map[ResourceRef]thing) error {
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
	over = slices.DeleteFunc(over, func(text string) bool { return m.haveOn(p, h, text, things) })
	if len(over) > 0 {
		slices.Sort(over)
		return &CeilingError{Excess: over}
	}
	return nil
}

// haveOn tells whether both the caller and the holder have the scope on the resource that it
// names: by role, as its owner or by a share of it.
func (m *Tokens) haveOn(p *Principal, h tokenOwner, text string, things map[ResourceRef]thing) bool {
	sc, err := m.s.schema.Parse(text)
	t, known := things[ResourceRef{sc.Kind, sc.Value}]
	if err != nil || !known {
		return false
	}
	id, _ := m.s.schema.ID(sc.Name)
	caller := scopes.Subject{Held: m.s.schema.Merge(p.subject.Held, t.caller), Ceiling: p.subject.Ceiling}
	holder := scopes.Subject{Held: m.s.schema.Merge(h.rights, t.holders)}
	return caller.Allows(id, t.target) && holder.Allows(id, t.target)
}

// validate checks an input and makes a token from it, without its secret.
func (m *Tokens) validate(p *Principal, h tokenOwner, in APITokenInput) (APIToken, []scopes.Scope, error) {
	at := m.s.now()
	t := APIToken{ID: APITokenID(newID(at)), Owner: h.owner, CreatedAt: at}
	var f FieldsError
	name, ok := displayName(in.Name)
	switch {
	case !ok:
		f.Add("name", CodeInvalid, "A name has at most 128 characters and no control characters.")
	case strings.TrimSpace(name) == "":
		f.Add("name", CodeRequired, "A name is required.")
	}
	t.Name = name
	parsed := m.s.parseScopes(&f, in.Scopes)
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

// List lists the tokens of a user or a service, newest first. It needs tokens for that user, or
// services.
func (m *Tokens) List(ctx context.Context, p *Principal, owner Holder, q PageQuery) (Page[APIToken], error) {
	o, err := m.readableOwner(ctx, p, owner)
	if err != nil {
		return Page[APIToken]{}, err
	}
	limit, err := q.Size()
	if err != nil {
		return Page[APIToken]{}, err
	}
	list, err := m.s.st.APITokens(ctx, APITokenQuery{Owner: o, Before: APITokenID(q.Cursor), Limit: limit + 1})
	return NewPage(list, limit, err, func(t APIToken) string { return string(t.ID) })
}

// readableOwner finds the owner of tokens if the caller may see them.
func (m *Tokens) readableOwner(ctx context.Context, p *Principal, o Holder) (Holder, error) {
	if o.Service != "" {
		v, err := m.s.Services.find(ctx, m.s.st, p, string(o.Service))
		return Holder{Service: v.ID}, err
	}
	return Holder{User: o.User}, m.s.AuthorizeUser(ctx, p, ActManageTokens, o.User)
}

// Revoke ends one token of a user or a service, from its next use on. It needs what Create
// needs for that owner. ErrNotFound if the token is not that owner's.
func (m *Tokens) Revoke(ctx context.Context, p *Principal, owner Holder, id APITokenID) error {
	if id == "" {
		return ErrNotFound
	}
	return m.revoke(ctx, p, owner, id)
}

// RevokeAll ends all tokens of a user or a service. It needs what Revoke needs.
func (m *Tokens) RevokeAll(ctx context.Context, p *Principal, owner Holder) error {
	return m.revoke(ctx, p, owner, "")
}

func (m *Tokens) revoke(ctx context.Context, p *Principal, owner Holder, id APITokenID) error {
	if _, err := m.readableOwner(ctx, p, owner); err != nil {
		return err
	}
	err := m.s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		// Whatever one of the tokens makes at the same time is made before, and ends too, or is
		// not made at all.
		if err := lockRights(ctx, st); err != nil {
			return err
		}
		h, err := m.findHolder(ctx, st, p, owner)
		if err != nil {
			return err
		}
		n, err := st.DeleteAPITokens(ctx, h.owner, id)
		if err != nil {
			return err
		}
		if id == "" {
			return m.s.Audit(ctx, tx, p, "tokens.revoke", h.id, map[string]any{"count": n})
		}
		if n == 0 {
			return ErrNotFound
		}
		return m.s.Audit(ctx, tx, p, "token.revoke", h.id, map[string]any{"token": id})
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

// apiTokenUse finds a token that counts now.
func (s *Service) apiTokenUse(ctx context.Context, text string) (APITokenUse, error) {
	use, err := s.findAPIToken(ctx, text)
	if err == nil {
		err = s.checkUse(use)
	}
	return use, err
}

// findAPIToken finds a token, whether it counts or not. A mistyped one is refused without a
// read.
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

// stillCounts returns ErrTokenInvalid if the session or the API token that the caller came with
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

// revokeOwnAPIToken ends a token that somebody presents (RFC 7009), even if it does not count
// at the moment.
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
