// Package buntest has the tests and benchmarks that the driver packages of bunstore share: what
// only a real database can show, and what storetest, which knows no SQL, can't ask.
//
// # Start here
//
// A driver package's tests call [HostTx], [HostileStrings], [ParallelMigrate] and [Order],
// [Statements] and others with a store of theirs, next to storetest.Run; its benchmarks call
// [Bench]. [Counting] wraps a driver so that the statements that reach it are counted.
//
// # Owns and does not own
//
// The checks here are about the seam between bunstore and a driver: transactions of the host,
// quoting, migrations at the same time, the number of statements and their cost. The contract
// of a store is checked by storetest, that of the services by servicetest.
//
// # Concurrency
//
// Each check works on the store or the pool it is given and wants it empty and for itself.
//
// # What each rule stops
//
//   - Statements are counted at the driver, not where they are written: a loop of queries in a
//     hot path can't hide.
//   - Hostile strings go in and come out by every kind of statement, filled in and prepared:
//     the quoting of values is the boundary against injection.
//
// # Stability
//
// For this module's own drivers and for authors of further ones. Checks are added freely.
package buntest
