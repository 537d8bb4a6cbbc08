package emailcode

import (
	"context"
	"errors"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Resend makes another code and another link for a flow. Store them with Renew. The old ones
// stop working; earlier tries still count. If it is too soon after the last mail, or after too
// many mails or tries, MayMail is false and there is nothing to store. Started says how long to
// wait. Resend returns ErrWrong if there is no such flow or the secret is another.
func (fs Flows) Resend(ctx context.Context, b Budgets, id FlowID, flowSecret string) (Issue, error) {
	secret, err := token.Parse(token.Flow, flowSecret)
	if err != nil || !token.IsID(string(id)) {
		return Issue{}, ErrWrong
	}
	if err := b.TakeRequest(ctx); err != nil {
		return Issue{}, err
	}
	f, err := fs.st.Flow(ctx, id)
	if errors.Is(err, ErrNotFound) {
		err = ErrWrong
	}
	if err != nil {
		return Issue{}, err
	}
	now := fs.now()
	if !same(f.Secret, secret.Hash()) || !now.Before(f.ExpiresAt) || f.Email == "" {
		return Issue{}, ErrWrong
	}
	out := Started{ID: id, ExpiresIn: f.ExpiresAt.Sub(now), ResendAfter: f.SentAt.Add(ResendAfter).Sub(now)}
	if out.ResendAfter > 0 || f.Sends >= MaxSends || f.Tries >= MaxTries {
		out.ResendAfter = max(out.ResendAfter, time.Second)
		return Issue{Started: out}, nil
	}
	out.ResendAfter = ResendAfter
	mayMail, err := b.TakeMail(ctx, f)
	if err != nil {
		return Issue{}, err
	}
	if !mayMail {
		return Issue{Started: out}, nil
	}
	out.ExpiresIn = Life
	f.SentAt, f.ExpiresAt = now, now.Add(Life)
	i := fs.issue(f)
	i.Started, i.MayMail = out, true
	return i, nil
}

// Renew stores the code and the link of an issue that Resend made. It returns false if another
// call was faster. The mail of that call is on its way, and the mail of this one must not be
// sent.
func (fs Flows) Renew(ctx context.Context, i Issue) (won bool, err error) {
	f := i.Flow
	return fs.st.RenewFlow(ctx, Renewal{
		ID: f.ID, Code: f.Code, Link: f.Link, Sends: f.Sends, SentAt: f.SentAt, ExpiresAt: f.ExpiresAt,
	})
}
