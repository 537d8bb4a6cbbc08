// Package buntest has the tests and benchmarks that the driver packages of bunstore share. They
// check what only a real database can show and what storetest can't ask, since it knows no SQL.
//
// The tests of a driver package call [HostTx], [HostileStrings], [ParallelMigrate], [Order],
// [Statements] and others with a store of theirs, next to storetest.Run. Its benchmarks call
// [Bench]. [Counting] wraps a driver and counts the statements that reach it, so that a loop of
// queries can't hide.
//
// The checks are about the boundary between bunstore and a driver: transactions of the host,
// quoting of values in every kind of statement, concurrent migrations, and the number and cost
// of statements. Package storetest checks the contract of a store, and servicetest that of the
// services. Each check needs an empty store or pool that nothing else uses.
//
// The package is for this module's own drivers and for authors of others. New checks may come
// at any time.
package buntest
