package password

import (
	"context"
	"strings"
)

// LegacyVerifier verifies hashes in a format that this package does not know. It is asked
// before the built-in legacy formats. Both methods must be safe for concurrent use and must
// limit the parameters that a hash asks for.
type LegacyVerifier interface {
	// Recognises reports whether hash is in this format, without computing a hash.
	Recognises(hash string) bool
	// Verify reports whether pw, already normalized by [Normalize], matches a recognised hash.
	// It runs while the caller holds a slot.
	Verify(ctx context.Context, hash, pw string) (bool, error)
}

// stored is a parsed hash whose parameters are within bounds.
type stored interface {
	match(pw string) bool
	// memoryKiB returns how much garbage match leaves behind, or 0 if it is little.
	memoryKiB() uint32
}

// parseLegacy reads the hashes that are verified but no longer made:
//
//	$2a$, $2b$, $2y$                        bcrypt
//	$scrypt$ln=…,r=…,p=…$salt$key           scrypt in a PHC string, as passlib writes it
//	scrypt:N:r:p$salt$hex                   scrypt, Werkzeug
//	salthex:keyhex                          scrypt, better-auth
//	$pbkdf2$, $pbkdf2-sha256$, …-sha512$    PBKDF2, passlib
//	pbkdf2_sha256$, pbkdf2_sha1$            PBKDF2, Django
//	pbkdf2:sha256:rounds$salt$hex           PBKDF2, Werkzeug (also sha1, sha512)
//	argon2$argon2id$…                       argon2id, Django
func parseLegacy(s string) (stored, bool) {
	if len(s) > maxHashLen {
		return nil, false
	}
	switch {
	case strings.HasPrefix(s, "$2"):
		return parseBcrypt(s)
	case strings.HasPrefix(s, "$scrypt$"):
		return parseScryptPHC(s)
	case strings.HasPrefix(s, "scrypt:"):
		return parseScryptWerkzeug(s)
	case strings.HasPrefix(s, "$pbkdf2"):
		return parsePBKDF2Passlib(s)
	case strings.HasPrefix(s, "pbkdf2_"):
		return parsePBKDF2Django(s)
	case strings.HasPrefix(s, "pbkdf2:"):
		return parsePBKDF2Werkzeug(s)
	case strings.HasPrefix(s, "argon2$"):
		return parsePHC(s[len("argon2"):])
	default:
		return parseScryptHex(s)
	}
}
