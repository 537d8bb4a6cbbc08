package auth

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/token"
)

// Store is the database of this package. A driver stores, finds and guarantees atomicity. Every
// rule is in Service.
//
// Methods are safe for concurrent use. All times, given and returned, are UTC in whole
// microseconds. Returned values share no memory with the store. A method that finds nothing
// returns ErrNotFound unless its comment says otherwise. After a method has reported a
// conflict, the surrounding transaction can still be used. ErrUnavailable means that the
// database can't be reached, or can't write now. If a context ends, its error is returned.
//
// Stored text is data, including JSON: a driver keeps any valid UTF-8 without NUL unchanged.
// Adding an id, a key or a token hash that exists already is an error. An id that is not a UUID
// finds nothing.
type Store interface {
	// Tx runs fn in a transaction. It commits if fn returns nil, and rolls back if fn returns
	// an error or panics. fn uses only the store that it gets. A nested call is a savepoint.
	// The outermost call runs fn again after a serialization failure or a deadlock, so fn must
	// be safe to run twice. After several such failures Tx returns ErrSerialization.
	Tx(ctx context.Context, fn func(Store) error) error
	// Handle returns what the host runs its own statements on in this transaction; its type
	// depends on the driver. It returns nil outside of a transaction, and for stores that have
	// no handle.
	Handle() any

	// Accounts.

	// CreateAccount adds a and its roles. It ignores Groups and Grants. It returns
	// ErrUsernameTaken, ErrEmailTaken or ErrExternalIDTaken, and stores nothing, if another
	// account has the same non-empty UsernameKey, EmailKey or ExternalID.
	CreateAccount(ctx context.Context, a Account) error
	// Account finds an account by id, with its roles.
	Account(ctx context.Context, id UserID) (Account, error)
	// AccountByLogin finds an account by EmailKey if key has an "@", and otherwise by
	// UsernameKey.
	AccountByLogin(ctx context.Context, key string) (Account, error)
	// UpdateAccount reads and locks an account, calls edit to change it, and writes it. It does
	// not write ID, CreatedAt, Roles, Groups and Grants. edit may run twice. If edit fails,
	// nothing is written and its error is returned unchanged. Conflicts are those of
	// CreateAccount.
	UpdateAccount(ctx context.Context, id UserID, edit func(*Account) error) (Account, error)
	// DeleteAccount deletes an account, its roles, memberships, sessions, refresh tokens, API
	// tokens, flows and invitations. Logins stay.
	DeleteAccount(ctx context.Context, id UserID) error
	// Users lists users by id ascending, with their roles.
	Users(ctx context.Context, q UserQuery) ([]User, error)

	// Roles that users hold directly, and locks.

	// AddRole gives a user a role. added is false if the user held it already. It returns
	// ErrNotFound if there is no such user.
	AddRole(ctx context.Context, id UserID, role RoleID) (added bool, err error)
	// RemoveRole takes a role from a user. removed is false if the user did not hold it.
	RemoveRole(ctx context.Context, id UserID, role RoleID) (removed bool, err error)
	// HasActiveHolder reports whether an active user other than except holds the role directly.
	// except may be empty.
	HasActiveHolder(ctx context.Context, role RoleID, except UserID) (bool, error)
	// Lock makes transactions that lock the same name run one after the other, until each ends.
	// It works only inside Tx. What the transaction reads afterwards includes what earlier
	// holders of the lock committed.
	Lock(ctx context.Context, name string) error

	// Roles made at run time. Role.BuiltIn is not stored.

	// CreateRole adds a role. It returns ErrNameTaken if another role has its name.
	CreateRole(ctx context.Context, r Role) error
	// Role finds a role by id if ref is a UUID, and otherwise by name.
	Role(ctx context.Context, ref string) (Role, error)
	// RoleDefinitions lists all roles by name.
	RoleDefinitions(ctx context.Context) ([]Role, error)
	// UpdateRole reads and locks a role, calls edit to change it, and writes Description and
	// Scopes, nothing else. edit may run twice. Its error is returned unchanged.
	UpdateRole(ctx context.Context, id RoleID, edit func(*Role) error) (Role, error)
	// DeleteRole deletes a role and takes it from everybody who holds it.
	DeleteRole(ctx context.Context, id RoleID) error
	// RoleAssigned reports whether a user, a group or a service holds the role.
	RoleAssigned(ctx context.Context, id RoleID) (bool, error)

	// Groups.

	// CreateGroup adds a group, without roles and members. It returns ErrNameTaken if another
	// group has its NameKey.
	CreateGroup(ctx context.Context, g Group) error
	// Group finds a group by id if ref is a UUID, and otherwise by NameKey. The result has its
	// roles and the number of its members.
	Group(ctx context.Context, ref string) (Group, error)
	// Groups lists groups by id ascending, with their roles and the number of their members.
	Groups(ctx context.Context, q GroupQuery) ([]Group, error)
	// UpdateGroup reads and locks a group, calls edit to change it, and writes Name, NameKey
	// and Description, nothing else. edit may run twice. Its error is returned unchanged. It
	// returns ErrNameTaken if another group has the new NameKey.
	UpdateGroup(ctx context.Context, id GroupID, edit func(*Group) error) (Group, error)
	// DeleteGroup deletes a group, its memberships and its roles.
	DeleteGroup(ctx context.Context, id GroupID) error

	// Members and roles of groups.

	// AddMember adds a user to a group. added is false if they were in it already. It returns
	// ErrNotFound if there is no such group or user.
	AddMember(ctx context.Context, g GroupID, u UserID) (added bool, err error)
	// RemoveMember removes a user from a group. removed is false if they were not in it.
	RemoveMember(ctx context.Context, g GroupID, u UserID) (removed bool, err error)
	// AddGroupRole gives a group a role. added is false if the group held it already. It
	// returns ErrNotFound if there is no such group.
	AddGroupRole(ctx context.Context, g GroupID, r RoleID) (added bool, err error)
	// RemoveGroupRole takes a role from a group. removed is false if the group did not hold it.
	RemoveGroupRole(ctx context.Context, g GroupID, r RoleID) (removed bool, err error)

	// Services and their roles.

	// CreateService adds a service, without roles. It returns ErrNameTaken if another service
	// has its NameKey.
	CreateService(ctx context.Context, v ServiceAccount) error
	// Service finds a service by id if ref is a UUID, and otherwise by NameKey. The result has
	// its roles.
	Service(ctx context.Context, ref string) (ServiceAccount, error)
	// Services lists services by id ascending, with their roles.
	Services(ctx context.Context, q ServiceQuery) ([]ServiceAccount, error)
	// UpdateService reads and locks a service, calls edit to change it, and writes Name,
	// NameKey, Description and Status, nothing else. edit may run twice. Its error is returned
	// unchanged. It returns ErrNameTaken if another service has the new NameKey.
	UpdateService(ctx context.Context, id ServiceID, edit func(*ServiceAccount) error) (ServiceAccount, error)
	// DeleteService deletes a service, its roles and its API tokens.
	DeleteService(ctx context.Context, id ServiceID) error
	// AddServiceRole gives a service a role. added is false if the service held it already. It
	// returns ErrNotFound if there is no such service.
	AddServiceRole(ctx context.Context, id ServiceID, r RoleID) (added bool, err error)
	// RemoveServiceRole takes a role from a service. removed is false if the service did not
	// hold it.
	RemoveServiceRole(ctx context.Context, id ServiceID, r RoleID) (removed bool, err error)

	// API tokens.

	// AddAPIToken adds a token. It returns ErrNotFound if its owner does not exist.
	AddAPIToken(ctx context.Context, t APIToken) error
	// APITokenUse finds a token by its hash, with its owner, in one statement. The caller
	// checks expiry and status.
	APITokenUse(ctx context.Context, h token.Hash) (APITokenUse, error)
	// APITokens lists the tokens of an owner, newest first (greatest id first).
	APITokens(ctx context.Context, q APITokenQuery) ([]APIToken, error)
	// TouchAPIToken sets LastUsedAt to at, unless it is later already. It returns no error if
	// the token is gone.
	TouchAPIToken(ctx context.Context, id APITokenID, at time.Time) error
	// DeleteAPITokens deletes one token of an owner, or all if id is empty, and returns how
	// many it deleted.
	DeleteAPITokens(ctx context.Context, owner Holder, id APITokenID) (int, error)
	// DeleteExpiredAPITokens deletes up to limit tokens that expired at t or before, and
	// returns how many.
	DeleteExpiredAPITokens(ctx context.Context, t time.Time, limit int) (int, error)

	// Reserved usernames.

	// ReserveUsername keeps a freed canonical username for its last holder until the given
	// time. It replaces an earlier reservation of the same key.
	ReserveUsername(ctx context.Context, key string, holder UserID, until time.Time) error
	// UsernameReserved reports whether the key is reserved, at the time now, for somebody other
	// than id.
	UsernameReserved(ctx context.Context, key string, id UserID, now time.Time) (bool, error)
	// DeleteExpiredReservations deletes up to limit reservations that ended at t or before, and
	// returns how many.
	DeleteExpiredReservations(ctx context.Context, t time.Time, limit int) (int, error)

	// The beginning and the end of a sign-in. Both take few statements.

	// ReadSignIn finds the account of key as AccountByLogin does, with its roles, and the
	// settings, in one statement. An unknown or empty key is not an error.
	ReadSignIn(ctx context.Context, key string) (SignInRead, error)
	// CompleteSignIn ends a sign-in in three statements. If the user Session.User is active and
	// their password hash is still OldHash, it sets the hash to NewHash and LastLoginAt to
	// Login.At, and adds Session and Login. Otherwise it stores nothing and returns ErrStale.
	CompleteSignIn(ctx context.Context, in SignIn) error

	// Sessions. When a session is deleted, its flows and device grants are deleted too.

	// ActorBySession finds a session by id, with its user, in one statement. The caller checks
	// expiry and status.
	ActorBySession(ctx context.Context, id SessionID) (Actor, error)
	// ActorByToken finds a session by its TokenHash, with its user, in one statement. The
	// caller checks expiry and status.
	ActorByToken(ctx context.Context, h token.Hash) (Actor, error)
	// Sessions lists a user's sessions that have not expired, newest first (greatest id first).
	Sessions(ctx context.Context, q SessionQuery) ([]Session, error)
	// UpdateSession reads and locks a session, calls edit to change it, and writes LastSeenAt,
	// ProvedAt, ExpiresAt, TokenHash and Scopes, nothing else. edit may run twice. Its error is
	// returned unchanged.
	UpdateSession(ctx context.Context, id SessionID, edit func(*Session) error) (Session, error)
	// TouchSession sets LastSeenAt and ExpiresAt, unless LastSeenAt is later already. It
	// returns no error if the session is gone.
	TouchSession(ctx context.Context, id SessionID, seen, expires time.Time) error
	// DeleteSession deletes one session of a user.
	DeleteSession(ctx context.Context, user UserID, id SessionID) error

	// Refresh tokens. The newest token of a session is its TokenHash. The store also keeps the
	// hashes of those that were consumed, until the session is deleted.

	// RefreshToken finds the session that has h as its newest or as a consumed token, with its
	// user, in one statement.
	RefreshToken(ctx context.Context, h token.Hash) (RefreshUse, error)
	// RotateRefresh replaces the newest token of a session, in two statements. By one
	// conditional update the session gets TokenHash Next, Generation From+1, Replays 0,
	// LastSeenAt Now, ExpiresAt and Scopes. The old hash is kept as consumed at Now. If
	// Generation is not From any more, or the session has ended, it stores nothing and returns
	// false.
	RotateRefresh(ctx context.Context, r Rotation) (won bool, err error)
	// CountReplay counts one more use of the token before the generation newest, by one
	// conditional update. It returns false if newest is not the newest generation any more, if
	// the session has ended, or if limit uses were counted already.
	CountReplay(ctx context.Context, id SessionID, newest, limit int) (ok bool, err error)
	// DeleteSessions deletes all sessions of a user except one, and returns how many. except
	// may be empty.
	DeleteSessions(ctx context.Context, user UserID, except SessionID) (int, error)
	// DeleteExpiredSessions deletes up to limit sessions that expired at t or before, and
	// returns how many.
	DeleteExpiredSessions(ctx context.Context, t time.Time, limit int) (int, error)

	// The login history.

	// AddLogin adds a record of one attempt.
	AddLogin(ctx context.Context, l Login) error
	// Login finds a record by id.
	Login(ctx context.Context, id LoginID) (Login, error)
	// Logins lists records, newest first (greatest id first).
	Logins(ctx context.Context, q LoginQuery) ([]Login, error)
	// DeleteLogins deletes all records of a user.
	DeleteLogins(ctx context.Context, user UserID) error
	// AnonymizeLogins clears the user, address, user agent and session in all records of a
	// user.
	AnonymizeLogins(ctx context.Context, user UserID) error
	// DeleteLoginsBefore deletes up to limit records older than t, and returns how many.
	DeleteLoginsBefore(ctx context.Context, t time.Time, limit int) (int, error)

	// Limits returns the store of tries, in the same transaction.
	Limits() limit.Store

	// Named documents: the settings, and the fingerprint of Config.Secret.

	// Value returns a document. It returns ErrNotFound if there is none.
	Value(ctx context.Context, name string) (string, error)
	// InitValue stores the document unless the name has one already, and returns the one that
	// is stored afterwards. Of concurrent calls one wins, and all return its value.
	InitValue(ctx context.Context, name, value string) (stored string, err error)
	// UpdateValue reads and locks a document, calls edit to change it, and writes it. old is ""
	// if there is none. edit may run twice. If edit fails, nothing is written and its error is
	// returned unchanged.
	UpdateValue(ctx context.Context, name string, edit func(old string) (string, error)) error

	// KeyStore returns the store of signing keys, in the same transaction.
	KeyStore() token.KeyStore

	// Hashes of set-up tokens.

	// AddSetUpToken adds a token.
	AddSetUpToken(ctx context.Context, h token.Hash, at time.Time) error
	// HasSetUpToken reports whether a token was added and has not been deleted.
	HasSetUpToken(ctx context.Context, h token.Hash) (bool, error)
	// DeleteSetUpTokens deletes all tokens.
	DeleteSetUpTokens(ctx context.Context) error

	// The audit record: every change of rights, policy and credentials.

	// AddAudit adds one record.
	AddAudit(ctx context.Context, r AuditRecord) error
	// Audits lists records, newest first (greatest id first).
	Audits(ctx context.Context, q AuditQuery) ([]AuditRecord, error)
	// DeleteAuditsBefore deletes up to limit records older than t, and returns how many.
	DeleteAuditsBefore(ctx context.Context, t time.Time, limit int) (int, error)

	// Invitations.

	// AddInvitation adds an invitation. It returns ErrNotFound if its user or its inviter does
	// not exist.
	AddInvitation(ctx context.Context, i Invitation) error
	// InvitationByToken finds an invitation by the hash of its token. The caller checks expiry.
	InvitationByToken(ctx context.Context, h token.Hash) (Invitation, error)
	// Invitations lists invitations by id ascending.
	Invitations(ctx context.Context, q InvitationQuery) ([]Invitation, error)
	// UseInvitation deletes an invitation that expires after now, by one conditional statement.
	// Of concurrent calls one wins.
	UseInvitation(ctx context.Context, id InvitationID, now time.Time) (won bool, err error)
	// DeleteInvitation deletes an invitation, expired or not.
	DeleteInvitation(ctx context.Context, id InvitationID) error
	// DeleteExpiredInvitations deletes up to limit invitations that expired at t or before, and
	// returns how many.
	DeleteExpiredInvitations(ctx context.Context, t time.Time, limit int) (int, error)

	// Stores of the packages below this one.

	// Flows returns the store of flows of email codes, in the same transaction.
	Flows() emailcode.Store
	// Outbox returns the store of mail, in the same transaction.
	Outbox() mail.Store
}

// SignInRead is what a sign-in reads before it verifies anything.
type SignInRead struct {
	Account  Account
	Found    bool   // whether there is such an account
	Settings string // the stored document with the settings; empty if there is none
}

// SignIn is the input of Store.CompleteSignIn.
type SignIn struct {
	OldHash string // the password hash that was verified
	NewHash string // OldHash, or the hash that replaces it
	Login   Login  // login record of Session.User
	Session Session
}
