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
)

// People answers questions about other accounts: what they are called, who can be shared with,
// and what those who give shares hold. It is safe for concurrent use.
type People struct{ s *Service }

// Names returns the names of users, groups and services, by id. A user without a username goes
// by their display name, which may be empty. Ids that do not exist are left out. Names checks
// no rights: call it only for ids that the caller may see.
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

// Person is what a user may learn about another user in order to share something with them.
type Person struct {
	ID       UserID
	Username string
	Name     string
}

// maxPeople is how many people Find returns at most.
const maxPeople = 20

// Find finds active users to share with by username. How it searches depends on the setting
// PeopleLookup: "exact" finds the user with that username, "prefix" finds up to 20 users whose
// username begins with text, and "off" finds nobody. It does not search email addresses, so
// that nobody can guess them. Any caller with a credential may ask; it returns
// ErrUnauthenticated to others.
func (m *People) Find(ctx context.Context, p *Principal, text string) ([]Person, error) {
	if p == nil || p.Kind == PrincipalGuest {
		return nil, ErrUnauthenticated
	}
	settings, err := m.s.settings(ctx, m.s.st)
	if err != nil {
		return nil, err
	}
	out := []Person{}
	switch key, ok := m.s.usernameKey(text); {
	case settings.PeopleLookup == policy.LookupPrefix && plainText(text) && text != "":
		key = strings.ToLower(text)
		q := UserQuery{Prefix: key, Status: StatusActive, Limit: maxPeople}
		var list []User
		list, err = m.s.st.Users(ctx, q)
		for _, u := range list {
			uk, _ := m.s.usernameKey(u.Username)
			if strings.HasPrefix(uk, key) { // Prefix also finds addresses
				out = append(out, Person{u.ID, u.Username, u.Name})
			}
		}
	case settings.PeopleLookup == policy.LookupExact && ok:
		var a Account
		a, err = m.s.st.AccountByLogin(ctx, key)
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		if a.Status == StatusActive {
			out = append(out, Person{a.ID, a.Username, a.Name})
		}
	}
	return out, err
}

// ByName finds an active user to share with by their exact username. It returns ErrNotFound if
// there is none, or if the setting PeopleLookup is "off".
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
	if err != nil {
		return "", err
	}
	return a.ID, nil
}

// CountShareTry counts one try to use a share code, for the caller and for their network. It
// returns a LimitError if one of them has no tries left.
func (m *People) CountShareTry(ctx context.Context, p *Principal, c Client) error {
	if p == nil {
		return ErrUnauthenticated
	}
	return m.s.limits.Take(ctx, m.s.limits.ShareCode(p.actor()), m.s.limits.ShareCodeNetwork(c.Network()))
}

// Addressee is an email address that something is shared with.
type Addressee struct {
	Email string // canonical
	User  UserID // the active user who has proven the address; empty if there is none

	to      string // the address as it was typed
	dropped bool   // whether the address has had as many mails as it may get
}

// Addressee finds the user who has proven an address. It takes the tries that sharing with the
// address costs: one from the caller, one for mail from the network, and one from the address.
// The caller must not learn what it found, so call PostShare in any case.
//
// It returns ErrNoMailer if there is no mailer, a FieldsError if email is not an address, and a
// LimitError if the caller or the network has no tries left. If the address has no tries left,
// there is no error; PostShare then drops the mail.
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

// ShareLetter is a mail with a share code.
type ShareLetter struct {
	To        Addressee
	Link      string        // a page of the host, with the code in the fragment; unused if To.User is set
	ExpiresIn time.Duration // how long the code works
}

// PostShare puts the letter into the outbox, in the transaction that shares. An addressee who
// is a user already has the share and gets no mail, but the work is the same.
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

// holdingBatch is the number of ids that one statement asks for.
const holdingBatch = 1000
