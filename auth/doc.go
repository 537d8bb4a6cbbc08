// Package auth manages accounts: users, groups, services, roles, sign-in, sessions and tokens.
// It decides who a request acts as and what it may do.
//
// Start with [New] and [Service]. [Service.SignIn] starts a session. [Service.Authenticate]
// says who a request acts as. Most other methods take that [Principal] as the caller and decide
// with [Service.Authorize]. A nil caller is nobody; [Service.Operator] is the host itself.
//
// The package owns every rule about accounts. It contains no database driver ([Store] says what
// it needs from one) and knows nothing of HTTP. It starts goroutines only in [Service.Run], and
// for a host's verifier of role claims. Packages such as auth/device and sharing
// build on it.
//
// Changes to accounts go through [Service.Tx], so that none can miss the hooks, the audit
// record and the work after a commit. Any number of replicas can share a store. A Service is
// safe for concurrent use.
//
// Every sign-in passes one gate. [Service.Begin], or [Service.BeginFor] if the method has
// counted the try itself, makes an [Attempt]. The method verifies what it was given. Then
// [Attempt.Start] turns the method's [Proof] into a session, or [Attempt.Fail] records the
// failure. To add a method, write a file or a package for it and a line in methods.go. If it
// keeps records, change store.go and the drivers. Add its routes, handlers and errors to
// httpadapter.
//
// Nobody can give rights that they do not hold ([CeilingError]). Rights, status and sessions
// are read at each request, so a change counts at once. Codes, reasons and
// audit actions are stable.
package auth
