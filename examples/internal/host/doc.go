// Package host is what the example programs share, so that each program shows only its own
// part: the database and its key, the first admin, the command line, the listener, errors and
// JSON in answers, Swagger UI, and serving until a signal.
//
// # Start here
//
//	host.Main(run)                                                       // runs a command line
//	db, err := host.Open(ctx, "app.db")                                  // or a postgres:// URL
//	hp, err := host.Hallpass(ctx, db, "app.key", hallpass.Config{…})     // makes the key
//	ln, err := host.Listen("127.0.0.1:8080", "")
//	mux := host.NewMux(fail, host.ErrNoRoute, host.ErrNoMethod)          // never redirects
//	err = host.Serve(ctx, ln, mux, hp.Run, log)                          // until ctx ends
//
// A host of your own needs none of this. The quickstart shows how little is needed.
//
// # What each rule stops
//
//   - A key is made only for a store without one. It is on the disk before it is used, and is
//     never overwritten, so what the store sealed can always be opened.
//   - A JSON body has a maximum size and names each member once, so no two readers understand
//     it differently.
//   - Errors show only the scheme of an address, because it may contain a password.
//   - The server has limits against slow and large requests.
//   - The policy of Swagger UI names the scripts that may run by their hashes.
package host
