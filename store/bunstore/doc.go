// Package bunstore keeps everything in SQLite or PostgreSQL, through bun. It links no driver:
// the host brings a pool with the driver and version that it uses.
//
// Packages sqlitestore and pgstore open a database and choose driver, pool and settings. A host
// that already has a pool calls [New] and [Store.Migrate]. [Store.WithTx] works inside a
// transaction of the host, so that a sign-up and the host's own row commit together.
//
// The package owns the tables with the prefix hallpass_ and their migrations ([Schema]), and
// translates driver errors to those of package auth. Services own the rules. The host's tables
// may refer to hallpass_users(id), which is stable: uuid on PostgreSQL, text on SQLite.
// Migrations may change anything else.
//
// A [Store] is safe for concurrent use. Inside Tx, use only the store that was passed in: with
// one connection, the outer store would wait for itself. The outermost Tx, or a single
// statement, runs again after a serialization failure, a deadlock or a locked database. Inside
// a transaction of the host nothing is retried. PostgreSQL may use any isolation level from
// READ COMMITTED up; SQLite takes the write lock at the start. Outside of Migrate, nothing uses
// advisory locks, LISTEN or session settings, so a pooler in transaction mode works.
//
// Each migration runs once, in one transaction, however many replicas start at once. Each
// migration names the oldest version of the code that works with it; code that is older gets
// [ErrNewerSchema]. Values reach SQL through
// one function or as parameters; no identifier comes from input. Text compares by bytes on both
// databases. Conflicts do not break the surrounding transaction. Secrets arrive only as hashes.
package bunstore
