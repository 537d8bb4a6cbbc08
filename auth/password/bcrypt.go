package password

import (
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	bcryptLen     = 60 // $2b$10$ + 22 characters of salt + 31 of hash
	bcryptInput   = 72 // bytes of the password that bcrypt reads
	maxBcryptCost = 14 // takes about 16 times as long as the usual 10
)

type bcryptHash string

// parseBcrypt accepts the versions that give the same results as today's bcrypt. It refuses
// $2x$, which marks hashes of an implementation that handled bytes above 127 wrongly.
func parseBcrypt(s string) (stored, bool) {
	if len(s) != bcryptLen || !strings.Contains("aby", s[2:3]) || s[3] != '$' || s[6] != '$' {
		return nil, false
	}
	for _, c := range []byte(s[7:]) {
		if !isAlnum(c) && c != '.' && c != '/' {
			return nil, false
		}
	}
	cost, err := bcrypt.Cost([]byte(s))
	if err != nil || cost > maxBcryptCost || s[4] < '0' || s[4] > '9' {
		return nil, false
	}
	return bcryptHash(s), true
}

// match never matches a password longer than bcrypt reads, but takes just as long.
func (h bcryptHash) match(pw string) bool {
	read := pw[:min(len(pw), bcryptInput)]
	return bcrypt.CompareHashAndPassword([]byte(h), []byte(read)) == nil && len(read) == len(pw)
}

func (bcryptHash) memoryKiB() uint32 { return 0 }

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
