package httpadapter

import (
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/token"
)

// signIn is a name with a password, or the proof of an address.
type signIn struct {
	Login    string           `json:"login,omitempty"`
	Password string           `json:"password,omitempty"`
	Flow     emailcode.FlowID `json:"flow_id,omitempty"`
	Secret   string           `json:"flow_secret,omitempty"`
	Code     string           `json:"code,omitempty"`
	Token    string           `json:"token,omitempty"`
	Remember bool             `json:"remember,omitempty"`
}

func createSession(c *call, in signIn) (signedInJSON, error) {
	proof := emailcode.Evidence{Flow: in.Flow, Secret: in.Secret, Code: in.Code, Token: in.Token}
	if proof != (emailcode.Evidence{}) {
		if in.Login != "" || in.Password != "" {
			return signedInJSON{}, twoWays("login")
		}
		v, err := c.h.accounts.SignInByCode(
			c.r.Context(), proof, auth.SignInRequest{Remember: in.Remember, Client: c.client()},
		)
		return c.signedIn(v, err, in.Remember)
	}
	if err := required(map[string]string{"login": in.Login, "password": in.Password}); err != nil {
		return signedInJSON{}, err
	}
	v, err := c.h.accounts.SignIn(c.r.Context(), auth.SignInRequest{
		Login: in.Login, Password: in.Password, Remember: in.Remember, Client: c.client(),
	})
	return c.signedIn(v, err, in.Remember)
}

// signedIn sets the cookies of a new session.
func (c *call) signedIn(v auth.SignedIn, err error, remember bool) (signedInJSON, error) {
	if err != nil {
		return signedInJSON{}, err
	}
	c.h.setSession(c.w, v.Secret, v.Session, remember)
	c.h.setDevice(c.w, v.Device)
	return signedInJSON{userOf(v.User), sessionOf(v.Session, v.Session.ID)}, nil
}

// twoWays refuses a body that proves in two ways who somebody is.
func twoWays(field string) error {
	return oneField(field, auth.CodeInvalid, "Give a password, or a code or token, but not both.")
}

func signOut(c *call, _ none) (none, error) {
	err := c.h.accounts.Sessions.SignOut(c.r.Context(), c.p)
	if err == nil && c.p.Credential == auth.CredentialCookie {
		c.h.clearCookie(c.w)
	}
	return none{}, err
}

// remembered is the longest idle time of a session that ends with the browser. A longer one
// means that the person asked to be remembered.
const remembered = 24 * time.Hour

type reauth struct {
	Password string           `json:"password,omitempty"`
	Flow     emailcode.FlowID `json:"flow_id,omitempty"`
	Secret   string           `json:"flow_secret,omitempty"`
	Code     string           `json:"code,omitempty"`
	Token    string           `json:"token,omitempty"`
}

func reauthenticate(c *call, in reauth) (none, error) {
	proof := emailcode.Evidence{Flow: in.Flow, Secret: in.Secret, Code: in.Code, Token: in.Token}
	var secret token.Secret
	var err error
	switch {
	case proof == (emailcode.Evidence{}):
		if err := required(map[string]string{"password": in.Password}); err != nil {
			return none{}, err
		}
		secret, err = c.h.accounts.Reauthenticate(c.r.Context(), c.p, in.Password, c.client())
	case in.Password != "":
		return none{}, twoWays("password")
	default:
		secret, err = c.h.accounts.ReauthenticateByCode(c.r.Context(), c.p, proof, c.client())
	}
	if err == nil && !secret.IsZero() {
		c.h.setSession(c.w, secret, c.p.Session, c.p.Session.Idle > remembered)
	}
	return none{}, err
}

func sessionToken(c *call, _ none) (tokenJSON, error) {
	t, err := c.h.accounts.Sessions.Token(c.r.Context(), c.p)
	return one(t, err, tokenOf)
}

func listSessions(c *call, _ none) (list[sessionJSON], error) {
	page, err := c.page()
	if err != nil {
		return list[sessionJSON]{}, err
	}
	p, err := c.h.accounts.Sessions.List(c.r.Context(), c.p, c.user(), page)
	return listOf(p, err, func(x auth.Session) sessionJSON { return sessionOf(x, c.p.Session.ID) })
}

func endSessions(c *call, _ none) (none, error) {
	q := c.queryReader()
	all := q.bool("all")
	if err := q.err(); err != nil {
		return none{}, err
	}
	err := c.h.accounts.Sessions.EndAll(c.r.Context(), c.p, c.user(), all)
	if err == nil && all && c.p.User.ID == c.user() {
		c.h.clearCookie(c.w)
	}
	return none{}, err
}

func endSession(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.Sessions.End(c.r.Context(), c.p, c.user(), auth.SessionID(c.r.PathValue("session")))
}

func tokenOf(t auth.TokenAnswer) tokenJSON {
	out := tokenJSON{Access: t.Access, Type: "Bearer", ExpiresIn: t.ExpiresIn, Scope: strings.Join(t.Scopes, " ")}
	if !t.Refresh.IsZero() {
		out.Refresh = t.Refresh.Reveal()
	}
	return out
}
