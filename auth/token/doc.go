// Package token makes and reads the two kinds of tokens that accounts use: opaque secrets and
// signed access tokens.
//
// [New] makes an opaque [Secret]. Show its text once with Reveal, store only its Hash, and look
// it up by that. [Parse] reads one from a request and refuses anything that New could not have
// made, so a typo costs no query. A [Keeper] reads the signing keys of a [KeyStore] and makes
// the next one when it is time. Its [Ring] is the keys as they were read: [Ring.Sign] makes a
// JWT, [Ring.Verify] checks one, and [Ring.JWKS] publishes the public keys.
//
// The package does not decide what a token may do; package auth does. Its values are safe for
// concurrent use, and all but a Keeper's cache are immutable. It opens no transaction and reads
// no clock but the one it is given. A new key is published for Config.PublishWait before it
// signs, and an old one verifies until its last token has expired, so replicas that read the
// keys at different times accept each other's tokens.
//
// The class is part of a secret's text and checksum, so a secret of one kind never passes as
// one of another kind, and [Pattern] finds secrets that leaked. A Secret prints, logs and
// encodes as "[redacted]" and can't be compared with ==. Private keys are sealed together with
// their id, so a row that was renamed or copied to another id can't sign.
//
// The key decides the algorithm. Headers that could bring another key or rule (`jku`, `jwk`,
// `x5u`, `x5c`, `crit`) are refused (RFC 8725), and so is any `typ` but that of access tokens.
// Size and parts are checked before decoding. Base64 and JSON have one accepted form. Unknown
// claims are refused, since they may be limits. The forms of secrets, claims and sealed keys
// are stable; error texts may change.
package token
