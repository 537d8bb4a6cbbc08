// Package sqlitestore keeps everything in one SQLite file, with a driver in pure Go.
//
//	st, err := sqlitestore.Open(ctx, "app.db")
//
// [Open] creates the file if need be, and migrates it. The path ":memory:" is a database for
// tests that is gone after Close. The package owns the driver (modernc.org/sqlite), the pools
// and their settings; package bunstore owns the tables and all SQL. It is a module of its own,
// so that a host with another driver does not get this one.
//
// The write-ahead log is synced at each commit (synchronous FULL), so acknowledged changes
// survive a loss of power. Foreign keys are enforced. A transaction takes the write lock at its
// start and waits up to five seconds for other processes; after that it returns
// auth.ErrUnavailable.
//
// One connection writes, and a pool of read-only connections reads. Readers and the writer do
// not wait for each other.
// Several processes may share a file on a local disk, but never on a network file system. A
// host with tables in the same file begins transactions on [Store.DB] and passes them to
// WithTx.
//
// [Store.Backup] writes a consistent copy while the store is in use. Copying the file is not a
// backup, because the -wal file next to it holds part of the data. Files, logs and backups have
// mode 0600, new directories 0700. No character of a path can act as a setting, and a file that
// is not a database is refused before anything is written to it. Settings may become safer in
// later versions.
package sqlitestore
