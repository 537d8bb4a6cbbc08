// Package password hashes and verifies passwords, and decides which ones may be chosen.
//
// Start with [NewHasher]. A sign-in needs only the [Hasher]'s Hash, Verify and VerifyDummy.
// [Rules] decides whether a password may be chosen: call Rules.Check when a password is set,
// never when it is verified. The package does not store hashes, count failed attempts or know
// users; package auth does.
//
// New hashes are argon2id in a PHC string. Hashes of older systems also verify (bcrypt, scrypt,
// PBKDF2, and a host's own through [LegacyVerifier]); Result.Rehash then asks for a new one.
// Stored hashes stay verifiable across releases, and the codes of [RuleError] are stable. The
// defaults and the list of common passwords may grow.
//
// A Hasher starts no goroutines. It computes at most Config.Slots hashes at once. Each uses
// Params.MemoryKiB, and all together up to 32 MiB more that waits for the garbage collector. A
// stored hash of an older system uses the memory that it names, at most 256 MiB. Other callers
// wait in a bounded queue; they leave it when their context ends, and get a [BusyError] if it
// is full. A hash that has begun is not interrupted.
//
// Parameters of stored hashes are bounded before any work. VerifyDummy does the work of a hash
// for a user who does not exist, and Verify pads hashes that are cheaper than new ones. So
// response times do not tell who exists, as long as no stored hash costs more than a new one.
// Passwords are never trimmed, folded or cut off ([Normalize]); more than 72 bytes never match
// a bcrypt hash. Too long input is refused before it takes a slot. There are no composition
// rules (NIST SP 800-63B).
package password
