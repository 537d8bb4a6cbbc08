// Package host is what the example programs share, so that each of them shows only what is its
// own: opening a store from its address, the file with the key, accounts on both, the first
// admin, a command line whose errors are one line, JSON in and out, Swagger UI under a strict
// policy, and serving until a signal.
//
// # Start here
//
//	db, err := host.Open(ctx, "app.db")                                  // or a postgres:// URL
//	hp, err := host.Hallpass(ctx, db, "app.key", hallpass.Config{…})     // makes the key at the first start
//	err = host.Serve(ctx, ln, handler, hp.Run, log)                      // until ctx ends; drains
//
// # Owns and does not own
//
// Nothing of a program's routes, flags and rules. A host of your own needs none of this: it has
// ways of its own for most, and the quickstart shows how little is needed.
//
// # What each rule stops
//
//   - A key is made only for a store that has none, is on the disk before it is used and is
//     never written over: what the store seals with it can always be opened.
//   - A JSON body is bounded and names each member once: no two readers can take it for two
//     things.
//   - Of an address only the scheme is told in errors: there may be a password in it.
//   - The server has limits against slow and large requests.
//   - The policy of Swagger UI names the scripts that may run by their hashes.
package host
