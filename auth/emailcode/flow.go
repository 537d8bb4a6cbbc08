package emailcode

import (
	"encoding/json"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// The limits of a flow.
const (
	Life        = 10 * time.Minute // of a code and of the link beside it
	LinkLife    = 24 * time.Hour   // of a link that comes without a code
	MaxTries    = 5                // codes typed for a flow, right or wrong, all its codes together
	MaxSends    = 5                // mails of a flow
	ResendAfter = time.Minute      // between the mails of a flow
)

// FlowID identifies a flow: a UUIDv7 in canonical form.
type FlowID string

// Purpose is what an email code is for. A code for one purpose can't be used for another.
type Purpose string

// The purposes.
const (
	SignIn        Purpose = "sign_in"
	VerifyEmail   Purpose = "verify_email"
	ResetPassword Purpose = "reset_password"
	ChangeEmail   Purpose = "change_email"
)

// HasLink reports whether mails for the purpose carry a link. A change of address has none: its
// code is typed where the change was asked for.
func (p Purpose) HasLink() bool { return p != ChangeEmail }

// Flow is one request to prove an address. A code is mailed to the address, and the person
// types it where they asked for it, or opens the mailed link. A flow is removed when it is
// used.
type Flow struct {
	ID        FlowID
	Secret    token.Hash // of the secret that whoever asked has
	Code      token.Hash // keyed hash of the newest code, bound to flow, purpose and address
	Link      token.Hash // of the token in the newest mailed link, unique; zero for none
	Purpose   Purpose
	Email     string          // as the account has it; empty for a link that is handed over
	EmailKey  string          // canonical
	User      string          // id; empty while there is no account. The flow ends with it
	Session   string          // id of the one that asked; empty for none. The flow ends with it
	SignUp    json.RawMessage // what the account will be made from; nil for none
	Decoy     bool            // nothing was mailed and no code is right
	Tries     int             // codes that were typed
	Sends     int             // mails
	SentAt    time.Time       // of the newest mail
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Started is the answer to somebody who asks for a code. It looks the same for every address.
type Started struct {
	ID          FlowID
	Secret      token.Secret  // goes with each code; zero after Resend
	ExpiresIn   time.Duration // of the code
	ResendAfter time.Duration // until another mail can be asked for
}
