package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"

	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/auth/token"
)

// StartedFlow is what whoever asks for a code gets. It looks the same for every address.
type StartedFlow struct {
	ID          FlowID
	Secret      token.Secret  // goes with each code; zero after ResendEmailCode
	ExpiresIn   time.Duration // of the code
	ResendAfter time.Duration // until another mail can be asked for
}

// EmailCodeRequest asks for a code.
type EmailCodeRequest struct {
	Email   string
	Purpose Purpose // all but change_email, which BeginEmailChange begins
	Client  Client
}

// BeginEmailCode begins a flow: a code is mailed, if the address has an account, or for signing
// in if the policy lets one be made. The answer, and the time that it takes, tell nothing of
// that. An address that got too many mails gets none and is not told apart either.
//
// ErrNoMailer, a FieldsError, ErrMethodOff, or a LimitError for the caller's network.
func (s *Service) BeginEmailCode(ctx context.Context, in EmailCodeRequest) (StartedFlow, error) {
	if !s.HasMailer() {
		return StartedFlow{}, ErrNoMailer
	}
	var f FieldsError
	key := checkEmail(&f, in.Email)
	oneOf(&f, "purpose", in.Purpose, PurposeSignIn, PurposeVerifyEmail, PurposeResetPassword)
	if err := f.Err(); err != nil {
		return StartedFlow{}, err
	}
	read, settings, err := s.readAddress(ctx, key)
	if err != nil {
		return StartedFlow{}, err
	}
	if in.Purpose == PurposeSignIn && !slices.Contains(settings.SignInMethods, MethodEmailCode) ||
		in.Purpose == PurposeResetPassword && !slices.Contains(settings.SignInMethods, MethodPassword) {
		return StartedFlow{}, ErrMethodOff
	}
	start := flowStart{purpose: in.Purpose, email: in.Email, key: key, client: in.Client, settings: settings}
	start.of(read.Account)
	start.decoy = !read.Found && (in.Purpose != PurposeSignIn || !s.makesAccounts(settings, key))
	return s.beginFlow(ctx, start)
}

