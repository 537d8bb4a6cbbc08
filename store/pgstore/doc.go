// Package pgstore keeps everything in PostgreSQL, through the pgx driver.
//
// # Start here
//
//	st, err := pgstore.Open(ctx, "postgres://app@db.example/app?sslmode=verify-full&sslrootcert=/etc/app/ca.pem")
//
// [Open] connects and migrates. [OpenConfig] sets the size of the pool and prepared statements.
// Tests get an empty schema on a throwaway server from pgstore/pgtest.
//
// # Owns and does not own
//
// The driver, the pool and its settings. The tables and all SQL are package bunstore's. It is a
// module of its own, so that the driver's version is raised only for hosts that use it. The URL
// may name a schema by search_path; the role needs the right to create tables there once, and
// none of a superuser.
//
// # Encryption
//
// Over a network the URL says sslmode=verify-full, with sslrootcert unless a public authority
// signed the server's certificate. The driver's default, prefer, checks nothing and settles for
// no encryption; require encrypts to whoever answers. Password hashes and sessions pass here.
//
// # Transactions and concurrency
//
// Any isolation level from READ COMMITTED, PostgreSQL's default, to SERIALIZABLE is right, and
// so are engines that speak the protocol and have only the latter. The pool asks for no session
// state, so a pooler that shares connections between transactions (PgBouncer in transaction
// mode) may stand in between, as long as [Config].Prepare is off and the URL sets no run-time
// parameters. Timeouts come with the context of each call: one that ends cancels its statement.
//
// A host with tables of its own in the same database begins transactions on [Store.DB] and
// passes them to WithTx.
//
// # What each rule stops
//
//   - An empty URL is an error: the environment of the process does not choose where accounts
//     go.
//   - A server that can't prove who it is gets no password, under verify-full.
//   - Errors of the connection are auth.ErrUnavailable, their text is for the log, and holds no
//     password.
//
// # Stability
//
// Follows bunstore. Works with PostgreSQL 13 and newer.
package pgstore
