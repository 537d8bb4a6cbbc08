package device

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

const (
	grantLife = 10 * time.Minute
	// interval is the time between two polls. Each poll that comes too soon adds the same time
	// to it (RFC 8628 section 3.5).
	interval = 5 * time.Second
	// memory is how long a device can still learn that its code has expired.
	memory = time.Hour
)

// GrantID identifies a device grant: a UUIDv7 in canonical form.
type GrantID string

// Decision is the answer of a person to a device.
type Decision string

// The decisions. Empty means that there is none yet.
const (
	Allow Decision = "allow"
	Deny  Decision = "deny"
)

// Grant is the request of a device to be signed in by a person elsewhere. A grant is removed
// when it is used.
type Grant struct {
	ID         GrantID
	Device     token.Hash // of the device code, unique
	UserCode   token.Hash // keyed hash of the user code, unique
	ClientName string     // free text of the device, never trusted
	Scopes     []string   // what it asks for, later what was allowed; nil for no ceiling
	IP         string     // of the device; empty when the settings keep no addresses
	CreatedAt  time.Time
	ExpiresAt  time.Time
	// Session looked the grant up first. It decides, and the grant ends with it. Empty means
	// that nobody has looked it up.
	Session  auth.SessionID
	User     auth.UserID // of Session
	Decision Decision
}
