package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// InvitationID identifies an invitation: a UUIDv7 in canonical form.
type InvitationID string

// Invitation lets whoever has its token make an account, or take over one that was made for
// them. Used invitations are gone.
type Invitation struct {
	ID        InvitationID
	Token     token.Hash // unique
	Email     string     // that the account will have; empty for an account without one
	EmailKey  string     // canonical
	User      UserID     // the account that was made already; empty for none. The invitation ends with it
	Inviter   UserID     // empty for the host itself. The invitation ends with the inviter
	Roles     []RoleID   // of the account to be made, sorted; nil for the default ones, empty but not nil for none
	Groups    []GroupID  // that the account to be made joins, sorted
	Mailed    bool       // whether the token went to Email and nowhere else, so that having it proves the address
	CreatedAt time.Time
	ExpiresAt time.Time
}

// InvitationQuery selects invitations that still count, by id ascending.
type InvitationQuery struct {
	Now   time.Time    // only those whose ExpiresAt is after this
	After InvitationID // ids greater than this; empty for the first page
	Limit int
}

// inviteDays is how many days an invitation counts unless it says otherwise.
const inviteDays = 7

// InvitationInput is the input of Invitations.Create.
type InvitationInput struct {
	Email     string
	Roles     []string      // by name or id, in place of the default ones; nil means those
	Groups    []string      // by name or id, which the account joins
	ExpiresIn time.Duration // 1 minute to 90 days, whole seconds; 0 means 7 days
}

// Invited is an invitation as it is shown: without its token, and with names.
type Invited struct {
	Invitation
	InviterName string   // username, or address of one without; empty for the host itself
	RoleNames   []string // of Roles, sorted; those that are gone are left out
	GroupNames  []string // of Groups, likewise
}

// Invitations invites people to make an account, or to take over one that was made for them.
// Making, listing and withdrawing invitations needs the scope users for everybody; showing and
// accepting one needs its token only. Invitations is safe for concurrent use.
type Invitations struct{ s *Service }

// Create mails an invitation to make an account with an address. It counts in every sign-up
// mode. It needs users for everybody, groups for the groups, and all that the roles and the
// groups give. The invitation counts only as long as the inviter holds all of that.
//
// ErrNoMailer, a FieldsError, ErrEmailTaken, a CeilingError, a LimitError.
func (m *Invitations) Create(ctx context.Context, p *Principal, in InvitationInput, c Client) (Invited, error) {
	if err := m.s.Authorize(p, ActInvite, scopes.Target{}); err != nil {
		return Invited{}, err
	}
	if p.Kind != PrincipalUser && p.Kind != PrincipalOperator {
		return Invited{}, ErrSessionRequired // an invitation needs somebody whose rights can be looked up later
	}
	if !m.s.HasMailer() {
		return Invited{}, ErrNoMailer
	}
	i, link, err := m.validate(ctx, p, in)
	if err != nil {
		return Invited{}, err
	}
	if err := m.s.limits.Take(ctx, m.s.limits.MailNetwork(c.Network()), m.s.limits.MailByManager(i.EmailKey)); err != nil {
		return Invited{}, err
	}
	read, settings, err := m.s.readAddress(ctx, i.EmailKey)
	if err == nil && read.Found {
		err = ErrEmailTaken
	}
	if err != nil {
		return Invited{}, err
	}
	if err := m.s.Tx(ctx, func(tx Tx) error { return m.send(ctx, tx, p, i, link, settings) }); err != nil {
		return Invited{}, fmt.Errorf("invite: %w", err)
	}
	return m.invited(ctx, m.s.st, i, inviterName(p.User))
}

// invited adds the names of roles and groups.
func (m *Invitations) invited(ctx context.Context, st Store, i Invitation, inviter string) (Invited, error) {
	out := Invited{Invitation: i, InviterName: inviter}
	var given User
	if err := m.s.giveByID(ctx, st, &given, i.Roles); err != nil {
		return Invited{}, err
	}
	out.RoleNames = given.RoleNames()
	groups, err := groupsByID(ctx, st, i.Groups)
	for _, g := range groups {
		out.GroupNames = append(out.GroupNames, g.Name)
	}
	slices.Sort(out.GroupNames)
	return out, err
}

