// Package storetest is the conformance suite of stores: every promise that the comments in
// auth/store.go and sharing/store.go make, as a test.
//
// # Start here
//
// The test file of a store is a few lines:
//
//	func open(t *testing.T) store.Store { … } // empty, migrated, closed by t.Cleanup
//
//	func TestStore(t *testing.T)           { storetest.Run(t, open) }
//	func TestStoreConcurrent(t *testing.T) { storetest.RunConcurrent(t, open) }
//	func TestStoreDifferential(t *testing.T) {
//		storetest.Differential(t, open, func(*testing.T) store.Store { return memstore.New() })
//	}
//
// [Run] checks method by method, [RunConcurrent] who wins when many callers want the same, and
// [Differential] plays the same random calls to two stores and compares the answers.
//
// # Owns and does not own
//
// It knows the contract and no SQL: what only a database can show (transactions of the host,
// statement counts, migrations) is in buntest, what the services make of a store is in
// servicetest. Ids are UUIDv7 in canonical form, times UTC in whole microseconds, text is valid
// UTF-8 without NUL, since that is what services pass. What the contract leaves open, such as
// which of two conflicts is named, is not checked.
//
// # Transactions and concurrency
//
// Each scenario opens its own store and runs in parallel with the others. Contexts have a
// deadline, so a store that waits for itself fails instead of hanging. Run it with the race
// detector, also on one connection, where a method that uses the pool inside a transaction
// can't hide, and where there are isolation levels, on each that is to work.
//
// # What each rule stops
//
//   - Hostile text goes through every column and comes back byte for byte; a prefix is text,
//     not a pattern: no injection, no list of everybody for "%".
//   - A conflict leaves the transaction usable and an error leaves nothing behind: no half an
//     account.
//   - One winner: no code, token or name is used twice, and two crossing requests can't remove
//     the last admin.
//   - No share code is used more often than it allows, and no share outlives its giver or its
//     receiver, however they race.
//   - Buckets never give more than they hold: guesses are not multiplied by sending them at
//     once.
//
// # Stability
//
// Scenarios are added with each promise. A store that passes today may fail a later version:
// then it broke that promise all along. The names of subtests may change.
package storetest
