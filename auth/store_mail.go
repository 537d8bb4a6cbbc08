package auth

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// FlowStore keeps the flows of email codes.
type FlowStore interface {
	// AddFlow adds one. ErrNotFound when its user or session does not exist (any more).
	AddFlow(ctx context.Context, f Flow) error
	// Flow finds by id.
	Flow(ctx context.Context, id FlowID) (Flow, error)
	// FlowByLink finds by the hash of the newest link's token; the zero hash finds nothing.
	FlowByLink(ctx context.Context, link token.Hash) (Flow, error)
	// TryFlow counts one try by one conditional statement and returns the flow, the try
	// included. ErrNotFound, and nothing counted, unless the flow exists, has the secret,
	// expires after Now and has tries left.
	TryFlow(ctx context.Context, t FlowTry) (Flow, error)
	// RenewFlow replaces code and link by one conditional update, sets SentAt and ExpiresAt and
	// adds one to Sends. False when the flow is gone or Sends is another already.
	RenewFlow(ctx context.Context, r FlowRenewal) (won bool, err error)
}

// FlowEndStore ends flows.
type FlowEndStore interface {
	// UseFlow removes a flow that expires after now by one conditional statement. Of concurrent
	// calls one wins.
	UseFlow(ctx context.Context, id FlowID, now time.Time) (won bool, err error)
	// EndFlows removes all flows of a user with the purpose, and says how many.
	EndFlows(ctx context.Context, user UserID, p Purpose) (int, error)
	// DeleteExpiredFlows removes up to limit flows that expired at or before t, and says how
	// many.
	DeleteExpiredFlows(ctx context.Context, t time.Time, limit int) (int, error)
}

// InvitationStore keeps invitations.
type InvitationStore interface {
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
}

// DeviceStore keeps device grants. Each step is one conditional statement, so that of
// concurrent calls one wins.
type DeviceStore interface {
	// AddDeviceGrant adds one that nobody has looked up, and whose device may poll after
	// interval (whole seconds). False, and nothing stored, when another has the user code.
	AddDeviceGrant(ctx context.Context, g DeviceGrant, interval time.Duration) (added bool, err error)
	// OwnDeviceGrant makes the session the owner unless there is one, and returns the grant.
	// ErrNotFound unless a grant with the user code expires after Now, and belongs to the
	// session now.
	OwnDeviceGrant(ctx context.Context, o DeviceOwner) (DeviceGrant, error)
	// DecideDeviceGrant sets Decision and Scopes. False unless the grant expires after Now, the
	// session owns it and nothing was decided.
	DecideDeviceGrant(ctx context.Context, d DeviceDecision) (won bool, err error)
	// PollDeviceGrant finds by device code, expired or not, and says whether the device asks
	// before its interval is over; then the interval grows by Step. The next interval begins at
	// Now.
	PollDeviceGrant(ctx context.Context, p DevicePoll) (g DeviceGrant, soon bool, err error)
	// UseDeviceGrant removes an allowed grant that expires after now.
	UseDeviceGrant(ctx context.Context, id DeviceGrantID, now time.Time) (won bool, err error)
	// DeleteExpiredDeviceGrants removes up to limit grants that expired at or before t, and
	// says how many.
	DeleteExpiredDeviceGrants(ctx context.Context, t time.Time, limit int) (int, error)
}

// OutboxStore keeps mails until they are sent.
type OutboxStore interface {
	// AddMail adds one.
	AddMail(ctx context.Context, m OutboxMail) error
	// ClaimMail takes up to limit mails that are due at now, those due first first, counts an
	// attempt for each and puts them off until the given time, in case the caller does not come
	// back. They are returned by id ascending, with both changes. No mail is claimed twice
	// unless it is due again.
	ClaimMail(ctx context.Context, now, until time.Time, limit int) ([]OutboxMail, error)
	// PutOffMail sets when a mail is due; no error if it is gone.
	PutOffMail(ctx context.Context, id MailID, due time.Time) error
	// DeleteMail removes one; no error if it is gone.
	DeleteMail(ctx context.Context, id MailID) error
}
