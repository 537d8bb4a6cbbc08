package password

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"math/bits"
	"strings"

	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/unicode/norm"
)

// Bounds on the parameters of stored scrypt hashes. Memory is 128*N*r bytes; work is p times
// that.
const (
	maxScryptMemory = 256 << 20
	maxScryptWork   = 512 << 20
)

// scryptHash is a stored scrypt hash (RFC 7914) whose parameters are within bounds.
type scryptHash struct {
	n, r, p   uint64
	salt, key []byte
	nfkc      bool // the password is first brought into normalization form KC
}

func (h scryptHash) match(pw string) bool {
	if h.nfkc {
		pw = norm.NFKC.String(pw)
	}
	key, err := scrypt.Key([]byte(pw), h.salt, int(h.n), int(h.r), int(h.p), len(h.key))
	return err == nil && subtle.ConstantTimeCompare(key, h.key) == 1
}

func (h scryptHash) memoryKiB() uint32 { return uint32(128 * h.n * h.r >> 10) }

// bounded reports whether h may be computed. Each number is below 2^32, and the first
// conditions keep the products from overflowing.
func (h scryptHash) bounded() bool {
	return h.n >= 2 && bits.OnesCount64(h.n) == 1 && h.r >= 1 && h.p >= 1 &&
		h.r <= 1<<10 && h.p <= 1<<10 && 128*h.n*h.r <= maxScryptMemory && 128*h.n*h.r*h.p <= maxScryptWork &&
		len(h.salt) >= 1 && len(h.salt) <= maxLegacySalt && len(h.key) >= minTag && len(h.key) <= maxTag
}

func parseScryptPHC(s string) (stored, bool) {
	f := strings.Split(s, "$")
	if len(f) != 5 {
		return nil, false
	}
	costs, ok := parseCosts(f[2], "ln", "r", "p")
	if !ok || costs[0] > 31 {
		return nil, false
	}
	salt, ok1 := decodeBase64(base64.RawStdEncoding, f[3], 1, maxLegacySalt)
	key, ok2 := decodeBase64(base64.RawStdEncoding, f[4], minTag, maxTag)
	h := scryptHash{n: 1 << costs[0], r: costs[1], p: costs[2], salt: salt, key: key}
	return h, ok1 && ok2 && h.bounded()
}

func parseScryptWerkzeug(s string) (stored, bool) {
	f := strings.Split(s, "$")
	if len(f) != 3 {
		return nil, false
	}
	method := strings.Split(f[0], ":")
	if len(method) != 4 {
		return nil, false
	}
	n, ok1 := parseUint(method[1])
	r, ok2 := parseUint(method[2])
	p, ok3 := parseUint(method[3])
	key, ok4 := decodeHex(f[2], 64)
	h := scryptHash{n: n, r: r, p: p, salt: []byte(f[1]), key: key}
	return h, ok1 && ok2 && ok3 && ok4 && h.bounded()
}

// parseScryptHex reads the form of better-auth. Its salt is the hex text itself, not the bytes
// that it stands for, and the password is in normalization form KC.
func parseScryptHex(s string) (stored, bool) {
	salt, keyHex, _ := strings.Cut(s, ":")
	_, ok1 := decodeHex(salt, 16)
	key, ok2 := decodeHex(keyHex, 64)
	return scryptHash{n: 16384, r: 16, p: 1, salt: []byte(salt), key: key, nfkc: true}, ok1 && ok2
}

// decodeHex decodes lower-case hex text of exactly size bytes.
func decodeHex(s string, size int) ([]byte, bool) {
	b, err := hex.DecodeString(s)
	return b, err == nil && len(b) == size && hex.EncodeToString(b) == s
}
