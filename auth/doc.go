// Package auth is accounts: users, groups, services, roles, policy, passwords, sessions, tokens
// and the login history, on whatever Store it is given.
//
// # Start here
//
// [New] makes a [Service] from a [Store] and a [Config]. [Service.Ready] checks at start that
// the store belongs to the secret. [Service.SignIn], [Service.SignInByCode],
// [Invitations.Accept] and [Service.PasswordGrant] start sessions, [Service.Authenticate]
// and [Service.AuthenticateCookie] say who a request acts as, and the rest of the methods take
// that [Principal] as the caller. Package httpadapter puts all of them on HTTP.
//
// # Owns and does not own
//
// The package owns every rule about accounts: who may do what to whom, what a name or a
// password may be, when a session ends, how often somebody may guess. It declares what it asks
// of a database ([Store]) and implements none. It knows no HTTP, reads no environment, starts
// no goroutine (but one for each claim that a host's verifier judges, and those of
// [Service.Run]) and keeps no package state. Mail goes through a [Mailer]; auth/mail has some.
// Hashing is in auth/password, signing and the form of secrets in auth/token, what a scope
// means in package scopes.
//
// # Transactions and concurrency
//
// A Service is safe for concurrent use; any number of replicas may share a store. What has to
// hold together is written in one transaction or by one conditional statement: the last admin,
// a set-up, a sign-in, a rotation of a refresh token each have one winner. [Service.WithStore]
// does its work inside a transaction of the host.
//
// # Mail
//
// What mails somebody puts the mail into the store's outbox in its own transaction;
// [Service.Run] sends it after the commit and tries again until that works. A mail server that
// is down or slow changes no answer. A flow ([Service.BeginEmailCode]) proves an address by a
// code that is typed beside the flow's secret, or by a mailed link; accounts appear when the
// proof is given, never before.
//
// # Callers
//
// Methods that change or show something take the caller and decide with [Service.Authorize]:
// nil is nobody, a guest may do what role guest holds, [Service.Operator] is the host itself.
// Nobody gives, or acts on somebody who holds, more than they hold themselves, narrowed by the
// credential they use ([CeilingError]).
//
// Roles are code's ([Config].Roles) or made at run time ([Roles.Put]); users, groups and
// services hold them. What somebody may do is read with them, in the one statement of
// [Service.Authenticate], so a role, a membership or a scope that is taken is gone at the next
// request, whatever the credential. [Service.Check] and [Service.Explain] answer with the same
// decision.
//
// # What each rule stops
//
//   - Ids, never names, in tokens and rights; freed names rest: a renamed user's access does
//     not pass to the next holder of the name.
//   - One answer and equal work for unknown user, no password and wrong password: nobody learns
//     who has an account.
//   - Tries are counted in the store before any hashing, by account, network and both; a device
//     that signed in before has its own count: guessing is slow, and locking somebody out by
//     guessing does not work.
//   - Every way to begin a flow answers alike and does the same work for every address; codes
//     are few tries, one use and one purpose, bound to who asked; the first proof of an address
//     ends what was set up without it: nobody learns who has an account, guesses a code, or
//     waits in somebody else's account for them to come.
//   - Links in mails come from the configuration, carry their token in the fragment and do
//     nothing by being opened; codes wait in the outbox sealed.
//   - Only hashes of secrets are stored, signing keys are sealed, a refresh token rotates and a
//     late replay ends its session: a copy of the database or a stolen token opens little and
//     not for long.
//   - Rights, status and sessions are read at each request: revoking is instant.
//   - An API token's scopes are a ceiling over what its owner holds at that moment, never a
//     copy: a token outlives no right, and makes none that is wider.
//   - A right over the members of a group is no right to choose them: nobody brings people into
//     their own reach.
//   - Sensitive changes need the password within [Config].FreshFor: an unattended browser is
//     not enough.
//
// # Stability
//
// Errors are matched with errors.Is; codes in [FieldError], reasons in [Login] and actions in
// [AuditRecord] are stable.
package auth
