// Package auth manages accounts: users, groups, services, roles, sign-in, sessions and tokens.
// It decides who a request acts as and what it may do.
//
// Start with [New] and [Service]. [Service.SignIn] starts a session. [Service.Authenticate]
// says who a request acts as. Most other methods take that [Principal] as the caller and decide
// with [Service.Authorize]. A nil caller is nobody; [Service.Operator] is the host itself.
//
// The package owns every rule about accounts. It contains no database driver ([Store] says what
// it needs from one) and knows nothing of HTTP. It starts goroutines only in [Service.Run], and
// for a host's verifier of role claims. Each package below it holds one mechanism. Packages
// such as auth/device and sharing build on it.
//
// All changes go through [Service.Tx], so that none can miss the hooks, the audit record and
// the work after a commit. Writes that belong together are one transaction or one conditional
// statement, so any number of replicas can share a store. A Service is safe for concurrent use.
//
// Every sign-in passes one gate. [Service.Begin] counts the try, and the method verifies what
// it was given. Then [Attempt.Start] takes its [Proof] and makes the session, or [Attempt.Fail]
// records the failure. A new method has a file or a package of its own, and a line in
// methods.go. If it keeps records, store.go and the drivers change too. Its routes, handlers
// and errors are in httpadapter.
//
// Nobody can give rights that they do not hold ([CeilingError]). Rights, status and sessions
// are read at each request, so a change counts at once. Match errors with errors.Is. Codes,
// reasons and audit actions are stable.
package auth
