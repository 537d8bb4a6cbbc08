// Package memstore keeps everything in maps behind one lock: a store for unit tests of hosts
// and for examples. Nothing outlives the process.
//
// # Start here
//
//	st := memstore.New()
//	accounts, err := auth.New(st.Auth(), cfg)
//
// # Owns and does not own
//
// It passes the same conformance suite (storetest) as the databases, so what a test sees here
// holds there. What it can't show are races that only a database has: run the host's own tests
// on its database as well.
//
// # Transactions and concurrency
//
// A Store is safe for concurrent use. A transaction holds the one lock until it ends, so
// transactions run one after the other and never need to be retried; rolling back restores a
// copy that was taken at its start. Using the outer store inside a transaction waits for the
// transaction itself, as on a database with one connection, until the context ends: give tests
// a context with a deadline. So does using any store inside of an edit. The store of a
// transaction is safe for concurrent use as well, and of no use once the transaction has ended.
//
// # What each rule stops
//
// Values are copied on the way in and out, so a caller who changes what it was given changes
// nothing here.
//
// # Stability
//
// Follows the contracts in packages auth and sharing. Its speed is not a promise: lists are
// sorted anew for each page.
package memstore