// groupsByID finds groups. Those that are gone are left out.
func groupsByID(ctx context.Context, st Store, ids []GroupID) ([]Group, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return st.Groups(ctx, GroupQuery{Only: ids, Limit: len(ids)})
}

// validate checks an input and makes an invitation from it.
func (m *Invitations) validate(
	ctx context.Context, p *Principal, in InvitationInput,
) (Invitation, token.Secret, error) {
	var f FieldsError
	key := checkEmail(&f, in.Email)
	if m.s.cfg.Identifiers.Email == policy.Off {
		f.Add("email", CodeOff, "Accounts here have no email address.")
	}
	def(&in.ExpiresIn, inviteDays*day)
	seconds(&f, "expires_in", in.ExpiresIn, time.Minute, 90*day)
	i, link := m.begin(p, in.ExpiresIn)
	i.Email, i.EmailKey, i.Mailed = in.Email, key, true
	var given User
	if in.Roles != nil {
		roles, err := m.s.findRoles(ctx, m.s.st, in.Roles)
		if errors.Is(err, ErrNotFound) {
			f.Add("roles", CodeUnknown, "There is no such role.")
		} else if err != nil {
			return i, link, err
		}
		given.give(roles)
		i.Roles = given.Roles
	}
	groups, err := m.groups(ctx, p, &f, in.Groups)
	if err != nil {
		return i, link, err
	}
	for _, g := range groups {
		i.Groups = append(i.Groups, g.ID)
	}
	slices.Sort(i.Groups)
	i.Groups = slices.Compact(i.Groups)
	if err := f.Err(); err != nil {
		return i, link, err
	}
	if err := m.mayPutInto(p, groups); err != nil {
		return i, link, err
	}
	return i, link, m.s.checkCeiling(p, given)
}

