package auth

import (
	"encoding/json"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// FlowID identifies a flow: a UUIDv7 in canonical form.
type FlowID string

// Purpose is what an email code is for. A code of one purpose is worth nothing for another.
type Purpose string

// The purposes.
const (
	PurposeSignIn        Purpose = "sign_in"
	PurposeVerifyEmail   Purpose = "verify_email"
	PurposeResetPassword Purpose = "reset_password"
	PurposeChangeEmail   Purpose = "change_email"
)

// Flow is one request to prove an address: a code is mailed there, and whoever asked types it
// beside the flow's secret; or the person opens the mailed link. Used flows are gone.
type Flow struct {
	ID        FlowID
	Secret    token.Hash // of the secret that whoever asked has
	Code      token.Hash // keyed hash of the newest code, bound to flow, purpose and address
	Link      token.Hash // of the token in the newest mailed link, unique; zero for none
	Purpose   Purpose
	Email     string          // where the code goes, as the account has it; empty for a link that is handed over
	EmailKey  string          // canonical
	User      UserID          // whom it is about; empty while there is no account. The flow ends with the account
	Session   SessionID       // that asked for it; empty for none. The flow ends with the session
	SignUp    json.RawMessage // what the account will be made from; nil for none
	Decoy     bool            // nothing was mailed and no code is right
	Tries     int             // codes that were typed
	Sends     int             // mails
	SentAt    time.Time       // of the newest mail
	CreatedAt time.Time
	ExpiresAt time.Time
}

// FlowTry asks to type one code.
type FlowTry struct {
	ID     FlowID
	Secret token.Hash
	Now    time.Time
	Most   int // tries that a flow has
}

// FlowRenewal replaces the code and the link of a flow.
type FlowRenewal struct {
	ID        FlowID
	Code      token.Hash
	Link      token.Hash // zero for none
	Sends     int        // that there were so far; another number means that somebody else was faster
	SentAt    time.Time
	ExpiresAt time.Time
}
