package auth

import (
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// DeviceGrantID identifies a device grant: a UUIDv7 in canonical form.
type DeviceGrantID string

// Decision is what a person says to a device.
type Decision string

// The decisions; empty means none yet.
const (
	DecisionAllow Decision = "allow"
	DecisionDeny  Decision = "deny"
)

// DeviceGrant is a device that asks to be signed in by a person elsewhere (RFC 8628). Used
// grants are gone.
type DeviceGrant struct {
	ID         DeviceGrantID
	Device     token.Hash // of the device code, unique
	UserCode   token.Hash // keyed hash of the user code, unique
	ClientName string     // free text of the device, never trusted
	Scopes     []string   // that it asks for, later those that were allowed; nil for no ceiling
	IP         string     // of the device; empty when the settings keep no addresses
	CreatedAt  time.Time
	ExpiresAt  time.Time
	Session    SessionID // that looked it up first and decides; empty for none yet. The grant ends with it
	User       UserID    // of that session
	Decision   Decision
}

// DeviceOwner is the session that looks a user code up.
type DeviceOwner struct {
	UserCode token.Hash
	Session  SessionID
	User     UserID
	Now      time.Time
}

// DeviceDecision is what the owner of a grant says.
type DeviceDecision struct {
	UserCode token.Hash
	Session  SessionID // must be the owner
	Now      time.Time
	Decision Decision
	Scopes   []string // that the device gets; nil for no ceiling
}

// DevicePoll is a device that asks whether somebody has decided.
type DevicePoll struct {
	Device token.Hash
	Now    time.Time
	Step   time.Duration // added to the interval by each poll that comes too soon; whole seconds
}
