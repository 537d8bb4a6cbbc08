package emailcode

import (
	"context"
	"crypto/hmac"
	"errors"
	"slices"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Evidence shows that somebody reads the mail of an address. It is a code with the secret of
// its flow, or the token of a mailed link.
type Evidence struct {
	Flow   FlowID
	Secret string // of the flow
	Code   string
	Token  string // of the link, in place of the other three
}

// Proven is a flow whose address was proven. It is not used up yet.
type Proven struct {
	Flow  Flow
	Typed bool // the code was typed by whoever began the flow; else the link was opened
}

// Prove finds the flow that the evidence opens, if the flow has one of the purposes. It returns
// ErrWrong if anything is wrong. In that case Proven.Flow is set if a code was typed in a flow
// that exists.
func (fs Flows) Prove(ctx context.Context, b Budgets, in Evidence, purposes ...Purpose) (p Proven, err error) {
	if in.Token != "" {
		p.Flow, err = fs.openLink(ctx, in.Token)
	} else {
		p.Typed = true
		p.Flow, err = fs.tryCode(ctx, b, in, purposes)
	}
	if errors.Is(err, ErrNotFound) {
		err = ErrWrong
	}
	if err == nil && (p.Flow.Decoy || !slices.Contains(purposes, p.Flow.Purpose)) {
		err = ErrWrong
	}
	return p, err
}

// openLink finds the flow of a link. The token can't be guessed, so nothing is counted.
func (fs Flows) openLink(ctx context.Context, text string) (Flow, error) {
	t, err := token.Parse(token.Flow, text)
	if err != nil {
		return Flow{}, ErrWrong
	}
	f, err := fs.st.FlowByLink(ctx, t.Hash())
	if err == nil && !fs.now().Before(f.ExpiresAt) {
		err = ErrWrong
	}
	return f, err
}

// tryCode counts a try of the flow and one of the address before it compares. A try that is cut
// off is not given back. The purpose is part of what is compared, so the code must be for one
// of the purposes.
func (fs Flows) tryCode(ctx context.Context, b Budgets, in Evidence, purposes []Purpose) (Flow, error) {
	secret, err := token.Parse(token.Flow, in.Secret)
	if err != nil || !token.IsID(string(in.Flow)) {
		return Flow{}, ErrWrong
	}
	f, err := fs.st.TryFlow(ctx, Try{ID: in.Flow, Secret: secret.Hash(), Now: fs.now(), Most: MaxTries})
	if err != nil {
		return Flow{}, err
	}
	if err := b.TakeCode(ctx, f); err != nil {
		return Flow{}, err
	}
	code := Typed(in.Code)
	for _, p := range purposes {
		as := f
		as.Purpose = p
		if same(fs.mark(code, as), f.Code) && !f.Decoy {
			b.GiveBackCode(ctx, f)
			return f, nil
		}
	}
	return f, ErrWrong
}

// Use uses a flow up. Call it on the store of the transaction that does what the flow is for.
// Of several concurrent callers one wins; the others get ErrWrong.
func (fs Flows) Use(ctx context.Context, p Proven) error {
	won, err := fs.st.UseFlow(ctx, p.Flow.ID, fs.now())
	if err == nil && !won {
		err = ErrWrong
	}
	return err
}

// same compares in constant time.
func same(a, b token.Hash) bool { return hmac.Equal(a[:], b[:]) }
