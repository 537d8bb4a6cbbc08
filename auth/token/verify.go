package token

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// header holds the members of a JOSE header that Sign writes. Any other, such as `jku`, `x5u`,
// `jwk`, `x5c` or `crit`, is refused: a token never says how to verify it (RFC 8725 section
// 3.10).
type header struct{ alg, typ, kid string }

// Verify checks an access token: size and form before anything is decoded, then header,
// signature and claims (RFC 8725, RFC 9068 section 4). It returns ErrInvalid or ErrUnknownKey,
// or ErrExpired if only the time is past.
func (r *Ring) Verify(text string, now time.Time) (Claims, error) {
	if len(text) > r.cfg.MaxBytes || strings.Count(text, ".") != 2 {
		return Claims{}, ErrInvalid
	}
	end := strings.LastIndexByte(text, '.')
	head, body, _ := strings.Cut(text[:end], ".")
	h, ok := parseHeader(head)
	// Every key of a ring is an EdDSA key. The key decides; the header only has to agree.
	if !ok || h.typ != typAccess || h.alg != algEdDSA {
		return Claims{}, ErrInvalid
	}
	sig, ok := decode(text[end+1:])
	if !ok || len(sig) != ed25519.SignatureSize {
		return Claims{}, ErrInvalid
	}
	key, ok := r.byID[h.kid]
	if !ok {
		return Claims{}, ErrUnknownKey
	}
	if jwt.SigningMethodEdDSA.Verify(text[:end], []byte(sig), key) != nil {
		return Claims{}, ErrInvalid
	}
	c, ok := r.parseClaims(body)
	if !ok || c.IssuedAt.After(now.Add(r.cfg.Leeway)) {
		return Claims{}, ErrInvalid
	}
	if !now.Before(c.ExpiresAt.Add(r.cfg.Leeway)) { // RFC 7519 section 4.1.4: "on or after" has expired
		return Claims{}, ErrExpired
	}
	return c, nil
}

// strict decodes unpadded base64url and accepts one text for given bytes, except for line
// breaks.
var strict = base64.RawURLEncoding.Strict()

func decode(s string) (string, bool) {
	if strings.ContainsAny(s, "\r\n") {
		return "", false
	}
	b, err := strict.DecodeString(s)
	return string(b), err == nil
}

func parseHeader(part string) (h header, ok bool) {
	doc, ok := decode(part)
	if !ok {
		return h, false
	}
	ok = object(doc, func(name string, v value) bool {
		switch name {
		case "alg":
			h.alg = v.text
		case "typ":
			h.typ = v.text
		case "kid":
			h.kid = v.text
		default:
			return false
		}
		return v.text != ""
	})
	return h, ok
}

// parseClaims requires every claim that Sign writes and refuses anything that it never writes.
func (r *Ring) parseClaims(part string) (c Claims, ok bool) {
	doc, ok := decode(part)
	if !ok {
		return c, false
	}
	var iss, aud string
	ok = object(doc, func(name string, v value) bool {
		switch name {
		case "iss":
			iss = v.text
		case "aud":
			aud = v.text
		case "sub":
			c.Subject = v.text
		case "sid":
			c.Session = v.text
		case "jti":
			c.ID = v.text
		case "iat":
			c.IssuedAt = v.time()
		case "exp":
			c.ExpiresAt = v.time()
		case "scope":
			c.Scopes, c.HasScopes = strings.Fields(v.text), true
			return v.isText
		default:
			return false
		}
		return true
	})
	return c, ok && iss == r.cfg.Issuer && aud == r.cfg.Audience && c.Subject != "" && c.Session != "" && c.ID != "" &&
		!c.IssuedAt.IsZero() && !c.ExpiresAt.IsZero()
}
