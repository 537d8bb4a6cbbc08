// Package sqlitestore keeps everything in one SQLite file, with a driver in pure Go: the
// embedded default.
//
// # Start here
//
//	st, err := sqlitestore.Open(ctx, "app.db")
//
// [Open] creates the file if need be, and migrates it. The path ":memory:" is a database that
// is gone with Close, for tests.
//
// # Owns and does not own
//
// The driver (modernc.org/sqlite), the pools and their settings. The tables and all SQL are
// package bunstore's. It is a module of its own, so that a host which brings another driver to
// bunstore does not get this one.
//
// # Settings
//
// The log is written ahead (WAL) and synced at each commit (synchronous FULL): what was
// acknowledged survives a loss of power. Foreign keys are enforced. Transactions take the write
// lock at their start and wait up to five seconds for other processes; afterwards the answer is
// auth.ErrUnavailable.
//
// # Transactions and concurrency
//
// One connection writes, a pool that can't write reads; readers and the writer do not wait for
// each other. Several processes may share a file on a local disk, never over a network file
// system. A host with tables of its own in the same file begins transactions on [Store.DB] and
// passes them to WithTx.
//
// # Backup
//
// [Store.Backup] writes a consistent copy while the store is in use (VACUUM INTO). Copying the
// file itself is no backup: part of the data is in the -wal file next to it.
//
// # What each rule stops
//
//   - File, log and backups have mode 0600, created directories 0700: password hashes are for
//     no other user of the machine.
//   - The path is written so that no character of it is taken for a setting, and a file that is
//     no database is refused before anything is written to it.
//
// # Stability
//
// Settings may become safer between versions; the file stays readable by the usual tools.
package sqlitestore
