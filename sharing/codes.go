package sharing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// NewCode is what a share code is made from.
type NewCode struct {
	Scopes    []string      // names, or names filtered to the resource; none means the default ones of the kind
	ExpiresIn time.Duration // whole seconds, 60 to 31,536,000; 0 means a day
	MaxUses   int           // 1 to 100,000; 0 means any number
	Audience  Audience      // zero means everybody who is signed in
	Label     string        // at most 128 characters, for the giver
	Next      string        // an own path of the host to go to afterwards; see OwnPath
}

// CreateCode makes a share code. Its secret is returned once and kept nowhere. Who may, and
// which errors: as of Create.
func (s *Service) CreateCode(ctx context.Context, p Principal, r Ref, in NewCode) (Code, token.Secret, error) {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return Code{}, token.Secret{}, err
	}
	c, err := s.newCode(a.kind, r, in)
	if err != nil {
		return Code{}, token.Secret{}, err
	}
	if c.Giver = holderOf(p); c.Giver == (Holder{}) {
		return Code{}, token.Secret{}, ErrNoHolder
	}
	if err := s.within(a, c.Scopes); err != nil {
		return Code{}, token.Secret{}, err
	}
	secret := token.New(token.ShareCode)
	c.Hash = secret.Hash()
	err = s.st.Tx(ctx, func(st Store) error {
		if err := st.AddCode(ctx, c); err != nil {
			return err
		}
		return s.audit(ctx, st, p, "share_code.create", r, map[string]any{
			"code": c.ID, "scopes": c.Scopes, "max_uses": c.MaxUses, "audience": c.Audience.Type,
		})
	})
	if err != nil {
		return Code{}, token.Secret{}, fmt.Errorf("create share code: %w", err)
	}
	return c, secret, nil
}

// newCode validates what a code is made from.
func (s *Service) newCode(k kind, r Ref, in NewCode) (Code, error) {
	at := s.now()
	c := Code{ID: token.NewID(at), Resource: r, Label: in.Label, Audience: in.Audience, Next: in.Next,
		MaxUses: in.MaxUses, CreatedAt: at}
	var f fieldErrors
	c.Scopes = s.names(&f, k, r, in.Scopes)
	life := in.ExpiresIn
	if life == 0 {
		life = DefaultCodeLife
	}
	if life < MinCodeLife || life > MaxCodeLife || life%time.Second != 0 {
		f.add("expires_in", CodeInvalid, "Whole seconds from 60 to 31,536,000.")
	}
	c.ExpiresAt = at.Add(life)
	if in.MaxUses < 0 || in.MaxUses > maxUses {
		f.add("max_uses", CodeInvalid, "A number from 1 to 100,000.")
	}
	if !plainText(in.Label) || utf8.RuneCountInString(in.Label) > maxLabel {
		f.add("label", CodeInvalid, "A label has at most 128 characters and no control characters.")
	}
	if in.Next != "" && !OwnPath(in.Next) {
		f.add("next", CodeInvalid, "A path of this site, which begins with one slash.")
	}
	c.Audience = in.Audience.check(&f)
	return c, f.err()
}

// check validates an audience and returns its canonical form.
func (a Audience) check(f *fieldErrors) Audience {
	if a.Type == "" && a.Value == "" {
		a.Type = SignedIn
	}
	bad := func() { f.add("audience.value", CodeInvalid, "The value does not fit the type of audience.") }
	switch a.Type {
	case SignedIn:
		if a.Value != "" {
			bad()
		}
	case ForUser, ForGroup:
		if !canonicalID(a.Value) {
			bad()
		}
	case ForEmail:
		a.Value = strings.ToLower(a.Value)
		if !isAddress(a.Value) {
			bad()
		}
	case ForDomain:
		a.Value = strings.ToLower(a.Value)
		if !isDomain(a.Value) {
			bad()
		}
	default:
		f.add("audience.type", CodeUnknown, "Use one of: signed_in, user, group, email, domain.")
	}
	return a
}

// isAddress reports a bare address in the canonical form that accounts have.
func isAddress(a string) bool {
	local, domain, ok := strings.Cut(a, "@")
	if !ok || len(a) > 254 || len(local) > 64 || !isDomain(domain) {
		return false
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" || strings.ContainsFunc(
			atom, func(r rune) bool { return !isLetterOrDigit(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r) },
		) {
			return false
		}
	}
	return true
}

// isDomain reports a domain in lower case; international ones come as xn--.
func isDomain(d string) bool {
	for label := range strings.SplitSeq(d, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "-") != label || strings.ContainsFunc(
			label, func(r rune) bool { return !isLetterOrDigit(r) && r != '-' },
		) {
			return false
		}
	}
	return len(d) <= 253
}

func isLetterOrDigit(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }

// admits tells whether the principal is in the audience.
func (a Audience) admits(p Principal) bool {
	user, _ := p.Holder()
	switch a.Type {
	case SignedIn:
		return user != ""
	case ForUser:
		return user == a.Value
	case ForGroup:
		return slices.Contains(p.GroupIDs(), a.Value)
	case ForEmail:
		return p.ProvenEmail() == a.Value
	case ForDomain:
		_, domain, _ := strings.Cut(p.ProvenEmail(), "@")
		return domain == a.Value
	}
	return false
}

// HasAcceptURL tells whether codes have a link.
func (s *Service) HasAcceptURL() bool { return s.cfg.AcceptURL != "" }

// AcceptURL is the link to a page of the host on which people accept the code, with the code in
// its fragment; empty without Config.AcceptURL.
func (s *Service) AcceptURL(secret token.Secret) string {
	if s.cfg.AcceptURL == "" {
		return ""
	}
	return s.cfg.AcceptURL + "#token=" + secret.Reveal() + "&for=share"
}

