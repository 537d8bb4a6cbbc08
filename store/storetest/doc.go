// Package storetest is the conformance suite of stores. It tests every promise in the comments
// of the Store interfaces that package store lists. The test file of a store is a few lines:
//
//	func open(t *testing.T) store.Store { … } // empty, migrated, closed by t.Cleanup
//
//	func TestStore(t *testing.T)             { storetest.Run(t, open) }
//	func TestStoreConcurrent(t *testing.T)   { storetest.RunConcurrent(t, open) }
//	func TestStoreDifferential(t *testing.T) { storetest.Differential(t, open, inMemory) }
//
// [Run] checks one method after another. [RunConcurrent] checks who wins when many callers want
// the same. [Differential] makes the same random calls to two stores, such as memstore, and
// compares the answers.
//
// The suite knows the contract but no SQL. Package buntest tests what only a database can show,
// and servicetest what the services do with a store. Ids are UUIDv7 in canonical form, times
// are UTC in whole microseconds, and text is valid UTF-8 without NUL, as the services pass
// them. What the contract leaves open, such as which of two conflicts is reported, is not
// checked.
//
// Each scenario opens its own store and runs in parallel with the others. Contexts have a
// deadline, so a store that waits for itself fails instead of hanging. Run the suite with the
// race detector, on one connection too, and on each isolation level that should work. New
// versions add scenarios, so a store that passes today may fail a later version. The names of
// subtests may change.
package storetest
