package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"

	"github.com/hallpass-go/hallpass/auth/limit"
)

// Client is where a request comes from.
type Client struct {
	IP        netip.Addr // of the person; the zero Addr if unknown
	UserAgent string
	Device    string // the mark that an earlier sign-in from this device got; empty without one
}

// Network is the part of the address that one party controls, whose tries are counted together.
func (c Client) Network() limit.Network { return limit.NetworkOf(c.IP) }

// deviceMark makes the mark of a device that has just signed in to the account. It proves
// nothing but that.
func (s *Service) deviceMark(id UserID, session SessionID) string {
	return string(session) + "." + base64.RawURLEncoding.EncodeToString(s.deviceMAC(id, string(session)))
}

func (s *Service) deviceMAC(id UserID, name string) []byte {
	mac := hmac.New(sha256.New, s.keys.devices)
	mac.Write([]byte(string(id) + "." + name))
	return mac.Sum(nil)
}

// knownDevice tells whether a mark was made for the account.
func (s *Service) knownDevice(id UserID, mark string) bool {
	const name = 36 // a UUID
	if len(mark) < name+1 || mark[name] != '.' || !IsID(mark[:name]) {
		return false
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(mark[name+1:])
	return err == nil && hmac.Equal(mac, s.deviceMAC(id, mark[:name]))
}
