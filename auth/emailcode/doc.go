// Package emailcode finds out whether somebody reads the mail of an address. A code is mailed
// and typed, or a link is mailed and opened.
//
// Start with [Flow], which is one such request. [Flows.Begin] makes a flow with a secret for
// the caller, and a code and a link for the mail. [Flows.Resend] makes another code and link.
// [Flows.Prove] finds the flow that a typed code or a link opens, and [Flows.Use] uses it up.
//
// The package owns the record of a flow, the form and the life of codes, and the rules about
// who may type a code or ask for another mail. It declares the [Store] that it needs. It sends
// no mail and knows no accounts: users and sessions are ids to it. Package auth stores a flow
// together with its mail, limits how often each step may be tried ([Budgets]), and decides what
// a proof does to an account.
//
// Begin answers the same for every address. A flow for an address that nobody may prove is a
// decoy: no code opens it. A typed code takes a try before it is compared, so that a request
// which is cut off gives no free guess. A code opens only its own flow, for its own purpose and
// address. Stores keep keyed hashes of codes: a copy of the database does not give them away. A
// link carries 256 bits and can't be guessed, so opening one takes no try.
//
// Nothing here opens a transaction. A flow has to end in the same transaction as the change
// that it is for, so make Flows on the [Store] of that transaction. Flows are safe for
// concurrent use, and of several callers that use a flow at once, on any number of replicas,
// one wins.
package emailcode
