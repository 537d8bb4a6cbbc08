// Package store is the contract of a database. A [Store] gives each package of the library the
// store that it needs, and runs transactions over all of them.
//
// Hosts open one of the drivers: sqlitestore for a file, pgstore for PostgreSQL, bunstore for a
// pool that the host has already, memstore for tests. Authors of a driver implement [Store] and
// run package storetest.
//
// Each package declares what it needs: auth.Store, device.Store and sharing.Store, and through
// auth.Store also emailcode.Store, limit.Store, mail.Store and token.KeyStore. This package
// only bundles them. It holds no rule and no SQL.
//
// Inside a transaction, use only the Store that was handed in. The outer one needs a second
// connection, and on a database that has just one it waits forever. A service works in a
// transaction of the host if it is bound to the Store of that transaction; see
// auth.Service.WithStore.
//
// Conditional writes with one winner stop codes, tokens and invitations from being used twice.
// Transactions stop half-made accounts, sessions without a login record, and the last two
// admins from removing each other at the same time.
//
// Until the first stable release the contracts may get new methods. Embed no interface in a
// driver, so that the compiler names what is missing.
package store
