// Package store says what a database is to the services: one [Store] that hands out the
// store of each domain package, and transactions over all of them.
//
// # Start here
//
// Hosts open one: sqlitestore for a file, pgstore for PostgreSQL, bunstore for a pool that the
// host has already, memstore for unit tests. Authors of another one implement [Store] and run
// storetest.
//
// # Owns and does not own
//
// The contracts are declared where they are used, in auth.Store and sharing.Store; this package
// only bundles them. It holds no rule and no SQL.
//
// # Transactions and concurrency
//
// A Store is safe for concurrent use, and so is each store it hands out. [Store].Tx is for work
// that has to commit as one across domain packages, or together with what a host does; a
// service that is bound to the Store of a transaction (auth.Service.WithStore) does all of its
// work in it. Using an outer Store inside the transaction is a mistake that hangs on a database
// with one connection.
//
// # What each rule stops
//
// Conditional writes, one winner each, stop codes, tokens and invitations from being used
// twice; transactions stop half an account, a session without its login record, and the last
// admin from leaving by two doors at once.
//
// # Stability
//
// Methods are added to the contracts between minor versions until the first stable release:
// embed no interface in an own store, so that the compiler names what is missing.
package store
