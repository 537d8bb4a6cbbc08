// Package limit counts tries, so that guessing is slow and nobody floods a mailbox or the
// database.
//
// # Start here
//
// [Limiter] counts. Its methods in budgets.go are the budgets: each says what it protects,
// whose bucket it takes from and who takes it. [Limiter.Take] takes one try from each of the
// buckets it is given, or answers an [Error] that says how long to wait. [Limits] is what a
// host configures.
//
// # Owns and does not own
//
// The package owns the budgets, their defaults and the names of buckets. It declares the
// [Store] in which buckets are counted, so that all replicas count together. Who has to be
// slowed down, and what a success gives back, is decided where the try is made.
//
// # What surprises
//
//   - A bucket is named by a keyed hash: a copy of the database tells nobody's address.
//   - Tries are taken before anything is verified, and several buckets give all or nothing.
//   - The name of a budget is part of the stored names: under another name its buckets start
//     full.
package limit
