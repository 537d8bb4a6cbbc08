package password

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"strings"
)

// Bounds on the parameters of stored PBKDF2 hashes. Salts of scrypt have the same limit.
const (
	maxRounds     = 4_000_000
	maxLegacySalt = 128
)

// pbkdf2Hash is a stored PBKDF2-HMAC hash (RFC 8018) whose parameters are within bounds. Its
// key is always as long as the digest.
type pbkdf2Hash struct {
	digest    func() hash.Hash
	rounds    uint64
	salt, key []byte
}

func (h pbkdf2Hash) match(pw string) bool {
	key, err := pbkdf2.Key(h.digest, pw, h.salt, int(h.rounds), len(h.key))
	return err == nil && subtle.ConstantTimeCompare(key, h.key) == 1
}

func (pbkdf2Hash) memoryKiB() uint32 { return 0 }

// newPBKDF2 makes the checks that all textual forms share. key must decode exactly size bytes.
func newPBKDF2(name, rounds string, salt []byte, key func(size int) ([]byte, bool)) (stored, bool) {
	h := pbkdf2Hash{salt: salt}
	switch name {
	case "sha1":
		h.digest = sha1.New
	case "sha256":
		h.digest = sha256.New
	case "sha512":
		h.digest = sha512.New
	default:
		return nil, false
	}
	var ok1, ok2 bool
	h.rounds, ok1 = parseUint(rounds)
	h.key, ok2 = key(h.digest().Size())
	return h, ok1 && ok2 && h.rounds >= 1 && h.rounds <= maxRounds && len(salt) >= 1 && len(salt) <= maxLegacySalt
}

func parsePBKDF2Django(s string) (stored, bool) {
	f := strings.Split(s, "$")
	if len(f) != 4 {
		return nil, false
	}
	return newPBKDF2(strings.TrimPrefix(f[0], "pbkdf2_"), f[1], []byte(f[2]), func(size int) ([]byte, bool) {
		return decodeBase64(base64.StdEncoding, f[3], size, size)
	})
}

// parsePBKDF2Passlib reads the form of passlib, whose base64 has '.' in place of '+'.
func parsePBKDF2Passlib(s string) (stored, bool) {
	f := strings.Split(s, "$")
	if len(f) != 5 || strings.Contains(f[3]+f[4], "+") {
		return nil, false
	}
	name := strings.TrimPrefix(f[1], "pbkdf2-")
	if f[1] == "pbkdf2" {
		name = "sha1"
	}
	decode := func(s string, least, most int) ([]byte, bool) {
		return decodeBase64(base64.RawStdEncoding, strings.ReplaceAll(s, ".", "+"), least, most)
	}
	salt, ok := decode(f[3], 1, maxLegacySalt)
	if !ok {
		return nil, false
	}
	return newPBKDF2(name, f[2], salt, func(size int) ([]byte, bool) { return decode(f[4], size, size) })
}

func parsePBKDF2Werkzeug(s string) (stored, bool) {
	f := strings.Split(s, "$")
	if len(f) != 3 {
		return nil, false
	}
	method := strings.Split(f[0], ":")
	if len(method) != 3 {
		return nil, false
	}
	return newPBKDF2(method[1], method[2], []byte(f[1]), func(size int) ([]byte, bool) { return decodeHex(f[2], size) })
}
