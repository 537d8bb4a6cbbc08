// Package token makes and reads the two kinds of tokens that accounts hand out:
// opaque secrets, and signed access tokens.
//
// # Start here
//
// [New] makes an opaque [Secret]: show its text once with Reveal, store its
// Hash, and find it again through that. [Parse] reads one from a request and
// refuses whatever New could not have made, so a typo costs no read.
//
// [NewRing] opens stored signing keys. [Ring.Sign] makes a JWT access token,
// [Ring.Verify] checks one, [Ring.JWKS] publishes the public keys, and
// [Ring.Rotation] tells when to make a key with [NewKey] and which to drop.
//
// # Owns and does not own
//
// The package owns the form of both kinds, the derivation of keys from the host's
// secret ([DeriveKey]), and the sealing of private keys. It stores nothing, knows no
// users, and does not decide what a token may do: package auth does, from current rights.
// The claims of an access token only name a user and a session, and limit them.
//
// # Concurrency and time
//
// Everything here is a value or immutable, so it is safe for concurrent use; no
// goroutine is started. The package never reads a clock: callers hand in the time.
// A Ring does not change. Whoever sees another set of stored keys makes a new one.
//
// # Rotation
//
// A new key is published for Config.PublishWait before it signs, and an old one
// verifies until the last token that it can have signed is past. Replicas that read
// the keys at different times therefore accept each other's tokens throughout.
//
// # What each rule stops
//
//   - The class stands in the text and under the checksum: a refresh token never passes
//     as an API token, and leaked secrets are found by [Pattern].
//   - Only hashes of 256 random bits are stored: a stolen database opens nothing, and
//     a look-up by hash compares nothing whose timing would help to guess.
//   - A Secret prints, logs and encodes as "[redacted]" and cannot be compared with ==.
//   - The key decides the algorithm, the header must agree, and each header member that could
//     bring another key (`jku`, `jwk`, `x5u`, `x5c`) or rule (`crit`) is refused (RFC 8725).
//   - The `typ` is required, so nothing else that is ever signed passes as an access token.
//   - Length and number of parts are checked before anything is decoded; base64 and JSON
//     have one accepted form, without duplicate members, nesting or trailing data. A claim
//     that this version does not know is refused, since it may be a limit.
//   - Private keys are sealed together with their id: neither a copy of the database nor
//     a row under another id signs anything.
//
// # Stability
//
// The forms of secrets, claims and sealed keys are stable; those that a version
// wrote stay readable. Texts of errors may change.
package token