// checkEmail returns the canonical form of an address, or notes what is wrong with it.
func checkEmail(f *FieldsError, addr string) string {
	key, ok := EmailKey(addr)
	switch {
	case addr == "":
		f.Add("email", CodeRequired, "An email address is required.")
	case len(addr) > maxEmail:
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

// makesAccounts tells whether signing in by a code may make the account with this address:
// nobody is asked for a username there.
func (s *Service) makesAccounts(settings policy.Settings, key string) bool {
	_, err := s.signUpStatus(settings, UserInput{})
	return err == nil && settings.Admits(key) && s.cfg.Identifiers.Username != policy.Required && s.cfg.Identifiers.Email != policy.Off
}

// flowStart is a flow that is to begin.
type flowStart struct {
	purpose    Purpose
	email, key string // where the code goes
	user       UserID
	session    SessionID
	signUp     json.RawMessage
	decoy      bool
	owner      string // who has the address of a decoy, and is told; empty for nobody
	client     Client
	settings   policy.Settings
	also       func(ctx context.Context, tx Tx) error // in the transaction; nil for nothing
}

// of makes it the flow of an account, to the address as the account has it and not as it was
// typed.
func (in *flowStart) of(a Account) {
	if a.ID != "" {
		in.user, in.email = a.ID, a.Email
	}
}

// beginFlow stores a flow and its mail. A decoy costs the same: its mail is stored as well, and
// dropped when it would be sent.
func (s *Service) beginFlow(ctx context.Context, in flowStart) (StartedFlow, error) {
	if err := s.limits.Take(ctx, s.limits.MailNetwork(in.client.Network())); err != nil {
		return StartedFlow{}, err
	}
	mailed, err := s.mayMail(ctx, in.key, in.user, in.client)
	if err != nil {
		return StartedFlow{}, err
	}
	now := s.now()
	secret, link, code := token.New(token.Flow), token.New(token.Flow), emailcode.New()
	f := Flow{
		ID: FlowID(newID(now)), Secret: secret.Hash(), Purpose: in.purpose, Email: in.email, EmailKey: in.key,
		User: in.user, Session: in.session,
		SignUp: in.signUp, Decoy: in.decoy, Sends: 1, SentAt: now, CreatedAt: now, ExpiresAt: now.Add(CodeLife),
	}
	l := s.codeLetter(&f, link, code, in.client, in.settings)
	if in.owner != "" {
		l.Kind, l.To, l.Code, l.Link, l.Decoy = mail.AccountExists, in.owner, "", "", false
	}
	l.Decoy = l.Decoy || !mailed
	store := func(tx Tx) error {
		if err := tx.st.AddFlow(ctx, f); err != nil {
			return err
		}
		if in.also != nil && mailed {
			if err := in.also(ctx, tx); err != nil {
				return err
			}
		}
		return s.Post(ctx, tx, l)
	}
	err = s.Tx(ctx, store)
	// the account went away meanwhile, which is nobody's to learn here
	if errors.Is(err, ErrNotFound) && f.Session == "" {
		f.User, f.Decoy, l.Decoy = "", true, true
		err = s.Tx(ctx, store)
	}
	if errors.Is(err, ErrNotFound) {
		err = ErrTokenInvalid // the session did
	}
	if err != nil {
		return StartedFlow{}, fmt.Errorf("begin flow: %w", err)
	}
	return StartedFlow{ID: f.ID, Secret: secret, ExpiresIn: CodeLife, ResendAfter: ResendAfter}, nil
}

// codeLetter puts a code and a link into a flow and writes the mail with both.
func (s *Service) codeLetter(f *Flow, link token.Secret, code string, c Client, settings policy.Settings) mail.Letter {
	f.Code = s.flowCode(code, *f)
	l := mail.Letter{
		Kind: mail.Kind(f.Purpose), To: f.Email, Code: emailcode.Show(code), IP: address(settings, c), Site: settings.SiteName,
		Life: CodeLife, Decoy: f.Decoy,
	}
	if page := pageFor(s.cfg.Links, f.Purpose); page != "" {
		f.Link, l.Link = link.Hash(), tokenLink(page, link.Reveal(), string(f.Purpose))
	}
	return l
}

// mayMail takes the tries of a mail to an address: those of the address, or of the account's
// devices, so that a stranger who uses up the ones does not keep its owner from getting mail.
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

// ResendEmailCode mails another code of a flow; the one before counts no more, and tries that
// were made stay counted. Too soon after the last mail, or after too many, nothing is mailed,
// and the answer says how long to wait. ErrBadCredentials for a flow that does not exist (any
// more) or another secret.
func (s *Service) ResendEmailCode(ctx context.Context, id FlowID, flowSecret string, c Client) (StartedFlow, error) {
	if !s.HasMailer() {
		return StartedFlow{}, ErrNoMailer
	}
	secret, err := token.Parse(token.Flow, flowSecret)
	if err != nil || !IsID(string(id)) {
		return StartedFlow{}, ErrBadCredentials
	}
	if err := s.limits.Take(ctx, s.limits.MailNetwork(c.Network())); err != nil {
		return StartedFlow{}, err
	}
	f, err := s.st.Flow(ctx, id)
	if errors.Is(err, ErrNotFound) {
		err = ErrBadCredentials
	}
	if err != nil {
		return StartedFlow{}, err
	}
	now := s.now()
	if !sameHash(f.Secret, secret.Hash()) || !now.Before(f.ExpiresAt) || f.Email == "" {
		return StartedFlow{}, ErrBadCredentials
	}
	out := StartedFlow{ID: id, ExpiresIn: f.ExpiresAt.Sub(now), ResendAfter: f.SentAt.Add(ResendAfter).Sub(now)}
	if out.ResendAfter > 0 || f.Sends >= CodeSends || f.Tries >= CodeTries {
		out.ResendAfter = max(out.ResendAfter, time.Second)
		return out, nil
	}
	out.ResendAfter = ResendAfter
	mailed, err := s.mayMail(ctx, f.EmailKey, f.User, c)
	if err != nil || !mailed {
		return out, err
	}
	out.ExpiresIn = CodeLife
	return out, s.renewFlow(ctx, f, c)
}

// renewFlow gives a flow another code and mails it.
func (s *Service) renewFlow(ctx context.Context, f Flow, c Client) error {
	set, err := s.settings(ctx, s.st)
	if err != nil {
		return err
	}
	now := s.now()
	f.ExpiresAt = now.Add(CodeLife)
	l := s.codeLetter(&f, token.New(token.Flow), emailcode.New(), c, set)
	err = s.Tx(ctx, func(tx Tx) error {
		won, err := tx.st.RenewFlow(
			ctx, FlowRenewal{ID: f.ID, Code: f.Code, Link: f.Link, Sends: f.Sends, SentAt: now, ExpiresAt: f.ExpiresAt},
		)
		if err != nil || !won {
			return err // somebody else was faster: their mail is on its way
		}
		return s.Post(ctx, tx, l)
	})
	if err != nil {
		return fmt.Errorf("renew flow: %w", err)
	}
	return nil
}
