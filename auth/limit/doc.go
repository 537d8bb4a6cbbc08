// Package limit counts tries, so that guessing is slow and nobody floods a mailbox or the
// database.
//
// A [Limiter] counts. Its methods in budgets.go are the budgets: each says what it protects,
// how much it holds and where it is taken. [Limiter.Take] takes one try from each bucket that
// it is given, or returns an [Error] that says how long to wait. [Limits] is what a host
// configures.
//
// The package owns the budgets, their defaults and the names of buckets. It declares the
// [Store] in which buckets are counted, so that all replicas count together. The caller decides
// who has to be slowed down, and gives tries back if they told the person nothing.
//
// Tries are taken before anything is verified, and several buckets give all or nothing. A
// bucket is named by a keyed hash, so a copy of the database shows nobody's address. The name
// of a budget is part of the stored names. If it changes, nothing counts as tried yet.
package limit
