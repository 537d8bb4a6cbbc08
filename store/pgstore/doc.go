// Package pgstore keeps everything in PostgreSQL 13 or newer, through the pgx driver.
//
//	st, err := pgstore.Open(ctx, "postgres://app@db.example/app?sslmode=verify-full")
//
// [Open] connects and migrates. [OpenConfig] sets the size of the pool and prepared statements.
// Package pgstore/pgtest gives tests an empty schema on a throwaway server. This package owns
// the driver, the pool and its settings; package bunstore owns the tables and all SQL. It is a
// module of its own, so that only hosts that use it get this version of the driver. The URL may
// name a schema by search_path. The role must be allowed to create tables there.
//
// Over a network, use sslmode=verify-full, with sslrootcert unless a public authority signed
// the server's certificate. Password hashes and sessions pass here. The driver's default,
// prefer, goes on without encryption if the server offers none, and require does not check who
// the server is.
//
// Any isolation level from READ COMMITTED to SERIALIZABLE works, also on other databases that
// speak PostgreSQL's protocol and have only SERIALIZABLE. A pooler in transaction mode, such as
// PgBouncer, works as long as [Config].Prepare is off and the URL sets no run-time parameters.
// When the context of a call ends, its statement is cancelled. A host with tables in the same
// database begins transactions on [Store.DB] and passes them to WithTx.
//
// An empty URL is an error. Otherwise environment variables such as PGHOST would choose the
// database. Errors of
// the connection match auth.ErrUnavailable. Their text is meant for the log and holds no
// password.
package pgstore
