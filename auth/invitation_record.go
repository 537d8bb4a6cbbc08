package auth

import (
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// InvitationID identifies an invitation: a UUIDv7 in canonical form.
type InvitationID string

// Invitation lets whoever has its token make an account, or take over one that was made for
// them. Used invitations are gone.
type Invitation struct {
	ID        InvitationID
	Token     token.Hash // unique
	Email     string     // that the account will have; empty for an account without one
	EmailKey  string     // canonical
	User      UserID     // the account that was made already; empty for none. The invitation ends with it
	Inviter   UserID     // empty for the host itself. The invitation ends with the inviter
	Roles     []RoleID   // of the account to be made, sorted; nil for the default ones, empty but not nil for none
	Groups    []GroupID  // that the account to be made joins, sorted
	Mailed    bool       // whether the token went to Email and nowhere else, so that having it proves the address
	CreatedAt time.Time
	ExpiresAt time.Time
}

// InvitationQuery selects invitations that still count, by id ascending.
type InvitationQuery struct {
	Now   time.Time    // only those whose ExpiresAt is after this
	After InvitationID // ids greater than this; empty for the first page
	Limit int
}
