package auth

import (
	"crypto/hmac"
	"time"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/token"
)

// The life of codes that are mailed.
const (
	CodeTries   = 5                // of a flow, all its codes together
	CodeLife    = 10 * time.Minute // of a code and of the link beside it
	ResendAfter = time.Minute      // between the mails of a flow
	CodeSends   = 5                // mails of a flow

	resetLinkLife = day // of a link that a manager sends
)

// CodeMarker makes what stores keep of codes, for rooms that show codes of their own.
func (s *Service) CodeMarker() emailcode.Marker { return emailcode.NewMarker(s.keys.codes) }

// flowCode marks a code of a flow.
func (s *Service) flowCode(code string, f Flow) token.Hash {
	return s.CodeMarker().Mark(code, "flow", string(f.Purpose), string(f.ID), f.EmailKey)
}

// sameHash compares in constant time.
func sameHash(a, b token.Hash) bool { return hmac.Equal(a[:], b[:]) }
