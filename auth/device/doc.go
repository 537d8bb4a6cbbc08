// Package device signs in programs that have no browser (RFC 8628, device authorization grant):
// a program shows a short code, a person who is signed in elsewhere types it and allows the
// program, and the program gets tokens.
//
// [New] makes a [Service] on package auth. [Service.Begin] is the program's first call,
// [Service.LookUp] and [Service.Decide] are the person's, and [Service.Redeem] is what the
// program polls. [Store] is all that the package needs from a database.
//
// The rules limit what a trick can gain: somebody who talks a person into typing a code gets a
// session that can't make sensitive changes once the person's own proof of identity is too old.
// The first session that looks a code up owns the decision, so that nobody else can answer it.
// User codes are short: looking them up is limited for each user, and a store keeps only keyed
// hashes of them. A device never gets more than the person may do at that moment.
//
// The decision, the poll and the redemption are each one conditional statement, so that of
// several callers one wins, on any number of replicas. A Service is safe for concurrent use.
package device
