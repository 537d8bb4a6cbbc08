package password

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// maxHashLen is the greatest length of a stored hash. The longest form, a Werkzeug hash with a
// long salt, is less than half as long.
const maxHashLen = 512

// argonHash is a stored argon2id hash whose parameters are within bounds.
type argonHash struct {
	Params
	salt, tag []byte
}

// parsePHC reads $argon2id$v=19$m=…,t=…,p=…$salt$tag exactly as the reference encoder writes
// it: these fields in this order, decimal numbers without leading zeros, and unpadded base64
// without stray bits.
func parsePHC(s string) (argonHash, bool) {
	var h argonHash
	f := strings.Split(s, "$")
	if len(s) > maxHashLen || len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != "v=19" {
		return h, false
	}
	costs, ok := parseCosts(f[3], "m", "t", "p")
	if !ok || costs[2] > maxParallelism {
		return h, false
	}
	h.Params = Params{uint32(costs[0]), uint32(costs[1]), uint8(costs[2])}
	if h.validate() != nil {
		return h, false
	}
	if h.salt, ok = decodeBase64(base64.RawStdEncoding, f[4], minSalt, maxSalt); !ok {
		return h, false
	}
	h.tag, ok = decodeBase64(base64.RawStdEncoding, f[5], minTag, maxTag)
	return h, ok
}

// String returns the PHC string of h.
func (h argonHash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.MemoryKiB, h.Iterations, h.Parallelism, b64.EncodeToString(h.salt), b64.EncodeToString(h.tag))
}

func (h argonHash) match(pw string) bool {
	return subtle.ConstantTimeCompare(h.tag, h.derive(pw, h.salt, len(h.tag))) == 1
}

func (h argonHash) memoryKiB() uint32 { return h.MemoryKiB }

// below reports whether h should be replaced by a new hash with today's parameters.
func (h argonHash) below(today Params) bool {
	return h.Params.below(today) || len(h.salt) < saltSize || len(h.tag) < tagSize
}

// derive computes argon2id, version 0x13 (RFC 9106 section 3.2). p must be valid.
func (p Params) derive(pw string, salt []byte, size int) []byte {
	return argon2.IDKey([]byte(pw), salt, p.Iterations, p.MemoryKiB, p.Parallelism, uint32(size))
}

// parseCosts reads "a=1,b=2" with exactly these names in this order.
func parseCosts(s string, names ...string) ([]uint64, bool) {
	parts := strings.Split(s, ",")
	if len(parts) != len(names) {
		return nil, false
	}
	values := make([]uint64, len(names))
	for i, part := range parts {
		digits, ok := strings.CutPrefix(part, names[i]+"=")
		if !ok {
			return nil, false
		}
		if values[i], ok = parseUint(digits); !ok {
			return nil, false
		}
	}
	return values, true
}

// parseUint reads a decimal number below 2^32 that has no sign and no leading zero.
func parseUint(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return n, err == nil && strconv.FormatUint(n, 10) == s
}

// decodeBase64 decodes s. It reports false unless the result has least to most bytes and s is
// their only encoding; package base64 alone would also skip line breaks.
func decodeBase64(enc *base64.Encoding, s string, least, most int) ([]byte, bool) {
	b, err := enc.DecodeString(s)
	return b, err == nil && len(b) >= least && len(b) <= most && enc.EncodeToString(b) == s
}
