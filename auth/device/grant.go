package device

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

const (
	grantLife = 10 * time.Minute
	// interval is between polls. RFC 8628 section 3.5 also adds it for each poll that comes too
	// soon.
	interval = 5 * time.Second
	// memory is how long a device still learns that its code has expired.
	memory = time.Hour
)

// GrantID identifies a device grant: a UUIDv7 in canonical form.
type GrantID string

// Decision is what a person says to a device.
type Decision string

// The decisions; empty means none yet.
const (
	Allow Decision = "allow"
	Deny  Decision = "deny"
)

// Grant is a device that asks to be signed in by a person elsewhere. Used grants are gone.
type Grant struct {
	ID         GrantID
	Device     token.Hash // of the device code, unique
	UserCode   token.Hash // keyed hash of the user code, unique
	ClientName string     // free text of the device, never trusted
	Scopes     []string   // what it asks for, later what was allowed; nil for no ceiling
	IP         string     // of the device; empty when the settings keep no addresses
	CreatedAt  time.Time
	ExpiresAt  time.Time
	// Session is the one that looked the grant up first. It decides, and the grant ends with
	// it. Empty for none yet.
	Session  auth.SessionID
	User     auth.UserID // of Session
	Decision Decision
}