// Codes lists the codes of a resource, without their secrets. It needs read:shares on it; who
// only may share on sees their own.
func (s *Service) Codes(ctx context.Context, p Principal, r Ref, q PageQuery) (Page[Code], error) {
	a, err := s.authorize(ctx, p, r, "read:shares")
	if err != nil {
		return Page[Code]{}, err
	}
	cq := CodeQuery{Resource: r}
	if !a.all {
		cq.Giver = holderOf(p)
	}
	return s.codes(ctx, cq, q)
}

func (s *Service) codes(ctx context.Context, cq CodeQuery, q PageQuery) (Page[Code], error) {
	limit, err := q.limit(canonicalID)
	if err != nil {
		return Page[Code]{}, err
	}
	cq.Now, cq.After, cq.Limit = s.now(), q.Cursor, limit+1
	list, err := s.st.Codes(ctx, cq)
	return page(list, limit, err, func(c Code) string { return c.ID })
}

// Exchanges lists who accepted a code, newest first. It needs read:shares on the resource, or
// to have made the code.
func (s *Service) Exchanges(ctx context.Context, p Principal, r Ref, id string, q PageQuery) (Page[Exchange], error) {
	a, err := s.authorize(ctx, p, r, "read:shares")
	if err != nil {
		return Page[Exchange]{}, err
	}
	c, err := s.st.Code(ctx, r, id)
	if err == nil && !a.manages(p, c.Giver) {
		err = ErrNotFound
	}
	if err != nil {
		return Page[Exchange]{}, err
	}
	limit, err := q.limit(canonicalID)
	if err != nil {
		return Page[Exchange]{}, err
	}
	list, err := s.st.Exchanges(ctx, id, q.Cursor, limit+1)
	return page(list, limit, err, func(e Exchange) string { return e.ID })
}

// RevokeCode ends a code of a resource, or with an empty id all of them; with withShares also
// the shares that came from them. It needs shares on the resource, or to have made the code.
// ErrNotFound for one that is not there.
func (s *Service) RevokeCode(ctx context.Context, p Principal, r Ref, id string, withShares bool) error {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return err
	}
	return s.revokeCode(ctx, p, a, r, id, withShares)
}

func (s *Service) revokeCode(ctx context.Context, p Principal, a authority, r Ref, id string, withShares bool) error {
	err := s.st.Tx(ctx, func(st Store) error {
		ids := []string{id}
		if id == "" {
			var err error
			if ids, err = s.codesOf(ctx, st, p, a, r); err != nil {
				return err
			}
		} else if c, err := st.Code(ctx, r, id); err != nil || !a.manages(p, c.Giver) {
			return orNotFound(err)
		}
		for _, id := range ids {
			if _, err := st.DeleteCodes(ctx, r, id); err != nil {
				return err
			}
			if !withShares {
				continue
			}
			if _, err := st.DeleteShares(ctx, ShareSelection{Resource: r, Code: id}); err != nil {
				return err
			}
		}
		return s.audit(ctx, st, p, "share_code.revoke", r, map[string]any{
			"code": id, "count": len(ids), "with_shares": withShares,
		})
	})
	if err != nil {
		return fmt.Errorf("revoke share code: %w", err)
	}
	return nil
}

func orNotFound(err error) error {
	if err == nil {
		err = ErrNotFound
	}
	return err
}

// codesOf are the codes of a resource that the caller may end.
func (s *Service) codesOf(ctx context.Context, st Store, p Principal, a authority, r Ref) ([]string, error) {
	q := CodeQuery{Resource: r, Limit: batch}
	if !a.all {
		q.Giver = holderOf(p)
	}
	var ids []string
	for {
		list, err := st.Codes(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			ids = append(ids, c.ID)
		}
		if len(list) < q.Limit {
			return ids, nil
		}
		q.After = list[len(list)-1].ID
	}
}

// CodeBySecret finds the code of a resource that has the secret, for who may end it; see
// RevokeCode. ErrCodeInvalid where the resource has none, or it has expired.
func (s *Service) CodeBySecret(ctx context.Context, p Principal, r Ref, text string) (Code, error) {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return Code{}, err
	}
	c, err := s.codeOf(ctx, text)
	if err == nil && (c.Resource != r || !a.manages(p, c.Giver)) {
		err = ErrCodeInvalid
	}
	if err != nil {
		return Code{}, err
	}
	return c, nil
}

// RevokeByCode ends a code for whoever presents it and made it, or may manage the shares of its
// resource. Else, and for a code that is none, it is ErrCodeInvalid.
func (s *Service) RevokeByCode(ctx context.Context, p Principal, text string) error {
	c, err := s.codeOf(ctx, text)
	if err != nil {
		return err
	}
	a := authority{}
	if c.Giver != holderOf(p) || c.Giver == (Holder{}) {
		if a, err = s.authorize(ctx, p, c.Resource, "shares"); err != nil || !a.all {
			return ErrCodeInvalid
		}
	}
	return s.revokeCode(ctx, p, a, c.Resource, c.ID, false)
}

// label says for people what a scope is.
func (s *Service) label(name string) string {
	for _, d := range s.schema.Definitions() {
		if d.Name == name {
			return d.Label
		}
	}
	return ""
}

// ScopeLabel is a scope with what it is called for people.
type ScopeLabel struct {
	Scope string // filtered to the resource
	Label string
}

// Labelled lists the scopes of a share or a code for people.
func (s *Service) Labelled(r Ref, names []string) []ScopeLabel {
	out := make([]ScopeLabel, len(names))
	for i, n := range names {
		out[i] = ScopeLabel{scopes.Scope{Name: n, Kind: r.Kind, Value: r.ID}.String(), s.label(n)}
	}
	return out
}
