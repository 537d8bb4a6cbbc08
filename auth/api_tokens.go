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

// prefixLength is how many characters of a token are kept in the clear, so that people can tell
// their tokens apart. They are the fixed beginning and the first 4 of the 43 random characters.
const prefixLength = len("hp_api_") + 4

// APIToken is a long-lived secret for programs. It may do what its owner may do when it is
// used, as far as its own scopes allow.
type APIToken struct {
	ID         APITokenID
	Owner      Holder
	Name       string     // for people
	Prefix     string     // the beginning of the secret, to tell tokens apart
	Hash       token.Hash // of the secret; unique
	Scopes     []string   // the ceiling, sorted; never nil; an empty one allows nothing
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero if the token never expires
	LastUsedAt time.Time // written at most once a minute; zero before the first use
}

// APITokenUse is a token with its owner, who is either User or Service. A request needs to know
// no more about who it acts as.
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
	Name string // for people, 1 to 128 characters
	// Scopes is the ceiling of the token. A bare "!user" stands for the owner. A token without
	// scopes only shows who its owner is.
	Scopes []string
	// ExpiresIn is the life of the token in whole seconds, at most ten years. 0 means that it
	// never expires. If the caller uses an API token that expires, the new token expires no
	// later than that one.
	ExpiresIn time.Duration
	// Resources looks up the host's resources that Scopes name: who owns them, and with whom
	// they are shared. With it, people can make a token for one resource that they own or that
	// is shared with them. nil means that the token can have only scopes that the caller holds
	// by role.
	Resources Resources
}

// Tokens makes, lists and revokes API tokens. For the tokens of a user the caller needs the
// scope tokens for that user; for those of a service, the scope services. To make or revoke
// tokens of somebody else the caller also needs all rights of the owner; otherwise the error is
// a CeilingError. Tokens is safe for concurrent use.
type Tokens struct{ s *Service }

// Create makes a token for a user or a service, and returns it with its secret. The store keeps
// only a hash of the secret. The caller needs the scope tokens for the user, or the scope
// services.
//
// The caller, with the credential in use, and the owner must both hold every scope of the
// token; otherwise the error is a CeilingError that lists the missing ones. It is also a
// CeilingError if the token is for somebody else and the caller lacks a right of the owner.
// Create returns a FieldsError for bad input, ErrNotFound if there is no such owner, and
// ErrTokenInvalid if the caller's own session or token has ended meanwhile.
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
		// AddAPIToken waits for a change of the owner that is under way. Such a change may have
		// ended the caller's session or token, which is seen only now. A later change finds the
		// new token and ends it too.
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

// tokenOwner is the owner of API tokens, with the rights that it has now.
type tokenOwner struct {
	owner  Holder
	id     string
	self   scopes.Self
	rights *scopes.Set
	user   User // zero for a service
}

// findHolder finds the owner of tokens, if the caller may make and revoke them.
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

// thing is a resource of the host that a scope names.
type thing struct {
	target          scopes.Target
	caller, holders *scopes.Set // what ownership and shares give to each
}

// things looks up the resources that the scopes name. It must run before the transaction
// begins, since res may read tables of the host, on another connection.
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

// mayHave returns a CeilingError if the caller or the holder lacks scopes of want, and lists
// them.
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

// haveOn reports whether both the caller and the holder have the scope for the resource that it
// names. They can have it by a role, as the owner, or by a share.
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

// validate checks the input and makes a token from it. Hash and Prefix are not set yet.
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
			f.Add("expires_in", CodeInvalid, "The new token can't outlive the token that you use to make it.")
		}
		if t.ExpiresAt.IsZero() {
			t.ExpiresAt = end
		}
	}
	return t, parsed, f.Err()
}

// List lists the tokens of a user or a service, newest first. It needs the scope tokens for
// that user, or the scope services. It returns ErrBadCursor or a FieldsError for a bad query.
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

// readableOwner finds the owner of tokens, if the caller may list them.
func (m *Tokens) readableOwner(ctx context.Context, p *Principal, o Holder) (Holder, error) {
	if o.Service != "" {
		v, err := m.s.Services.find(ctx, m.s.st, p, string(o.Service))
		return Holder{Service: v.ID}, err
	}
	return Holder{User: o.User}, m.s.AuthorizeUser(ctx, p, ActManageTokens, o.User)
}

// Revoke deletes one token of a user or a service. Requests can't use it any more. The caller
// needs the same scopes and rights as for Create. It returns ErrNotFound if the owner has no
// such token.
func (m *Tokens) Revoke(ctx context.Context, p *Principal, owner Holder, id APITokenID) error {
	if id == "" {
		return ErrNotFound
	}
	return m.revoke(ctx, p, owner, id)
}

// RevokeAll deletes all tokens of a user or a service. The caller needs the same scopes and
// rights as for Create.
func (m *Tokens) RevokeAll(ctx context.Context, p *Principal, owner Holder) error {
	return m.revoke(ctx, p, owner, "")
}

// revoke deletes one token of an owner, or all for an empty id.
func (m *Tokens) revoke(ctx context.Context, p *Principal, owner Holder, id APITokenID) error {
	if _, err := m.readableOwner(ctx, p, owner); err != nil {
		return err
	}
	err := m.s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		// One of the tokens may just be making another one. Under the lock, that one is either
		// there already, and RevokeAll deletes it, or it is not made.
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

// apiTokenUse finds a token and its owner. It returns ErrTokenInvalid if the token can't be
// used now.
func (s *Service) apiTokenUse(ctx context.Context, text string) (APITokenUse, error) {
	use, err := s.findAPIToken(ctx, text)
	if err == nil {
		err = s.checkUse(use)
	}
	return use, err
}

// findAPIToken finds a token and its owner, even if the token has expired or the owner is not
// active. It returns ErrTokenInvalid if there is none. A mistyped token is refused without
// asking the store.
func (s *Service) findAPIToken(ctx context.Context, text string) (APITokenUse, error) {
	secret, err := token.Parse(token.API, text)
	if err != nil {
		return APITokenUse{}, ErrTokenInvalid
	}
	return s.useOf(ctx, s.st, secret.Hash())
}

// useOf finds a token by its hash. It returns ErrTokenInvalid if there is none.
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

// checkUse returns ErrTokenInvalid if the token has expired or its owner is not active.
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

// stillCounts returns ErrTokenInvalid if the caller's session or API token has ended since the
// request was authenticated.
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

// revokeOwnAPIToken deletes a token that is presented (RFC 7009), even if it has expired or its
// owner is not active.
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
