package token

import (
	"hash/crc32"
	"math/big"
)

const (
	alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	bodyLen  = 43 // base62 digits that hold 256 bits
	sumLen   = 6  // base62 digits that hold a CRC32
)

// greatest is the body for 2^256 - 1. Bodies sort as their values do, because the alphabet is
// in ASCII order.
const greatest = "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1"

// base62 returns the 256 bits of b as text.
func base62(b [32]byte) string {
	var out [bodyLen]byte
	n, digit, base := new(big.Int).SetBytes(b[:]), new(big.Int), big.NewInt(int64(len(alphabet)))
	for i := bodyLen - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		out[i] = alphabet[digit.Int64()]
	}
	return string(out[:])
}

// isBase62 reports whether s has only characters of the alphabet.
func isBase62(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// checksum returns the CRC32 (IEEE) of text. It finds typos; it proves nothing and is not
// secret.
func checksum(text string) string {
	var out [sumLen]byte
	n := crc32.ChecksumIEEE([]byte(text))
	for i := sumLen - 1; i >= 0; i-- {
		out[i] = alphabet[n%uint32(len(alphabet))]
		n /= uint32(len(alphabet))
	}
	return string(out[:])
}
