package auth

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/token"
)

// Store is all that this package asks of a database. A driver stores, finds and
// guarantees atomicity; every rule lives in Service.
//
// Methods are safe for concurrent use. Times are UTC in whole microseconds, both
// ways. Values that are returned share no memory with the store. A method that
// finds nothing returns ErrNotFound unless its comment says otherwise. A method
// that reports a conflict leaves a surrounding transaction usable. A database that
// can't be reached, or can't write now, is ErrUnavailable; a context that ends is
// that context's error.
//
// Stored text is data, JSON included: a driver keeps any valid UTF-8 without NUL as it is. An
// id, a key or a token hash that is taken already is an error, and an id that is no UUID finds
// nothing.
type Store interface {
	// Tx runs fn in a transaction: commit on nil, roll back on error or panic. In fn
	// only the store handed in may be used. Nested calls are savepoints. The outermost
	// call runs fn again when the database reports a serialization failure or a
	// deadlock, so fn must be safe to run twice; after several losses it is
	// ErrSerialization.
	Tx(ctx context.Context, fn func(Store) error) error
	// Handle is what statements of the host run on in this transaction, in a type of the
	// driver's. nil outside of a transaction, and for stores that have none.
	Handle() any

	// Accounts.

	// CreateAccount adds a with its roles; Groups and Grants are not written. ErrUsernameTaken,
	// ErrEmailTaken or ErrExternalIDTaken when another account has the same non-empty
	// UsernameKey, EmailKey or ExternalID; then nothing is stored.
	CreateAccount(ctx context.Context, a Account) error
	// Account finds by id, roles included.
	Account(ctx context.Context, id UserID) (Account, error)
	// AccountByLogin finds by key: an EmailKey when the key has an "@", else a UsernameKey.
	AccountByLogin(ctx context.Context, key string) (Account, error)
	// UpdateAccount reads the account, locks it, lets edit change it and writes it, all or
	// nothing; an error of edit is returned as it is and nothing is written. ID, CreatedAt,
	// Roles, Groups and Grants are not written. edit may run twice. Conflicts as in
	// CreateAccount.
	UpdateAccount(ctx context.Context, id UserID, edit func(*Account) error) (Account, error)
	// DeleteAccount removes the account, its roles, memberships, sessions, refresh and API
	// tokens, and its flows and invitations. Logins stay.
	DeleteAccount(ctx context.Context, id UserID) error
	// Users lists by id ascending, roles included.
	Users(ctx context.Context, q UserQuery) ([]User, error)

	// Roles that users hold directly, and locks.

	// AddRole gives a role; false when the user held it already. ErrNotFound without such a
	// user.
	AddRole(ctx context.Context, id UserID, role RoleID) (added bool, err error)
	// RemoveRole takes a role; false when the user did not hold it.
	RemoveRole(ctx context.Context, id UserID, role RoleID) (removed bool, err error)
	// HasActiveHolder tells whether an active user other than except holds the role directly.
	// except may be empty.
	HasActiveHolder(ctx context.Context, role RoleID, except UserID) (bool, error)
	// Lock makes transactions that lock the same name run one after the other, until
	// each ends. Only inside Tx. What the transaction reads afterwards includes what
	// the earlier ones committed.
	Lock(ctx context.Context, name string) error

	// Roles that are made at run time. Role.BuiltIn is not stored.

	// CreateRole adds a role. ErrNameTaken when another has its name.
	CreateRole(ctx context.Context, r Role) error
	// Role finds by id or, for a text that is no UUID, by name.
	Role(ctx context.Context, ref string) (Role, error)
	// RoleDefinitions lists all by name.
	RoleDefinitions(ctx context.Context) ([]Role, error)
	// UpdateRole reads, locks, edits and writes a role. Description and Scopes are written,
	// nothing else. edit may run twice; its error is returned as it is.
	UpdateRole(ctx context.Context, id RoleID, edit func(*Role) error) (Role, error)
	// DeleteRole removes a role, from all that hold it too.
	DeleteRole(ctx context.Context, id RoleID) error
	// RoleAssigned tells whether a user, a group or a service holds the role.
	RoleAssigned(ctx context.Context, id RoleID) (bool, error)

	// Groups.

	// CreateGroup adds a group, without roles and members. ErrNameTaken when another has its
	// NameKey.
	CreateGroup(ctx context.Context, g Group) error
	// Group finds by id or, for a text that is no UUID, by NameKey; roles and the number of
	// members included.
	Group(ctx context.Context, ref string) (Group, error)
	// Groups lists by id ascending, roles and the number of members included.
	Groups(ctx context.Context, q GroupQuery) ([]Group, error)
	// UpdateGroup reads, locks, edits and writes a group. Name, NameKey and Description are
	// written, nothing else. edit may run twice; its error is returned as it is. ErrNameTaken
	// as in CreateGroup.
	UpdateGroup(ctx context.Context, id GroupID, edit func(*Group) error) (Group, error)
	// DeleteGroup removes a group with its memberships and roles.
	DeleteGroup(ctx context.Context, id GroupID) error

	// Members and roles of groups.

	// AddMember adds a user; false when they were in it already. ErrNotFound without such a
	// group or user.
	AddMember(ctx context.Context, g GroupID, u UserID) (added bool, err error)
	// RemoveMember removes a user; false when they were not in it.
	RemoveMember(ctx context.Context, g GroupID, u UserID) (removed bool, err error)
	// AddGroupRole gives a role; false when the group held it already. ErrNotFound without such
	// a group.
	AddGroupRole(ctx context.Context, g GroupID, r RoleID) (added bool, err error)
	// RemoveGroupRole takes a role; false when the group did not hold it.
	RemoveGroupRole(ctx context.Context, g GroupID, r RoleID) (removed bool, err error)

	// Services and their roles.

	// CreateService adds a service, without roles. ErrNameTaken when another has its NameKey.
	CreateService(ctx context.Context, v ServiceAccount) error
	// Service finds by id or, for a text that is no UUID, by NameKey; roles included.
	Service(ctx context.Context, ref string) (ServiceAccount, error)
	// Services lists by id ascending, roles included.
	Services(ctx context.Context, q ServiceQuery) ([]ServiceAccount, error)
	// UpdateService reads, locks, edits and writes a service. Name, NameKey, Description and
	// Status are written, nothing else. edit may run twice; its error is returned as it is.
	// ErrNameTaken as in CreateService.
	UpdateService(ctx context.Context, id ServiceID, edit func(*ServiceAccount) error) (ServiceAccount, error)
	// DeleteService removes a service with its roles and API tokens.
	DeleteService(ctx context.Context, id ServiceID) error
	// AddServiceRole gives a role; false when the service held it already. ErrNotFound without
	// such a service.
	AddServiceRole(ctx context.Context, id ServiceID, r RoleID) (added bool, err error)
	// RemoveServiceRole takes a role; false when the service did not hold it.
	RemoveServiceRole(ctx context.Context, id ServiceID, r RoleID) (removed bool, err error)

	// API tokens.

	// AddAPIToken adds a token. ErrNotFound without its owner.
	AddAPIToken(ctx context.Context, t APIToken) error
	// APITokenUse finds a token by its hash with its owner, in one statement. Expiry and status
	// are the caller's to judge.
	APITokenUse(ctx context.Context, h token.Hash) (APITokenUse, error)
	// APITokens lists an owner's, newest (greatest id) first.
	APITokens(ctx context.Context, q APITokenQuery) ([]APIToken, error)
	// TouchAPIToken sets LastUsedAt unless it is later already. No error if the token is gone.
	TouchAPIToken(ctx context.Context, id APITokenID, at time.Time) error
	// DeleteAPITokens removes one token of an owner, or all for an empty id, and says how many.
	DeleteAPITokens(ctx context.Context, owner Holder, id APITokenID) (int, error)
	// DeleteExpiredAPITokens removes up to limit tokens that expired at or before t, and says
	// how many.
	DeleteExpiredAPITokens(ctx context.Context, t time.Time, limit int) (int, error)

	// Usernames that rest after being freed.

	// ReserveUsername keeps a freed canonical username for its last holder until the given
	// time. A later reservation of the same key replaces the earlier one.
	ReserveUsername(ctx context.Context, key string, holder UserID, until time.Time) error
	// UsernameReserved tells whether the key is reserved at now for anybody but id.
	UsernameReserved(ctx context.Context, key string, id UserID, now time.Time) (bool, error)
	// DeleteExpiredReservations removes up to limit reservations that ended at or before t, and
	// says how many.
	DeleteExpiredReservations(ctx context.Context, t time.Time, limit int) (int, error)

	// The two ends of a sign-in, each made for few statements.

	// ReadSignIn finds the account as AccountByLogin does, roles included, and the
	// settings, in one statement. An unknown or empty key is not an error.
	ReadSignIn(ctx context.Context, key string) (SignInRead, error)
	// CompleteSignIn sets NewHash and LastLoginAt (to Login.At) of Session.User if that user is
	// active and still has OldHash, and adds session and login, all in three statements; else
	// it is ErrStale and nothing is stored.
	CompleteSignIn(ctx context.Context, in SignIn) error

	// Sessions. One that has ended is gone, and with it its flows and device grants.

	// ActorBySession finds a session by id with its user, in one statement. Expiry and status
	// are the caller's to judge.
	ActorBySession(ctx context.Context, id SessionID) (Actor, error)
	// ActorByToken finds a session by its TokenHash with its user, in one statement.
	ActorByToken(ctx context.Context, h token.Hash) (Actor, error)
	// Sessions lists a user's unexpired sessions, newest (greatest id) first.
	Sessions(ctx context.Context, q SessionQuery) ([]Session, error)
	// UpdateSession reads, locks, edits and writes a session. LastSeenAt, ProvedAt, ExpiresAt,
	// TokenHash and Scopes are written, nothing else. edit may run twice; its error is returned
	// as it is.
	UpdateSession(ctx context.Context, id SessionID, edit func(*Session) error) (Session, error)
	// TouchSession sets LastSeenAt and ExpiresAt unless LastSeenAt is later already. No error
	// if the session is gone.
	TouchSession(ctx context.Context, id SessionID, seen, expires time.Time) error
	// DeleteSession ends one session of a user.
	DeleteSession(ctx context.Context, user UserID, id SessionID) error

	// The consumed refresh tokens of a session, which end with it; the newest one is the
	// session's TokenHash. And the end of many sessions at once.

	// RefreshToken finds the session whose newest token or one of whose consumed tokens has the
	// hash, with its user, in one statement.
	RefreshToken(ctx context.Context, h token.Hash) (RefreshUse, error)
	// RotateRefresh moves a session on by one conditional update: the session gets Next as
	// TokenHash, Generation From+1, Replays 0, LastSeenAt Now, ExpiresAt and Scopes. The hash
	// it had is kept as consumed at Now. False, and nothing stored, when Generation is not From
	// any more or the session has ended. Two statements.
	RotateRefresh(ctx context.Context, r Rotation) (won bool, err error)
	// CountReplay counts one grace use of the token before generation newest by one conditional
	// update. False when newest is not the newest any more, the session has ended, or limit
	// uses were counted.
	CountReplay(ctx context.Context, id SessionID, newest, limit int) (ok bool, err error)
	// DeleteSessions ends all sessions of a user except one (which may be empty), and says how
	// many.
	DeleteSessions(ctx context.Context, user UserID, except SessionID) (int, error)
	// DeleteExpiredSessions removes up to limit sessions that expired at or before t, and says
	// how many.
	DeleteExpiredSessions(ctx context.Context, t time.Time, limit int) (int, error)

	// The login history.

	// AddLogin records one attempt.
	AddLogin(ctx context.Context, l Login) error
	// Login finds by id.
	Login(ctx context.Context, id LoginID) (Login, error)
	// Logins lists newest (greatest id) first.
	Logins(ctx context.Context, q LoginQuery) ([]Login, error)
	// DeleteLogins removes all logins of a user.
	DeleteLogins(ctx context.Context, user UserID) error
	// AnonymizeLogins clears user, address, agent and session of all logins of a user.
	AnonymizeLogins(ctx context.Context, user UserID) error
	// DeleteLoginsBefore removes up to limit logins older than t, and says how many.
	DeleteLoginsBefore(ctx context.Context, t time.Time, limit int) (int, error)

	// Limits is the store of tries, bound to the same transaction.
	Limits() limit.Store

	// A few named documents: the settings, and the fingerprint of the secret.

	// Value reads; ErrNotFound without one.
	Value(ctx context.Context, name string) (string, error)
	// InitValue stores the value unless the name has one, and returns what is stored then.
	// Of concurrent calls one wins and all return its value.
	InitValue(ctx context.Context, name, value string) (stored string, err error)
	// UpdateValue reads ("" without one), locks, edits and writes. edit may run twice; its
	// error is returned as it is and nothing is written.
	UpdateValue(ctx context.Context, name string, edit func(old string) (string, error)) error

	// KeyStore is the store of signing keys, bound to the same transaction.
	KeyStore() token.KeyStore

	// Hashes of set-up tokens.

	// AddSetUpToken adds one.
	AddSetUpToken(ctx context.Context, h token.Hash, at time.Time) error
	// HasSetUpToken tells whether it was added and not deleted.
	HasSetUpToken(ctx context.Context, h token.Hash) (bool, error)
	// DeleteSetUpTokens removes all.
	DeleteSetUpTokens(ctx context.Context) error

	// The record of every change of rights, policy and credentials.

	// AddAudit adds one record.
	AddAudit(ctx context.Context, r AuditRecord) error
	// Audits lists newest (greatest id) first.
	Audits(ctx context.Context, q AuditQuery) ([]AuditRecord, error)
	// DeleteAuditsBefore removes up to limit records older than t, and says how many.
	DeleteAuditsBefore(ctx context.Context, t time.Time, limit int) (int, error)

	// Invitations.

	// AddInvitation adds one. ErrNotFound when its user or inviter does not exist (any more).
	AddInvitation(ctx context.Context, i Invitation) error
	// InvitationByToken finds by the hash of the token. Expiry is the caller's to judge.
	InvitationByToken(ctx context.Context, h token.Hash) (Invitation, error)
	// Invitations lists by id ascending.
	Invitations(ctx context.Context, q InvitationQuery) ([]Invitation, error)
	// UseInvitation removes an invitation that expires after now by one conditional statement.
	// Of concurrent calls one wins.
	UseInvitation(ctx context.Context, id InvitationID, now time.Time) (won bool, err error)
	// DeleteInvitation removes one, expired or not.
	DeleteInvitation(ctx context.Context, id InvitationID) error
	// DeleteExpiredInvitations removes up to limit invitations that expired at or before t, and
	// says how many.
	DeleteExpiredInvitations(ctx context.Context, t time.Time, limit int) (int, error)

	// Rooms below this package.

	// Flows is the store of flows of email codes, bound to the same transaction.
	Flows() emailcode.Store
	// Outbox is the store of mail, in the same transaction.
	Outbox() mail.Store
}

// SignInRead is what a sign-in has to know before it verifies anything.
type SignInRead struct {
	Account  Account
	Found    bool   // whether such an account exists
	Settings string // the value named "settings"; empty without one
}

// SignIn is the conditional write that ends a sign-in.
type SignIn struct {
	OldHash string // the password hash that was verified
	NewHash string // the same, or its replacement at today's parameters
	Login   Login  // of Session.User
	Session Session
}
