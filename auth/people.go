package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
)

// People is what accounts tell of each other: names, who can be shared with, and what givers
// hold. It is safe for concurrent use.
type People struct{ s *Service }

// Names returns what users, groups and services are called, by id. It leaves out those that do
// not exist. A user without a username is called by their display name, if they have one. It
// checks no rights: show names where the ids may be seen.
func (m *People) Names(
	ctx context.Context, users []UserID, groups []GroupID, services []ServiceID,
) (map[string]string, error) {
	out := map[string]string{}
	for part := range slices.Chunk(users, holdingBatch) {
		list, err := m.s.st.Users(ctx, UserQuery{Within: []Within{{Users: part}}, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, u := range list {
			out[string(u.ID)] = cmp.Or(u.Username, u.Name)
		}
	}
	for part := range slices.Chunk(groups, holdingBatch) {
		list, err := m.s.st.Groups(ctx, GroupQuery{Only: part, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, g := range list {
			out[string(g.ID)] = g.Name
		}
	}
	for part := range slices.Chunk(services, holdingBatch) {
		list, err := m.s.st.Services(ctx, ServiceQuery{Only: part, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			out[string(v.ID)] = v.Name
		}
	}
	return out, nil
}

// Person is what people may know of each other to share.
type Person struct {
	ID       UserID
	Username string
	Name     string
}

// maxPeople is how many people one look-up finds.
const maxPeople = 20

// Find finds active users to share with by their username: the one who has it, or with the
// setting prefix up to 20 whose begins with it; nobody where the setting is off. Any user may
// ask, with any credential of theirs. Addresses find nobody, so that none can be guessed.
func (m *People) Find(ctx context.Context, p *Principal, text string) ([]Person, error) {
	if p == nil || p.Kind == PrincipalGuest {
		return nil, ErrUnauthenticated
	}
	settings, err := m.s.settings(ctx, m.s.st)
	if err != nil {
		return nil, err
	}
	key, ok := m.s.usernameKey(text)
	if settings.PeopleLookup == policy.LookupPrefix && plainText(text) && text != "" {
		key, ok = strings.ToLower(text), true
	}
	if settings.PeopleLookup == policy.LookupOff || !ok {
		return []Person{}, nil
	}
	list, err := m.s.st.Users(ctx, UserQuery{Prefix: key, Status: StatusActive, Limit: maxPeople})
	if settings.PeopleLookup == policy.LookupExact {
		var a Account
		if a, err = m.s.st.AccountByLogin(ctx, key); errors.Is(err, ErrNotFound) {
			err = nil
		}
		list = []User{a.User}
	}
	out := []Person{}
	for _, u := range list {
		uk, _ := m.s.usernameKey(u.Username)
		if u.Status == StatusActive && strings.HasPrefix(uk, key) { // Prefix also finds addresses
			out = append(out, Person{u.ID, u.Username, u.Name})
		}
	}
	return out, err
}

// ByName finds an active user to share with by their username, as Find does.
// ErrNotFound.
func (m *People) ByName(ctx context.Context, username string) (UserID, error) {
	settings, err := m.s.settings(ctx, m.s.st)
	if err != nil {
		return "", err
	}
	key, ok := m.s.usernameKey(username)
	if settings.PeopleLookup == policy.LookupOff || !ok {
		return "", ErrNotFound
	}
	a, err := m.s.st.AccountByLogin(ctx, key)
	if err == nil && a.Status != StatusActive {
		err = ErrNotFound
	}
	return a.ID, err
}

// CountShareTry takes one try at presenting a share code from the caller and one from their
// network, or returns a LimitError.
func (m *People) CountShareTry(ctx context.Context, p *Principal, c Client) error {
	if p == nil {
		return ErrUnauthenticated
	}
	return m.s.limits.Take(ctx, m.s.limits.ShareCode(p.actor()), m.s.limits.ShareCodeNetwork(c.Network()))
}

// An Addressee is an email address that something is shared with.
type Addressee struct {
	Email string // canonical
	User  UserID // the active user who has proven the address; empty for nobody

	to      string // the address as it was typed
	dropped bool   // the address has had as many mails as it may get
}

// Addressee finds out who has proven an address, and takes the tries that sharing with it
// costs: one of the caller, one of the network at mail, and one of the address. Do not tell the
// caller what it found, and finish with PostShare either way. It returns a FieldsError for
// something that is no address, ErrNoMailer without a mailer, and a LimitError when the caller
// or the network has no tries left. An address that has none left is no error: PostShare drops
// the mail.
func (m *People) Addressee(ctx context.Context, p *Principal, email string, c Client) (Addressee, error) {
	if !m.s.HasMailer() {
		return Addressee{}, ErrNoMailer
	}
	var f FieldsError
	out := Addressee{Email: checkEmail(&f, email), to: email}
	if err := f.Err(); err != nil {
		return Addressee{}, err
	}
	if err := m.CountShareTry(ctx, p, c); err != nil {
		return Addressee{}, err
	}
	if err := m.s.limits.Take(ctx, m.s.limits.MailNetwork(c.Network())); err != nil {
		return Addressee{}, err
	}
	a, err := m.s.st.AccountByLogin(ctx, out.Email)
	switch {
	case err == nil && a.EmailVerified && a.Status == StatusActive:
		out.User = a.ID
	case err != nil && !errors.Is(err, ErrNotFound):
		return Addressee{}, fmt.Errorf("find addressee: %w", err)
	}
	mailed, err := m.s.mayMail(ctx, out.Email, "", Client{IP: c.IP})
	out.dropped = !mailed
	return out, err
}

// ShareLetter is the mail that brings somebody a share code.
type ShareLetter struct {
	To        Addressee
	Link      string // a page of the host, with the code in the fragment; unused if To.User is set
	ExpiresIn time.Duration
}

// PostShare puts the letter into the outbox, in the transaction that shares. An addressee who
// is a user has the share already and gets no mail, but the work is the same.
func (m *People) PostShare(ctx context.Context, tx Tx, p *Principal, l ShareLetter) error {
	settings, err := m.s.settings(ctx, tx.st)
	if err != nil {
		return err
	}
	return m.s.Post(ctx, tx, mail.Letter{
		Kind: mail.ShareOffered, To: l.To.to, Link: l.Link, Inviter: p.User.Username, Site: settings.SiteName,
		Life: l.ExpiresIn, Decoy: l.To.User != "" || l.To.dropped,
	})
}

// Holdings returns by id what users and services hold now by their roles, and the groups of the
// users. Users and services that do not exist are left out. If one is not active, its Held is
// nil, but a disabled user stays in their groups. Holdings takes one statement for each
// thousand users and one for each thousand services.
func (m *People) Holdings(
	ctx context.Context, users []UserID, services []ServiceID,
) (map[string]scopes.Holding, error) {
	out := make(map[string]scopes.Holding, len(users)+len(services))
	for part := range slices.Chunk(users, holdingBatch) {
		list, err := m.s.st.Users(ctx, UserQuery{Within: []Within{{Users: part}}, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, u := range list {
			h := scopes.Holding{Groups: u.groupIDs()}
			if u.Status == StatusActive {
				h.Held = m.s.rightsOf(u)
			}
			out[string(u.ID)] = h
		}
	}
	for part := range slices.Chunk(services, holdingBatch) {
		list, err := m.s.st.Services(ctx, ServiceQuery{Only: part, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			var h scopes.Holding
			if v.Status == StatusActive {
				h.Held = m.s.setOf(scopes.Self{}, v.Roles, v.Grants)
			}
			out[string(v.ID)] = h
		}
	}
	return out, nil
}

// holdingBatch is the number of ids that one statement asks for.
const holdingBatch = 1000
