// Package bunstore keeps everything in SQLite or PostgreSQL, through bun. It links no driver:
// the host brings the pool, with whichever driver and version it uses.
//
// # Start here
//
// sqlitestore and pgstore open a database and choose driver, pool and settings. A host that has
// a pool already calls [New] and [Store.Migrate]; [NewPools] takes separate pools for writing
// and reading. [Store.WithTx] does its work inside a transaction that the host began: a sign-up
// and the host's own row commit together or not at all.
//
// # Owns and does not own
//
// The tables with the prefix hallpass_, their migrations, and the translation of drivers'
// errors to those of package auth. Rules are the services'; this package stores, finds, and
// keeps promises of atomicity. hallpass_users(id) is stable and may be referenced by the host's
// tables: uuid on PostgreSQL, text on SQLite. Everything else about the tables may change with
// a migration. [Schema] gives the migrations to hosts that run them with a tool of their own.
//
// # Transactions and concurrency
//
// A [Store] is safe for concurrent use. Inside Tx only the store that was handed in may be
// used: with one connection the outer one waits for itself. The outermost Tx starts over after
// a serialization failure, a deadlock or a locked database, a bounded number of times with
// growing pauses; single statements do so, too. On PostgreSQL any isolation level from READ
// COMMITTED to SERIALIZABLE is right. On SQLite a transaction takes the write lock at its
// start. Within the host's transaction nothing is tried again: auth.ErrSerialization goes to
// the host.
//
// Neither advisory locks, LISTEN nor session settings are used outside of Migrate, so a pooler
// in transaction mode works.
//
// # Migrations
//
// Forward only, each once, in one transaction, however many replicas start at once. Each names
// the oldest code that still works with what it leaves; only older code refuses
// ([ErrNewerSchema]), so replicas can be upgraded, and rolled back, one by one. A changed file
// is refused ([ErrChangedMigration]).
//
// # What each rule stops
//
//   - Values are written into the SQL by one function, bun's, or travel apart from it; no
//     identifier comes from input; Migrate refuses a server on which a backslash could end a
//     quoted value. That is the boundary against injection.
//   - Text compares by its bytes on both databases, and ids count only in their canonical
//     spelling: two names that are equal on one are equal on the other.
//   - What is used once is used by one conditional statement: of two that race one changes a
//     row.
//   - Conflicts are found without breaking the surrounding transaction.
//   - Only hashes of secrets come here at all.
//
// # Stability
//
// Dialects and migrations are added; a migration that was released does not change.
package bunstore
