package emailcode

import (
	"context"
	"encoding/json"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Request describes a flow that is to begin. Its fields mean the same as those of Flow.
type Request struct {
	Purpose  Purpose
	Email    string
	EmailKey string
	User     string
	Session  string
	SignUp   json.RawMessage
	Decoy    bool
}

// Begin makes a flow with its secret, code and link. Store it with Add. If MayMail is false or
// the flow is a decoy, nothing is mailed. Store the flow all the same, so that it takes the
// same time.
func (fs Flows) Begin(ctx context.Context, b Budgets, in Request) (Issue, error) {
	f, secret := fs.flow(in)
	f.Sends, f.ExpiresAt = 1, f.CreatedAt.Add(Life)
	if err := b.TakeRequest(ctx); err != nil {
		return Issue{}, err
	}
	mayMail, err := b.TakeMail(ctx, f)
	if err != nil {
		return Issue{}, err
	}
	i := fs.issue(f)
	i.Started = Started{ID: f.ID, Secret: secret, ExpiresIn: Life, ResendAfter: ResendAfter}
	i.MayMail = mayMail
	return i, nil
}

// BeginLink makes a flow that only a link opens, because nobody knows its secret or a code.
// Store it with Add. It counts no tries.
func (fs Flows) BeginLink(in Request) Issue {
	f, _ := fs.flow(in)
	link := token.New(token.Flow)
	f.Code, f.Link = token.New(token.Flow).Hash(), link.Hash()
	f.Sends, f.ExpiresAt = MaxSends, f.CreatedAt.Add(LinkLife)
	return Issue{Flow: f, Link: link}
}

// flow makes the flow of a request, without a code.
func (fs Flows) flow(in Request) (Flow, token.Secret) {
	now, secret := fs.now(), token.New(token.Flow)
	return Flow{
		ID: FlowID(token.NewID(now)), Secret: secret.Hash(), Purpose: in.Purpose, Email: in.Email,
		EmailKey: in.EmailKey,
		User:     in.User, Session: in.Session, SignUp: in.SignUp, Decoy: in.Decoy, SentAt: now, CreatedAt: now,
	}, secret
}

// Add stores the flow of an issue. It returns ErrNotFound if the user or session of the flow
// does not exist.
func (fs Flows) Add(ctx context.Context, i Issue) error { return fs.st.AddFlow(ctx, i.Flow) }
