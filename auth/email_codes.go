package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// CodeMarker returns the Marker with which packages that show codes of their own, such as
// auth/device, hash them for the store.
func (s *Service) CodeMarker() emailcode.Marker { return emailcode.NewMarker(s.keys.codes) }

// flows returns the flows in a store.
func (s *Service) flows(st Store) emailcode.Flows {
	return emailcode.NewFlows(st.Flows(), s.CodeMarker(), s.now)
}

// BeginEmailCode begins a flow for any purpose but emailcode.ChangeEmail, which has
// BeginEmailChange. It mails a code if the address has an account, or if the purpose is to sign
// in and the policy lets an account be made. An address that got too many mails gets none.
// Neither the answer nor the time that it takes shows whether mail was sent.
//
// It returns ErrNoMailer without a mailer, a FieldsError for bad input, ErrMethodOff if the
// settings do not allow the purpose, and a LimitError if the caller's network asks too often.
func (s *Service) BeginEmailCode(
	ctx context.Context, email string, purpose emailcode.Purpose, c Client,
) (emailcode.Started, error) {
	if !s.HasMailer() {
		return emailcode.Started{}, ErrNoMailer
	}
	var f FieldsError
	key := checkEmail(&f, email)
	oneOf(&f, "purpose", purpose, emailcode.SignIn, emailcode.VerifyEmail, emailcode.ResetPassword)
	if err := f.Err(); err != nil {
		return emailcode.Started{}, err
	}
	read, settings, err := s.readAddress(ctx, key)
	if err != nil {
		return emailcode.Started{}, err
	}
	if purpose == emailcode.SignIn && !slices.Contains(settings.SignInMethods, MethodEmailCode) ||
		purpose == emailcode.ResetPassword && !slices.Contains(settings.SignInMethods, MethodPassword) {
		return emailcode.Started{}, ErrMethodOff
	}
	start := flowStart{
		Request: emailcode.Request{
			Purpose: purpose, Email: email, EmailKey: key,
		}, client: c, settings: settings,
	}
	if a := read.Account; a.ID != "" { // to the address as the account has it and not as it was typed
		start.User, start.Email = string(a.ID), a.Email
	}
	start.Decoy = !read.Found && (purpose != emailcode.SignIn || !s.makesAccounts(settings, key))
	return s.beginFlow(ctx, start)
}

// checkEmail returns the canonical form of an address, or notes what is wrong with it.
func checkEmail(f *FieldsError, addr string) string {
	key, ok := mail.Canonical(addr)
	switch {
	case addr == "":
		f.Add("email", CodeRequired, "An email address is required.")
	case len(addr) > mail.MaxAddress:
		f.Add("email", CodeTooLong, "An email address has at most 254 characters.")
	case !ok:
		f.Add("email", CodeInvalid, "Give one plain address such as ada@example.org.")
	}
	return key
}

// readAddress finds the account with an address, and the settings, in one statement.
func (s *Service) readAddress(ctx context.Context, key string) (SignInRead, policy.Settings, error) {
	read, err := s.st.ReadSignIn(ctx, key)
	if err != nil {
		return read, policy.Settings{}, err
	}
	settings, err := s.parseSettings(read.Settings)
	return read, settings, err
}

// makesAccounts reports whether signing in by a code may make the account with this address.
// Where usernames are required it may not, since nobody is asked for one.
func (s *Service) makesAccounts(settings policy.Settings, key string) bool {
	_, err := s.signUpStatus(settings, UserInput{})
	return err == nil && settings.Admits(key) && s.cfg.Identifiers.Username != policy.Required &&
		s.cfg.Identifiers.Email != policy.Off
}

// flowStart describes a flow that is to begin.
type flowStart struct {
	emailcode.Request
	owner    string // who has the address of a decoy, and is told; empty for nobody
	client   Client
	settings policy.Settings
	also     func(ctx context.Context, tx Tx) error // in the transaction; nil for nothing
}

// beginFlow stores a flow and its mail. A decoy costs the same: its mail is stored too, and is
// dropped when it would be sent.
func (s *Service) beginFlow(ctx context.Context, in flowStart) (emailcode.Started, error) {
	i, err := s.flows(s.st).Begin(ctx, flowBudgets{s, in.client}, in.Request)
	if err != nil {
		return emailcode.Started{}, err
	}
	l := s.codeLetter(i, in.client, in.settings)
	if in.owner != "" {
		l.Kind, l.To, l.Code, l.Link, l.Decoy = mail.AccountExists, in.owner, "", "", false
	}
	l.Decoy = l.Decoy || !i.MayMail
	store := func(tx Tx) error {
		if err := s.flows(tx.st).Add(ctx, i); err != nil {
			return err
		}
		if in.also != nil && i.MayMail {
			if err := in.also(ctx, tx); err != nil {
				return err
			}
		}
		return s.Post(ctx, tx, l)
	}
	err = s.Tx(ctx, store)
	// the account is gone by now, and the caller must not learn that here
	if errors.Is(err, emailcode.ErrNotFound) && i.Flow.Session == "" {
		i.Flow.User, i.Flow.Decoy, l.Decoy = "", true, true
		err = s.Tx(ctx, store)
	}
	if errors.Is(err, emailcode.ErrNotFound) {
		err = ErrTokenInvalid // the session did
	}
	if err != nil {
		return emailcode.Started{}, fmt.Errorf("begin flow: %w", err)
	}
	return i.Started, nil
}