// groups finds groups that the caller may put people into. Others do not exist as far as the
// caller can tell.
func (m *Invitations) groups(ctx context.Context, p *Principal, f *FieldsError, refs []string) ([]Group, error) {
	var out []Group
	for _, ref := range refs {
		g, err := m.s.Groups.find(ctx, m.s.st, p, ActManageGroups, ref)
		if errors.Is(err, ErrNotFound) {
			f.Add("groups", CodeUnknown, "There is no such group.")
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

// somebodyNew is a user whom nobody has rights over yet.
var somebodyNew = User{ID: "00000000-0000-7000-8000-000000000000"}

// mayPutInto returns nil if the caller may make somebody new a member of all the groups.
// Otherwise it is a CeilingError, a ScopeError or ErrNotFound.
func (m *Invitations) mayPutInto(p *Principal, groups []Group) error {
	for _, g := range groups {
		for _, err := range []error{m.s.Authorize(
			p, ActManageGroups, g.ID.Target(),
		), m.s.checkGroup(p, g, ""), m.s.checkGrowth(p, g, somebodyNew)} {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// begin makes an invitation by p.
func (m *Invitations) begin(p *Principal, life time.Duration) (Invitation, token.Secret) {
	now, link := m.s.now(), token.New(token.Invitation)
	return Invitation{
		ID: InvitationID(newID(now)), Token: link.Hash(), Inviter: p.User.ID, CreatedAt: now, ExpiresAt: now.Add(life),
	}, link
}

func (m *Invitations) url(link token.Secret) string {
	return tokenLink(m.s.cfg.Links.Invite, link.Reveal(), "invitation")
}

// send stores an invitation, and mails it if it is to be mailed.
func (m *Invitations) send(
	ctx context.Context, tx Tx, p *Principal, i Invitation, link token.Secret, settings policy.Settings,
) error {
	if err := tx.st.AddInvitation(ctx, i); err != nil {
		return err
	}
	detail := map[string]any{"invitation": i.ID}
	if i.Roles != nil {
		detail["roles"] = i.Roles
	}
	if len(i.Groups) > 0 {
		detail["groups"] = i.Groups
	}
	if err := m.s.Audit(ctx, tx, p, "invitation.create", string(i.User), detail); err != nil || !i.Mailed {
		return err
	}
	return m.s.Post(ctx, tx, mail.Letter{
		Kind: mail.Invitation, To: i.Email, Link: m.url(link), Inviter: inviterName(p.User),
		Site: settings.SiteName, Life: i.ExpiresAt.Sub(i.CreatedAt),
	})
}

func inviterName(u User) string {
	if u.Username == "" {
		return u.Email
	}
	return u.Username
}

// List lists the invitations that still count, by id. It needs users for everybody.
func (m *Invitations) List(ctx context.Context, p *Principal, q PageQuery) (Page[Invited], error) {
	if err := m.s.Authorize(p, ActInvite, scopes.Target{}); err != nil {
		return Page[Invited]{}, err
	}
	limit, err := q.Size()
	if err != nil {
		return Page[Invited]{}, err
	}
	list, err := m.s.st.Invitations(
		ctx, InvitationQuery{Now: m.s.now(), After: InvitationID(q.Cursor), Limit: limit + 1},
	)
	if err != nil {
		return Page[Invited]{}, err
	}
	names := map[UserID]string{"": ""}
	out := make([]Invited, 0, len(list))
	for _, i := range list {
		if _, known := names[i.Inviter]; !known {
			a, err := m.s.st.Account(ctx, i.Inviter)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return Page[Invited]{}, err
			}
			names[i.Inviter] = inviterName(a.User)
		}
		shown, err := m.invited(ctx, m.s.st, i, names[i.Inviter])
		if err != nil {
			return Page[Invited]{}, err
		}
		out = append(out, shown)
	}
	return NewPage(out, limit, nil, func(i Invited) string { return string(i.ID) })
}

// Delete withdraws an invitation. It needs users for everybody.
func (m *Invitations) Delete(ctx context.Context, p *Principal, id InvitationID) error {
	if err := m.s.Authorize(p, ActInvite, scopes.Target{}); err != nil {
		return err
	}
	if !IsID(string(id)) {
		return ErrNotFound
	}
	err := m.s.Tx(ctx, func(tx Tx) error {
		if err := tx.st.DeleteInvitation(ctx, id); err != nil {
			return err
		}
		return m.s.Audit(ctx, tx, p, "invitation.delete", "", map[string]any{"invitation": id})
	})
	if err != nil {
		return fmt.Errorf("delete invitation: %w", err)
	}
	return nil
}

// Preview shows whoever has the token what it is for. It changes nothing. ErrInvitationInvalid.
func (m *Invitations) Preview(ctx context.Context, text string) (Invited, error) {
	i, inviter, err := m.find(ctx, m.s.st, text)
	return Invited{Invitation: i, InviterName: inviterName(inviter)}, err
}

// find finds an invitation that counts, with its inviter. It counts as long as the inviter is
// active and holds all that it gives: what the inviter may not give now, nobody gets from an
// earlier invitation.
func (m *Invitations) find(ctx context.Context, st Store, text string) (i Invitation, inviter User, err error) {
	t, err := token.Parse(token.Invitation, text)
	if err != nil {
		return i, inviter, ErrInvitationInvalid
	}
	i, err = st.InvitationByToken(ctx, t.Hash())
	if err == nil && !m.s.now().Before(i.ExpiresAt) {
		err = ErrNotFound
	}
	if err == nil && i.Inviter != "" {
		inviter, err = m.inviter(ctx, st, i)
	}
	if errors.Is(err, ErrNotFound) {
		err = ErrInvitationInvalid
	}
	return i, inviter, err
}

// inviter finds who gave an invitation, if they still may give it. An inviter who was handed
// the link to an account could use it themselves, so that account may hold no more than they
// do.
func (m *Invitations) inviter(ctx context.Context, st Store, i Invitation) (User, error) {
	a, err := st.Account(ctx, i.Inviter)
	if err != nil {
		return User{}, err
	}
	p := &Principal{Kind: PrincipalUser, User: a.User}
	p.subject.Held = m.s.rightsOf(a.User)
	var given User
	if err := m.s.giveByID(ctx, st, &given, i.Roles); err != nil {
		return User{}, err
	}
	if i.User != "" && !i.Mailed {
		to, err := st.Account(ctx, i.User)
		if err != nil {
			return User{}, err
		}
		given = to.User
	}
	groups, err := groupsByID(ctx, st, i.Groups)
	if err != nil {
		return User{}, err
	}
	if m.mayPutInto(p, groups) != nil {
		return User{}, ErrInvitationInvalid
	}
	if a.Status != StatusActive || m.s.Authorize(p, ActInvite, scopes.Target{}) != nil ||
		m.s.checkCeiling(p, given) != nil {
		return User{}, ErrInvitationInvalid
	}
	return a.User, nil
}
