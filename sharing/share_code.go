package sharing

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// ShareCode is the record of a secret that gives a share to whoever presents it and is in its
// audience. It holds only a hash of the secret.
type ShareCode struct {
	ID              string     // UUIDv7; not secret
	Hash            token.Hash // of the secret; unique
	Resource        auth.ResourceRef
	Giver           auth.Holder
	Scopes          []string // names, sorted
	Label           string
	Audience        Audience
	Next            string // a path of the host to go to afterwards; empty for none
	MaxUses         int    // 0 means any number
	Exchanges       int
	LastExchangedAt time.Time // zero before the first exchange
	CreatedAt       time.Time
	ExpiresAt       time.Time
}

// ShareCodeQuery selects codes that have not expired, by id ascending. Zero fields do not
// filter.
type ShareCodeQuery struct {
	Resource auth.ResourceRef
	Giver    auth.Holder
	Now      time.Time // only those whose ExpiresAt is after this
	After    string    // only ids greater than this
	Limit    int
}

// ShareCodeInput is the input of CreateShareCode.
type ShareCodeInput struct {
	Scopes    []string      // names, or names filtered to the resource; none means the defaults of the kind
	ExpiresIn time.Duration // whole seconds, 60 to 31,536,000; 0 means a day
	MaxUses   int           // 1 to 100,000; 0 means any number
	Audience  Audience      // the zero value means everybody who is signed in
	Label     string        // at most 128 characters, for the giver
	Next      string        // a path of the host to go to afterwards; see OwnPath
}

// These say how long a share code may live.
const (
	MinCodeLife     = time.Minute
	MaxCodeLife     = 365 * day
	DefaultCodeLife = day
)

const (
	maxLabel = 128    // code points
	maxUses  = 100000 // of one code
)

// CreateShareCode makes a share code. It returns the secret, which is not stored and can't be
// shown again. Rights and errors are those of Create.
func (s *Service) CreateShareCode(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef, in ShareCodeInput,
) (ShareCode, token.Secret, error) {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return ShareCode{}, token.Secret{}, err
	}
	c, secret, err := s.newShareCode(a, in)
	if err != nil {
		return ShareCode{}, token.Secret{}, err
	}
	err = s.tx(ctx, func(tx auth.Tx, st Store) error { return s.addShareCode(ctx, tx, st, p, c) })
	if err != nil {
		return ShareCode{}, token.Secret{}, fmt.Errorf("create share code: %w", err)
	}
	return c, secret, nil
}

// newShareCode checks an input, and makes a code and its secret.
func (s *Service) newShareCode(a authority, in ShareCodeInput) (ShareCode, token.Secret, error) {
	at := s.now()
	c := ShareCode{
		ID: token.NewID(at), Resource: a.ref, Giver: a.p.Holder(), Label: in.Label, Audience: in.Audience,
		Next: in.Next, MaxUses: in.MaxUses, CreatedAt: at,
	}
	var f auth.FieldsError
	c.Scopes = s.names(&f, a.kind, a.ref, in.Scopes)
	life := in.ExpiresIn
	if life == 0 {
		life = DefaultCodeLife
	}
	if life < MinCodeLife || life > MaxCodeLife || life%time.Second != 0 {
		f.Add("expires_in", auth.CodeInvalid, "Use whole seconds from 60 to 31,536,000.")
	}
	c.ExpiresAt = at.Add(life)
	if in.MaxUses < 0 || in.MaxUses > maxUses {
		f.Add("max_uses", auth.CodeInvalid, "Use a number from 1 to 100,000.")
	}
	if !plainText(in.Label) || utf8.RuneCountInString(in.Label) > maxLabel {
		f.Add("label", auth.CodeInvalid, "Use at most 128 characters, and no control characters.")
	}
	if in.Next != "" && !OwnPath(in.Next) {
		f.Add("next", auth.CodeInvalid, "Use a path of this site that begins with one slash.")
	}
	c.Audience = in.Audience.check(&f)
	if err := f.Err(); err != nil {
		return ShareCode{}, token.Secret{}, err
	}
	if c.Giver == (auth.Holder{}) {
		return ShareCode{}, token.Secret{}, ErrNoHolder
	}
	secret := token.New(token.ShareCode)
	c.Hash = secret.Hash()
	return c, secret, s.within(a, c.Scopes)
}

// addShareCode stores a code and its audit record.
func (s *Service) addShareCode(ctx context.Context, tx auth.Tx, st Store, p *auth.Principal, c ShareCode) error {
	if err := st.AddShareCode(ctx, c); err != nil {
		return err
	}
	return s.audit(ctx, tx, p, change{"share_code.create", c.Resource, map[string]any{
		"code": c.ID, "scopes": c.Scopes, "max_uses": c.MaxUses, "audience": c.Audience.Type,
	}})
}

// HasAcceptURL reports whether codes have a link.
func (s *Service) HasAcceptURL() bool { return s.cfg.AcceptURL != "" }

