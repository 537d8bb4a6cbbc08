package httpadapter

import (
	"cmp"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// deviceRequest is the body of RFC 8628 section 3.1. Clients that follow the RFC send their
// name as client_id.
type deviceRequest struct {
	ClientName string  `json:"client_name,omitempty"`
	ClientID   string  `json:"client_id,omitempty"`
	Scope      *string `json:"scope"`
}

// deviceJSON is the answer of RFC 8628 section 3.2.
type deviceJSON struct {
	DeviceCode string `json:"device_code"`
	UserCode   string `json:"user_code"`
	URI        string `json:"verification_uri"`
	FullURI    string `json:"verification_uri_complete"`
	ExpiresIn  int64  `json:"expires_in"`
	Interval   int64  `json:"interval"`
}

func authorizeDevice(c *call, in deviceRequest) (deviceJSON, error) {
	d, err := c.h.devices.Begin(c.r.Context(), device.Request{
		ClientName: cmp.Or(in.ClientName, in.ClientID), Scopes: grant{Scope: in.Scope}.scopes(), Client: c.client(),
	})
	return one(d, err, func(d device.Started) deviceJSON {
		return deviceJSON{
			d.DeviceCode.Reveal(), d.UserCode, d.URL, d.FullURL, wholeSeconds(d.ExpiresIn), wholeSeconds(d.Interval),
		}
	})
}

type userCode struct {
	UserCode string `json:"user_code"`
}

type lookedUp struct {
	ClientName string    `json:"client_name"`
	Scopes     []string  `json:"scopes"` // empty: all that the person may do
	CreatedAt  time.Time `json:"created_at"`
	IP         *string   `json:"ip"`
	ExpiresAt  time.Time `json:"expires_at"`
}

func lookUpDevice(c *call, in userCode) (lookedUp, error) {
	g, err := c.h.devices.LookUp(c.r.Context(), c.p, in.UserCode)
	return one(g, err, func(g device.Grant) lookedUp {
		return lookedUp{g.ClientName, append([]string{}, g.Scopes...), g.CreatedAt, orNull(g.IP), g.ExpiresAt}
	})
}

type deviceDecision struct {
	UserCode string          `json:"user_code"`
	Decision device.Decision `json:"decision"`
}

func approveDevice(c *call, in deviceDecision) (none, error) {
	return none{}, c.h.devices.Decide(c.r.Context(), c.p, in.UserCode, in.Decision)
}

// deviceToken serves the grant of RFC 8628 section 3.4.
func deviceToken(c *call, in grant) (tokenJSON, error) {
	if err := required(map[string]string{"device_code": in.DeviceCode}); err != nil {
		return tokenJSON{}, err
	}
	if c.h.devices == nil {
		return tokenJSON{}, errGrantType
	}
	t, err := c.h.devices.Redeem(c.r.Context(), in.DeviceCode, in.ClientID, c.client())
	return one(t, err, tokenOf)
}

// codeToken serves the grant by an email code.
func codeToken(c *call, in grant) (tokenJSON, error) {
	t, err := c.h.accounts.CodeGrant(c.r.Context(), emailcode.Evidence{
		Flow: in.Flow, Secret: in.FlowSecret, Code: in.Code, Token: in.Token,
	}, auth.SignInRequest{
		Scopes: in.scopes(), ClientName: in.ClientID, Client: c.client(),
	})
	if err == nil {
		c.h.setDevice(c.w, t.Device)
	}
	return one(t, err, tokenOf)
}

// Grant types that are not in RFC 6749.
const (
	grantEmailCode = "urn:hallpass:params:oauth:grant-type:email-code"
	grantDevice    = "urn:ietf:params:oauth:grant-type:device_code"
)

// grantTypes are the grant types of POST /token, without the device grant.
var grantTypes = []string{"password", "refresh_token", grantEmailCode}
