package emailcode

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Flows are the flows in one Store. They are immutable and safe for concurrent use.
type Flows struct {
	st     Store
	marker Marker
	now    func() time.Time
}

// NewFlows makes Flows on a store, which may be that of a transaction. now is the clock, in
// whole microseconds.
func NewFlows(st Store, m Marker, now func() time.Time) Flows { return Flows{st, m, now} }

// Budgets limits how often one caller may do something. If a method returns an error, the step
// stops and returns that error.
type Budgets interface {
	// TakeRequest counts one request for a mail, whatever the address.
	TakeRequest(ctx context.Context) error
	// TakeMail counts one mail to the address of a flow. It returns false if no more may be
	// mailed there now.
	TakeMail(ctx context.Context, f Flow) (ok bool, err error)
	// TakeCode counts one code that was typed for a flow.
	TakeCode(ctx context.Context, f Flow) error
	// GiveBackCode takes back the last TakeCode for the flow, because the code was right.
	GiveBackCode(ctx context.Context, f Flow)
}

// Issue is a code and a link that were just made. Store it in the transaction that posts their
// mail.
type Issue struct {
	Started Started // for the caller
	Flow    Flow    // for the store: it has only hashes of the secrets
	Code    string  // for the mail, as people read it; empty for a flow that only a link opens
	Link    token.Secret
	MayMail bool // whether a mail may go to the address now
}

// issue puts a new code and a new link into a flow.
func (fs Flows) issue(f Flow) Issue {
	code := NewCode()
	f.Code = fs.mark(code, f)
	var link token.Secret
	if f.Purpose.HasLink() {
		link = token.New(token.Flow)
		f.Link = link.Hash()
	}
	return Issue{Flow: f, Code: Show(code), Link: link}
}

// mark returns the keyed hash of a code of a flow.
func (fs Flows) mark(code string, f Flow) token.Hash {
	return fs.marker.Mark(code, "flow", string(f.Purpose), string(f.ID), f.EmailKey)
}

// End removes all flows of a user that have a purpose.
func (fs Flows) End(ctx context.Context, user string, p Purpose) error {
	_, err := fs.st.EndFlows(ctx, user, p)
	return err
}
