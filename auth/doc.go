// Package auth is accounts: users, groups, services, roles, sign-in, sessions and tokens, and
// the one decision about what somebody may do.
//
// Start with [New] and [Service]. [Service.SignIn] starts a session, [Service.Authenticate]
// says who a request acts as, and most other methods take that [Principal] as the caller and
// decide by [Service.Authorize]. A nil caller is nobody, and [Service.Operator] is the host
// itself.
//
// The package owns every rule about accounts. It implements no database ([Store] is what it
// asks of one), knows no HTTP, and starts no goroutine outside of [Service.Run], except for a
// host's verifier of role claims. The packages below it hold one mechanism each. Rooms such as
// auth/device and sharing stand on it.
//
// All changes go through [Service.Tx], so that hooks, the audit record and what waits for the
// commit hang on one door. Whatever has to hold together is one transaction or one conditional
// statement, so any number of replicas may share a store. A Service is safe for concurrent use.
//
// Every sign-in passes one gate: [Service.Begin] counts the try, the method makes a [Proof],
// and [Attempt.Start] decides and makes the session, or [Attempt.Fail] records the failure. A
// new method touches: its own file or room, methods.go (its line in the table), store.go and
// the drivers if it keeps records, and in httpadapter routes, handler and errors.
//
// Nobody gives rights that they do not hold ([CeilingError]). Rights, status and sessions are
// read at each request, so taking something away counts at once. Errors are matched with
// errors.Is. Codes, reasons and audit actions are stable.
package auth
