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
// them. An invitation is deleted when it is used.
type Invitation struct {
	ID        InvitationID
	Token     token.Hash // unique
	Email     string     // of the account; empty if it has none
	EmailKey  string     // canonical
	User      UserID     // the account to take over; empty to make one. The invitation is deleted with the account
	Inviter   UserID     // empty for the host itself. The invitation is deleted with the inviter
	Roles     []RoleID   // roles of the new account, sorted; nil for the default roles, empty but not nil for none
	Groups    []GroupID  // groups that the new account joins, sorted
	Mailed    bool       // whether only Email got the token, so that having it proves the address
	CreatedAt time.Time
	ExpiresAt time.Time
}

// InvitationQuery selects invitations that have not expired, by id ascending.
type InvitationQuery struct {
	Now   time.Time    // only those whose ExpiresAt is after this
	After InvitationID // ids greater than this; empty for the first page
	Limit int
}

// inviteDays is how many days an invitation is valid by default.
const inviteDays = 7

// InvitationInput is the input of Invitations.Create.
type InvitationInput struct {
	Email     string
	Roles     []string      // by name or id; nil means the default roles
	Groups    []string      // groups that the account joins, by name or id
	ExpiresIn time.Duration // 1 minute to 90 days, whole seconds; 0 means 7 days
}

// Invited is an invitation to show to people, with names.
type Invited struct {
	Invitation
	InviterName string   // username, or email if there is no username; empty for the host itself
	RoleNames   []string // names of Roles, sorted; roles that were deleted are left out
	GroupNames  []string // names of Groups, sorted; groups that were deleted are left out
}

// Invitations invites people to make an account, or to take over one that was made for them.
// Making, listing and withdrawing invitations needs the scope users for everybody. Showing and
// accepting one needs only its token. Invitations is safe for concurrent use.
type Invitations struct{ s *Service }

// Create mails an invitation to make an account with an email address. It is valid in every
// sign-up mode. Create needs the scope users for everybody, the scope groups for the groups in
// the input, and every scope that the roles and groups in the input give. The invitation is
// valid only as long as the inviter has all of these rights.
//
// It returns ErrNoMailer if there is no mailer, ErrSessionRequired if the caller is a service,
// ErrEmailTaken if the address has an account, a CeilingError if the inviter may not give that
// much, and a FieldsError or a LimitError.
func (m *Invitations) Create(ctx context.Context, p *Principal, in InvitationInput, c Client) (Invited, error) {
	if err := m.s.Authorize(p, ActInvite, scopes.Target{}); err != nil {
		return Invited{}, err
	}
	if p.Kind != PrincipalUser && p.Kind != PrincipalOperator {
		return Invited{}, ErrSessionRequired // the inviter's rights are checked again when somebody accepts
	}
	if !m.s.HasMailer() {
		return Invited{}, ErrNoMailer
	}
	i, link, err := m.validate(ctx, p, in)
	if err != nil {
		return Invited{}, err
	}
	limits := m.s.limits
	if err := limits.Take(ctx, limits.MailNetwork(c.Network()), limits.MailByManager(i.EmailKey)); err != nil {
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

// invited adds the names of the roles and groups.
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

// groupsByID finds groups and leaves out those that were deleted.
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

// groups finds groups that the caller may add members to. For other groups it adds the same
// error to f as for groups that do not exist.
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

// somebodyNew stands for a user who has just been made, so that nobody has rights over them.
var somebodyNew = User{ID: "00000000-0000-7000-8000-000000000000"}

// mayPutInto returns nil if the caller may add somebody new to all the groups. Otherwise it
// returns a CeilingError, a ScopeError or ErrNotFound.
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

// begin makes an invitation by p, without storing it.
func (m *Invitations) begin(p *Principal, life time.Duration) (Invitation, token.Secret) {
	now, link := m.s.now(), token.New(token.Invitation)
	return Invitation{
		ID: InvitationID(newID(now)), Token: link.Hash(), Inviter: p.User.ID, CreatedAt: now, ExpiresAt: now.Add(life),
	}, link
}

func (m *Invitations) url(link token.Secret) string {
	return tokenLink(m.s.cfg.Links.Invite, link.Reveal(), "invitation")
}

// send stores an invitation, and mails it if Mailed is set.
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

// List lists the invitations that have not expired, by id. It needs the scope users for
// everybody. It returns ErrBadCursor or a FieldsError for a bad query.
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

// Delete withdraws an invitation. It needs the scope users for everybody. It returns
// ErrNotFound if there is no such invitation.
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

// Preview shows an invitation to whoever has its token, without names of roles and groups. It
// changes nothing. It returns ErrInvitationInvalid if the token is not valid.
func (m *Invitations) Preview(ctx context.Context, text string) (Invited, error) {
	i, inviter, err := m.find(ctx, m.s.st, text)
	return Invited{Invitation: i, InviterName: inviterName(inviter)}, err
}

// find finds a valid invitation and its inviter. An invitation is valid only as long as the
// inviter is active and may give everything in it. So nobody can use an old invitation to get
// what the inviter could not give them now.
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

// inviter finds the inviter of an invitation if they may still give it. An inviter who was
// handed the link to an account can use it themselves. So they must hold everything that the
// account holds.
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
