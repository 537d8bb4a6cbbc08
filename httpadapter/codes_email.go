package httpadapter

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// codeForm says what codes look like, so that clients need not know.
type codeForm struct {
	Length   int    `json:"length"`
	Alphabet string `json:"alphabet"`
}

type flowJSON struct {
	ID          emailcode.FlowID `json:"flow_id"`
	Secret      string           `json:"flow_secret,omitempty"` // once
	Code        codeForm         `json:"code"`
	ExpiresIn   int64            `json:"expires_in"`
	ResendAfter int64            `json:"resend_after"`
}

func flowOf(f emailcode.Started) flowJSON {
	return flowJSON{
		f.ID, f.Secret.Reveal(), codeForm{
			emailcode.Length, emailcode.Alphabet,
		}, wholeSeconds(f.ExpiresIn), wholeSeconds(f.ResendAfter),
	}
}

// wholeSeconds rounds up.
func wholeSeconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

type codeRequest struct {
	Email   string            `json:"email"`
	Purpose emailcode.Purpose `json:"purpose"`
}

func beginCode(c *call, in codeRequest) (flowJSON, error) {
	f, err := c.h.accounts.BeginEmailCode(
		c.r.Context(), in.Email, in.Purpose, c.client(),
	)
	return one(f, err, flowOf)
}

type resend struct {
	Secret string `json:"flow_secret"`
}

func resendCode(c *call, in resend) (flowJSON, error) {
	f, err := c.h.accounts.ResendEmailCode(
		c.r.Context(), emailcode.FlowID(c.r.PathValue("flow")), in.Secret, c.client(),
	)
	return one(f, err, flowOf)
}

type newEmail struct {
	Email string `json:"email"`
}

func changeEmail(c *call, in newEmail) (flowJSON, error) {
	f, err := c.h.accounts.BeginEmailChange(c.r.Context(), c.p, in.Email, c.client())
	return one(f, err, flowOf)
}

// proofBody is a typed code, or the token of a mailed link.
type proofBody struct {
	Flow   emailcode.FlowID `json:"flow_id,omitempty"`
	Secret string           `json:"flow_secret,omitempty"`
	Code   string           `json:"code,omitempty"`
	Token  string           `json:"token,omitempty"`
}

type verified struct {
	User userJSON `json:"user"`
}

func verifyEmail(c *call, in proofBody) (verified, error) {
	u, err := c.h.accounts.VerifyEmail(c.r.Context(), emailcode.Evidence(in), c.client())
	return one(u, err, func(u auth.User) verified { return verified{userOf(u)} })
}

type passwordReset struct {
	Flow     emailcode.FlowID `json:"flow_id,omitempty"`
	Secret   string           `json:"flow_secret,omitempty"`
	Code     string           `json:"code,omitempty"`
	Token    string           `json:"token,omitempty"`
	Password string           `json:"password"`
}

func resetPassword(c *call, in passwordReset) (none, error) {
	return none{}, c.h.accounts.ResetPassword(c.r.Context(), emailcode.Evidence{
		Flow: in.Flow, Secret: in.Secret, Code: in.Code, Token: in.Token,
	}, in.Password, c.client())
}

func mailReset(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.MailPasswordReset(c.r.Context(), c.p, c.user(), c.client())
}
