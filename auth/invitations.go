package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// inviteDays is how many days an invitation counts unless it says otherwise.
const inviteDays = 7

// NewInvitation is what an invitation is made from.
type NewInvitation struct {
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

// Invite mails an invitation to make an account with an address. It counts in every sign-up
// mode. It needs users for everybody, groups for the groups, and all that the roles and the
// groups give; and it counts only as long as the inviter holds that.
//
// ErrNoMailer, a FieldsError, ErrEmailTaken, a CeilingError, a LimitError.
func (s *Service) Invite(ctx context.Context, p *Principal, in NewInvitation, c Client) (Invited, error) {
	if err := s.Authorize(p, ActInvite, scopes.Target{}); err != nil {
		return Invited{}, err
	}
	if p.Kind != KindUser && p.Kind != KindOperator {
		return Invited{}, ErrSessionRequired // an invitation needs somebody whose rights can be looked up later
	}
	if !s.HasMailer() {
		return Invited{}, ErrNoMailer
	}
	i, link, err := s.invitationOf(ctx, p, in)
	if err != nil {
		return Invited{}, err
	}
	if err := s.take(ctx, tries{all: []Take{
		s.bucket(
			s.cfg.Limits.MailNetwork, "mailnetwork", c.network(),
		), s.bucket(s.cfg.Limits.Mail, "mailbymanager", i.EmailKey),
	}}); err != nil {
		return Invited{}, err
	}
	read, now, err := s.readAddress(ctx, i.EmailKey)
	if err == nil && read.Found {
		err = ErrEmailTaken
	}
	if err != nil {
		return Invited{}, err
	}
	if err := s.Tx(ctx, func(tx Tx) error { return s.sendInvitation(ctx, tx, p, i, link, now) }); err != nil {
		return Invited{}, fmt.Errorf("invite: %w", err)
	}
	return s.invited(ctx, s.st, i, inviterName(p.User))
}

// invited adds names.
func (s *Service) invited(ctx context.Context, st Store, i Invitation, inviter string) (Invited, error) {
	out := Invited{Invitation: i, InviterName: inviter}
	var given User
	if err := s.giveByID(ctx, st, &given, i.Roles); err != nil {
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

// groupsByID finds groups; those that are gone are left out.
func groupsByID(ctx context.Context, st Store, ids []GroupID) ([]Group, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return st.Groups(ctx, GroupQuery{Only: ids, Limit: len(ids)})
}

// invitationOf validates.
func (s *Service) invitationOf(ctx context.Context, p *Principal, in NewInvitation) (Invitation, token.Secret, error) {
	var f FieldErrors
	key := checkEmail(&f, in.Email)
	if s.cfg.Identifiers.Email == Off {
		f.Add("email", CodeOff, "Accounts here have no email address.")
	}
	def(&in.ExpiresIn, inviteDays*day)
	seconds(&f, "expires_in", in.ExpiresIn, time.Minute, 90*day)
	i, link := s.newInvitation(p, in.ExpiresIn)
	i.Email, i.EmailKey, i.Mailed = in.Email, key, true
	var given User
	if in.Roles != nil {
		roles, err := s.findRoles(ctx, s.st, in.Roles)
		if errors.Is(err, ErrNotFound) {
			f.Add("roles", CodeUnknown, "There is no such role.")
		} else if err != nil {
			return i, link, err
		}
		given.give(roles)
		i.Roles = given.Roles
	}
	groups, err := s.invitationGroups(ctx, p, &f, in.Groups)
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
	if err := s.mayPutInto(p, groups); err != nil {
		return i, link, err
	}
	return i, link, s.checkCeiling(p, given)
}

// invitationGroups finds groups that the caller may put people into. Of others not even the
// name is known.
func (s *Service) invitationGroups(ctx context.Context, p *Principal, f *FieldErrors, refs []string) ([]Group, error) {
	var out []Group
	for _, ref := range refs {
		g, err := s.Groups.find(ctx, s.st, p, ActManageGroups, ref)
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

// mayPutInto is nil for who may make somebody new a member of all the groups; else it is a
// CeilingError, a ScopeError or ErrNotFound.
func (s *Service) mayPutInto(p *Principal, groups []Group) error {
	for _, g := range groups {
		for _, err := range []error{s.Authorize(
			p, ActManageGroups, GroupTarget(g.ID),
		), s.checkGroup(p, g, ""), s.checkGrowth(p, g, somebodyNew)} {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// newInvitation begins an invitation by p.
func (s *Service) newInvitation(p *Principal, life time.Duration) (Invitation, token.Secret) {
	now, link := s.now(), token.New(token.Invitation)
	return Invitation{
		ID: InvitationID(newID(now)), Token: link.Hash(), Inviter: p.User.ID, CreatedAt: now, ExpiresAt: now.Add(life),
	}, link
}

func (s *Service) invitationURL(link token.Secret) string {
	return tokenLink(s.cfg.Links.Invite, link.Reveal(), "invitation")
}

// sendInvitation stores an invitation, and mails it if that is how it goes.
func (s *Service) sendInvitation(
	ctx context.Context, tx Tx, p *Principal, i Invitation, link token.Secret, now policy.Settings,
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
	if err := s.Audit(ctx, tx, p, "invitation.create", string(i.User), detail); err != nil || !i.Mailed {
		return err
	}
	return s.post(ctx, tx, letter{
		Kind: MailInvitation, To: i.Email, Link: s.invitationURL(link), Inviter: inviterName(p.User),
		Site:    now.SiteName,
		Expires: span(i.ExpiresAt.Sub(i.CreatedAt)), Until: i.ExpiresAt,
	})
}

func inviterName(u User) string {
	if u.Username == "" {
		return u.Email
	}
	return u.Username
}

// Invitations lists those that still count, by id. It needs users for everybody.
func (s *Service) Invitations(ctx context.Context, p *Principal, q PageQuery) (Page[Invited], error) {
	if err := s.Authorize(p, ActInvite, scopes.Target{}); err != nil {
		return Page[Invited]{}, err
	}
	limit, err := q.Size()
	if err != nil {
		return Page[Invited]{}, err
	}
	list, err := s.st.Invitations(ctx, InvitationQuery{Now: s.now(), After: InvitationID(q.Cursor), Limit: limit + 1})
	if err != nil {
		return Page[Invited]{}, err
	}
	names := map[UserID]string{"": ""}
	out := make([]Invited, 0, len(list))
	for _, i := range list {
		if _, known := names[i.Inviter]; !known {
			a, err := s.st.Account(ctx, i.Inviter)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return Page[Invited]{}, err
			}
			names[i.Inviter] = inviterName(a.User)
		}
		shown, err := s.invited(ctx, s.st, i, names[i.Inviter])
		if err != nil {
			return Page[Invited]{}, err
		}
		out = append(out, shown)
	}
	return NewPage(out, limit, nil, func(i Invited) string { return string(i.ID) })
}

// DeleteInvitation withdraws an invitation. It needs users for everybody.
func (s *Service) DeleteInvitation(ctx context.Context, p *Principal, id InvitationID) error {
	if err := s.Authorize(p, ActInvite, scopes.Target{}); err != nil {
		return err
	}
	if !IsID(string(id)) {
		return ErrNotFound
	}
	err := s.Tx(ctx, func(tx Tx) error {
		if err := tx.st.DeleteInvitation(ctx, id); err != nil {
			return err
		}
		return s.Audit(ctx, tx, p, "invitation.delete", "", map[string]any{"invitation": id})
	})
	if err != nil {
		return fmt.Errorf("delete invitation: %w", err)
	}
	return nil
}

// PreviewInvitation shows whoever has the token what it is for, and changes nothing.
// ErrInvitationInvalid.
func (s *Service) PreviewInvitation(ctx context.Context, text string) (Invited, error) {
	i, inviter, err := s.invitation(ctx, s.st, text)
	return Invited{Invitation: i, InviterName: inviterName(inviter)}, err
}

// invitation finds one that counts, with its inviter. It counts as long as the inviter is
// active and holds all that it gives: what nobody may give now nobody gets from what they gave
// before.
func (s *Service) invitation(ctx context.Context, st Store, text string) (i Invitation, inviter User, err error) {
	t, err := token.Parse(token.Invitation, text)
	if err != nil {
		return i, inviter, ErrInvitationInvalid
	}
	i, err = st.InvitationByToken(ctx, t.Hash())
	if err == nil && !s.now().Before(i.ExpiresAt) {
		err = ErrNotFound
	}
	if err == nil && i.Inviter != "" {
		inviter, err = s.inviter(ctx, st, i)
	}
	if errors.Is(err, ErrNotFound) {
		err = ErrInvitationInvalid
	}
	return i, inviter, err
}

// inviter finds who gave an invitation, if they still may. One who was handed the link to an
// account could use it themselves, so that account may hold no more than they do.
func (s *Service) inviter(ctx context.Context, st Store, i Invitation) (User, error) {
	a, err := st.Account(ctx, i.Inviter)
	if err != nil {
		return User{}, err
	}
	p := &Principal{Kind: KindUser, User: a.User}
	p.subject.Held = s.rightsOf(a.User)
	var given User
	if err := s.giveByID(ctx, st, &given, i.Roles); err != nil {
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
	if s.mayPutInto(p, groups) != nil {
		return User{}, ErrInvitationInvalid
	}
	if a.Status != StatusActive || s.Authorize(p, ActInvite, scopes.Target{}) != nil ||
		s.checkCeiling(p, given) != nil {
		return User{}, ErrInvitationInvalid
	}
	return a.User, nil
}

// Acceptance is what somebody who was invited brings.
type Acceptance struct {
	Token    string
	Username string // for an account that has none yet
	Password string // may be left out
	Name     string
	Remember bool
	Client   Client
}

// AcceptInvitation makes the account, or takes over the one that was made, and starts a session
// for a cookie. A token that was mailed proves the address.
//
// ErrInvitationInvalid, a FieldsError, ErrUsernameTaken, ErrEmailTaken, ErrAccountDisabled,
// ErrApprovalPending, password.ErrBusy.
func (s *Service) AcceptInvitation(ctx context.Context, in Acceptance) (SignedIn, error) {
	v, err := s.signInByInvitation(ctx, in)
	if errors.Is(err, ErrBadCredentials) || errors.Is(err, ErrStale) {
		err = ErrInvitationInvalid
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("accept invitation: %w", err)
	}
	return v, nil
}

// signInByInvitation prepares the account, and starts a session in the transaction that makes
// it or takes it over.
func (s *Service) signInByInvitation(ctx context.Context, in Acceptance) (SignedIn, error) {
	i, _, err := s.invitation(ctx, s.st, in.Token)
	if err != nil {
		return SignedIn{}, err
	}
	m, _ := s.methods.find(MethodInvitation)
	at := &Attempt{s: s, method: m, client: in.Client}
	if at.settings, err = s.settings(ctx, s.st); err != nil {
		return SignedIn{}, err
	}
	account, err := s.invitedAccount(ctx, at.settings, i, in)
	if err != nil {
		return SignedIn{}, err
	}
	// What the status forbids leaves the invitation as it is: it counts again once the account
	// is enabled.
	at.read.Account = account
	if err := at.admit(ctx, Proof{account: &account}); err != nil {
		return SignedIn{}, err
	}
	hash := ""
	if in.Password != "" {
		if hash, err = s.hashNew(ctx, at.settings, "password", in.Password, account); err != nil {
			return SignedIn{}, err
		}
	}
	return at.Start(ctx, Proof{
		User: account.ID, At: s.now(), account: &account,
		settle: func(ctx context.Context, tx Tx, _ bool) error {
			return s.useInvitation(ctx, tx, in, &account, hash)
		},
	}, SessionWant{Remember: in.Remember})
}

// invitedAccount is the account that an invitation makes or takes over, with what the person
// chose.
func (s *Service) invitedAccount(ctx context.Context, now policy.Settings, i Invitation, in Acceptance) (Account, error) {
	if i.User == "" {
		a, err := s.newAccount(
			ctx, s.st, now, NewUser{Username: in.Username, Email: i.Email, Name: in.Name, Password: "set"}, false,
		)
		if err == nil && i.Roles != nil {
			err = s.giveByID(ctx, s.st, &a.User, i.Roles)
		}
		return a, err
	}
	a, err := s.account(ctx, s.st, i.User)
	if errors.Is(err, ErrNotFound) || err == nil && !i.opens(a) {
		err = ErrInvitationInvalid
	}
	if err != nil {
		return a, err
	}
	return a, s.personalise(&a, in)
}

// opens tells whether an invitation still leads to its account: nobody has taken it over by
// another way, and a mailed one went to the address that it has.
func (i Invitation) opens(a Account) bool {
	return a.PasswordHash == "" && a.LastLoginAt.IsZero() && (!i.Mailed || a.EmailKey == i.EmailKey)
}

// personalise puts what the person chose into an account that a manager made. A name that the
// manager gave stays unless it is chosen anew.
func (s *Service) personalise(a *Account, in Acceptance) error {
	var f FieldErrors
	switch {
	case in.Username == "" || in.Username == a.Username:
	case a.UsernameKey != "":
		f.Add("username", "forbidden", "The account has a username already; change it afterwards.")
	default:
		s.setUsername(&f, a, in.Username, false)
	}
	if in.Name != "" {
		setName(&f, a, in.Name)
	}
	return f.Err()
}

// useInvitation uses an invitation up, in the transaction that makes its account and signs it
// in. What it gives is judged again there.
func (s *Service) useInvitation(ctx context.Context, tx Tx, in Acceptance, a *Account, hash string) error {
	i, _, err := s.invitation(ctx, tx.st, in.Token)
	if err != nil {
		return err
	}
	if won, err := tx.st.UseInvitation(ctx, i.ID, s.now()); err != nil || !won {
		return orElse(err, ErrInvitationInvalid)
	}
	if i.User == "" {
		a.PasswordHash, a.EmailVerified = hash, i.Mailed
		if err := s.insertAccount(ctx, tx, a); err != nil {
			return err
		}
		if err := joinGroups(ctx, tx.st, a, i.Groups); err != nil {
			return err
		}
	} else if *a, err = s.takeOver(ctx, tx, i, in, hash); err != nil {
		return err
	}
	return s.Audit(ctx, tx, &Principal{Kind: KindUser, User: a.User}, "invitation.accept", string(a.ID),
		map[string]any{
			"invitation": i.ID, "inviter": i.Inviter, "roles": a.RoleNames(),
		})
}

// joinGroups makes a new account a member of those groups that are still there.
func joinGroups(ctx context.Context, st Store, a *Account, ids []GroupID) error {
	groups, err := groupsByID(ctx, st, ids)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if _, err := st.AddMember(ctx, g.ID, a.ID); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		a.Groups = append(a.Groups, GroupRef{g.ID, g.Name})
	}
	return nil
}

// takeOver hands an account that a manager made to the person.
func (s *Service) takeOver(ctx context.Context, tx Tx, i Invitation, in Acceptance, hash string) (Account, error) {
	var before Account
	a, err := tx.st.UpdateAccount(ctx, i.User, func(a *Account) error {
		if !i.opens(*a) {
			return ErrInvitationInvalid
		}
		before = *a
		a.EmailVerified = a.EmailVerified || i.Mailed
		a.PasswordHash, a.UpdatedAt = hash, s.now()
		return s.personalise(a, in)
	})
	if err != nil {
		return a, err
	}
	if a.UsernameKey != before.UsernameKey {
		if err := s.checkReserved(ctx, tx.st, a); err != nil {
			return a, err
		}
	}
	if _, err := tx.st.DeleteSessions(ctx, a.ID, ""); err != nil {
		return a, err
	}
	// whoever made the account may have made tokens, too
	if _, err := tx.st.DeleteAPITokens(ctx, Holder{User: a.ID}, ""); err != nil {
		return a, err
	}
	return a, s.cfg.Hooks.userUpdated(ctx, tx, before.User, a.User)
}