// codeLetter returns the letter with the code and the link of a flow.
func (s *Service) codeLetter(i emailcode.Issue, c Client, settings policy.Settings) mail.Letter {
	f := i.Flow
	l := mail.Letter{
		Kind: mail.Kind(f.Purpose), To: f.Email, Code: i.Code, IP: address(settings, c), Site: settings.SiteName,
		Life: emailcode.Life, Decoy: f.Decoy,
	}
	if !i.Link.IsZero() {
		l.Link = tokenLink(pageFor(s.cfg.Links, f.Purpose), i.Link.Reveal(), string(f.Purpose))
	}
	return l
}

// ResendEmailCode mails a new code and link for a flow. The old ones stop working; earlier
// tries still count. If it is too soon, or too many were mailed, nothing is mailed, and
// Started.ResendAfter says how long to wait. It returns ErrNoMailer without a mailer,
// ErrBadCredentials if there is no such flow or the secret is another, and a LimitError if the
// caller's network asks too often.
func (s *Service) ResendEmailCode(
	ctx context.Context, id emailcode.FlowID, flowSecret string, c Client,
) (emailcode.Started, error) {
	if !s.HasMailer() {
		return emailcode.Started{}, ErrNoMailer
	}
	i, err := s.flows(s.st).Resend(ctx, flowBudgets{s, c}, id, flowSecret)
	if err != nil {
		return emailcode.Started{}, flowError(err)
	}
	if !i.MayMail {
		return i.Started, nil
	}
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return emailcode.Started{}, err
	}
	l := s.codeLetter(i, c, settings)
	err = s.Tx(ctx, func(tx Tx) error {
		won, err := s.flows(tx.st).Renew(ctx, i)
		if err != nil || !won {
			return err // somebody else was faster: their mail is on its way
		}
		return s.Post(ctx, tx, l)
	})
	if err != nil {
		return emailcode.Started{}, fmt.Errorf("renew flow: %w", err)
	}
	return i.Started, nil
}

// flowBudgets are the budgets of flows for one client.
type flowBudgets struct {
	s      *Service
	client Client
}

// TakeRequest implements emailcode.Budgets.
func (b flowBudgets) TakeRequest(ctx context.Context) error {
	return b.s.limits.Take(ctx, b.s.limits.MailNetwork(b.client.Network()))
}

// TakeMail implements emailcode.Budgets.
func (b flowBudgets) TakeMail(ctx context.Context, f emailcode.Flow) (bool, error) {
	return b.s.mayMail(ctx, f.EmailKey, UserID(f.User), b.client)
}

// TakeCode implements emailcode.Budgets.
func (b flowBudgets) TakeCode(ctx context.Context, f emailcode.Flow) error {
	return b.s.limits.Take(ctx, b.code(f))
}

// GiveBackCode implements emailcode.Budgets.
func (b flowBudgets) GiveBackCode(ctx context.Context, f emailcode.Flow) {
	b.s.limits.GiveBack(ctx, b.code(f))
}

// code returns the try that a typed code takes. It is one of the address, over all its flows. A
// flow of a signed-in person, and a device that signed in to the account before, have buckets
// of their own, so that strangers can't use them up. If the bucket is empty, the mailed link
// still works.
func (b flowBudgets) code(f emailcode.Flow) limit.Take {
	switch {
	case f.Session != "":
		return b.s.limits.CodesOfSessions(f.User)
	case b.s.knownDevice(UserID(f.User), b.client.Device):
		return b.s.limits.CodesOfDevices(f.User)
	}
	return b.s.limits.Codes(f.EmailKey)
}

// mayMail takes the tries of a mail to an address. A device that signed in to the account
// before has its own tries, so that strangers can't keep the owner from getting mail.
func (s *Service) mayMail(ctx context.Context, key string, user UserID, c Client) (bool, error) {
	short, long := s.limits.Mail(key), s.limits.MailLong(key)
	if s.knownDevice(user, c.Device) {
		short, long = s.limits.MailOfDevices(string(user)), s.limits.MailOfDevicesLong(string(user))
	}
	err := s.limits.Take(ctx, short, long)
	if errors.Is(err, ErrTooManyAttempts) {
		return false, nil
	}
	return err == nil, err
}