// AcceptURL returns a link to the page of the host where people accept the code, or "" without
// Config.AcceptURL. The code is in the fragment, so servers and logs do not see it.
func (s *Service) AcceptURL(secret token.Secret) string {
	if s.cfg.AcceptURL == "" {
		return ""
	}
	return s.cfg.AcceptURL + "#token=" + secret.Reveal() + "&for=share"
}

// ShareCodes lists the codes of a resource, without their secrets. The caller needs the scope
// read:shares on it. A caller who may only reshare sees their own codes.
func (s *Service) ShareCodes(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef, q auth.PageQuery,
) (auth.Page[ShareCode], error) {
	a, err := s.authorize(ctx, p, r, "read:shares")
	if err != nil {
		return auth.Page[ShareCode]{}, err
	}
	return s.codesPage(ctx, ShareCodeQuery{Resource: r, Giver: a.giver()}, q)
}

func (s *Service) codesPage(
	ctx context.Context, cq ShareCodeQuery, q auth.PageQuery,
) (auth.Page[ShareCode], error) {
	size, err := q.Size()
	if err != nil {
		return auth.Page[ShareCode]{}, err
	}
	cq.Now, cq.After, cq.Limit = s.now(), q.Cursor, size+1
	list, err := s.st.ShareCodes(ctx, cq)
	return auth.NewPage(list, size, err, func(c ShareCode) string { return c.ID })
}

// ShareCodeBySecret finds the code of a resource by its secret, for a caller who may revoke it
// with RevokeShareCode. It returns ErrShareCodeInvalid if the resource has no such code, or if
// the code has expired.
func (s *Service) ShareCodeBySecret(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef, text string,
) (ShareCode, error) {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return ShareCode{}, err
	}
	c, err := s.codeOf(ctx, text)
	if err == nil && (c.Resource != r || !a.manages(c.Giver)) {
		err = ErrShareCodeInvalid
	}
	if err != nil {
		return ShareCode{}, err
	}
	return c, nil
}

// RevokeShareCode ends a code of a resource, or all of them if id is empty. With withShares it
// also ends the shares that came from it. The caller needs the scope shares on the resource, or
// must have made the code. It returns auth.ErrNotFound if the code does not exist.
func (s *Service) RevokeShareCode(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef, id string, withShares bool,
) error {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return err
	}
	return s.revokeCode(ctx, a, id, withShares)
}

// RevokeByShareCode ends the code that the caller presents, if they made it or may manage the
// shares of its resource. Otherwise, and if there is no such code, the error is
// ErrShareCodeInvalid. It takes a try, as Preview does.
func (s *Service) RevokeByShareCode(ctx context.Context, p *auth.Principal, text string, c auth.Client) error {
	if err := s.accounts.People.CountShareTry(ctx, p, c); err != nil {
		return err
	}
	found, err := s.codeOf(ctx, text)
	if err != nil {
		return err
	}
	a := authority{p: p, ref: found.Resource}
	if found.Giver != p.Holder() {
		if a, err = s.authorize(ctx, p, found.Resource, "shares"); err != nil || !a.all {
			return ErrShareCodeInvalid
		}
	}
	return s.revokeCode(ctx, a, found.ID, false)
}

func (s *Service) revokeCode(ctx context.Context, a authority, id string, withShares bool) error {
	err := s.tx(ctx, func(tx auth.Tx, st Store) error {
		ids := []string{id}
		if id == "" {
			var err error
			if ids, err = codesOf(ctx, st, a); err != nil {
				return err
			}
		} else if c, err := st.ShareCode(ctx, a.ref, id); err != nil || !a.manages(c.Giver) {
			return orNotFound(err)
		}
		for _, id := range ids {
			if _, err := st.DeleteShareCodes(ctx, a.ref, id); err != nil {
				return err
			}
			if !withShares {
				continue
			}
			if _, err := st.DeleteShares(ctx, ShareSelection{Resource: a.ref, Code: id}); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, a.p, change{"share_code.revoke", a.ref, map[string]any{
			"code": id, "count": len(ids), "with_shares": withShares,
		}})
	})
	if err != nil {
		return fmt.Errorf("revoke share code: %w", err)
	}
	return nil
}

// codesOf lists the ids of the codes of a resource that the caller may revoke.
func codesOf(ctx context.Context, st Store, a authority) ([]string, error) {
	list, err := readAll(func(after string) ([]ShareCode, error) {
		return st.ShareCodes(ctx, ShareCodeQuery{Resource: a.ref, Giver: a.giver(), After: after, Limit: batch})
	}, func(c ShareCode) string { return c.ID })
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	return ids, err
}

// ScopeLabel is a scope and how people call it.
type ScopeLabel struct {
	Scope string // filtered to the resource
	Label string
}

// Labelled lists the scopes of a share or a code as people call them.
func (s *Service) Labelled(r auth.ResourceRef, names []string) []ScopeLabel {
	labels := map[string]string{}
	for _, d := range s.schema.Definitions() {
		labels[d.Name] = d.Label
	}
	out := make([]ScopeLabel, len(names))
	for i, n := range names {
		out[i] = ScopeLabel{scopes.Scope{Name: n, Kind: r.Kind, Value: r.ID}.String(), labels[n]}
	}
	return out
}
