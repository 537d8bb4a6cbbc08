// Package password hashes, verifies and judges passwords.
//
// # Start here
//
// [NewHasher] makes a [Hasher]; its Hash, Verify and VerifyDummy are all that a
// sign-in needs. [Rules] decides whether a password may be chosen at all: call
// Rules.Check when a password is set, never when it is verified.
//
// # Owns and does not own
//
// The package owns the form of stored hashes (argon2id in a PHC string), the
// verification of hashes that older systems left behind (bcrypt, scrypt, PBKDF2,
// and through [LegacyVerifier] whatever a host had), the one Unicode step that
// passwords go through ([Normalize]), the limit on concurrent hashing, and the
// list of common passwords. It does not store hashes, count failed attempts, or
// know users: package auth does.
//
// # Concurrency and memory
//
// A Hasher is immutable and safe for concurrent use; it starts no goroutine. Every
// hash is computed in one of Config.Slots slots. Callers wait in a bounded queue,
// leave it when their context ends, and get a [BusyError] when it is full. A hash
// that has begun is not interrupted. While slots work, each holds Params.MemoryKiB;
// memory of finished hashes is returned to the garbage collector early, so hashing
// adds about 16 to 32 MiB on top of what the slots hold, not as much again as the heap.
// A stored hash of an older system uses the memory that it names, 256 MiB at most.
//
// # What each rule stops
//
//   - Parameters in a stored hash are bounded before any work: a planted hash can
//     neither exhaust memory nor reach argon2 with values that make it panic.
//   - VerifyDummy, and padding of cheaper stored hashes up to the cost of today's
//     parameters: response times tell neither whether a user exists nor which
//     system their hash came from, unless that hash costs more than today's.
//   - Nothing is trimmed, folded or cut off. An input above 72 bytes never matches
//     a bcrypt hash, which would ignore the rest.
//   - Length is the main rule and there are no composition rules (NIST SP 800-63B);
//     common and guessable choices are refused instead.
//   - Too long input is refused before hashing, so it takes no slot.
//
// # Stability
//
// Stored hashes stay verifiable across releases. Defaults of [DefaultParams] may
// rise; Result.Rehash then brings stored hashes up as their owners sign in. Codes
// of [RuleError] are stable; the list of common passwords may grow.
package password
