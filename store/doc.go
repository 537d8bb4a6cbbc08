// Package store says what a database is to the services: one [Store] that hands out the store
// of each room, and transactions over all of them.
//
// Hosts open one of the drivers: sqlitestore for a file, pgstore for PostgreSQL, bunstore for a
// pool that the host has already, memstore for tests. Authors of a driver implement [Store] and
// run package storetest.
//
// Each room declares the contract that it needs (auth.Store, device.Store, sharing.Store); this
// package only bundles them. It holds no rule and no SQL.
//
// Inside a transaction, use only the Store that was handed in. The outer one waits for a second
// connection, and hangs on a database that has just one. Services do their work in a
// transaction of the host when they are bound to its Store, see auth.Service.WithStore.
//
// Conditional writes with one winner stop codes, tokens and invitations from being used twice.
// Transactions stop half-made accounts, sessions without a login record, and two last admins
// who leave at the same time.
//
// Until the first stable release the contracts may get new methods. Embed no interface in a
// driver, so that the compiler names what is missing.
package store
