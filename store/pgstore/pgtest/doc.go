// Package pgtest gives each test an empty schema on a PostgreSQL of its own, without Docker and
// without setting anything up: one throwaway cluster for each test binary, one schema for each
// test.
//
// # Start here
//
//	st, err := pgstore.Open(t.Context(), pgtest.DSN(t))
//
// The first call starts the cluster, which takes about a second; a schema takes less than a
// millisecond. [Param] adds run-time parameters, such as default_transaction_isolation.
//
// # The environment
//
//   - HALLPASS_TEST_PG_DSN: a running server to use in place of a throwaway one. Its role must
//     be allowed to create schemas.
//   - HALLPASS_TEST_PG_BIN: the folder of initdb and postgres. Without it the newest below
//     /usr/lib/postgresql, else the one in PATH.
//   - HALLPASS_REQUIRE_PG=1: a missing PostgreSQL fails tests; without this it skips them and
//     says why.
//
// # Owns and does not own
//
// The cluster listens on a socket in a directory of its own below the temporary directory, on
// no port. It trusts who can reach the socket and does not sync to disk, and finds deadlocks
// within a tenth of a second: it is for tests and nothing else. A process that watches the test
// binary stops the server and removes the directory, also when the binary is killed. As root,
// server and watcher run as the user postgres or nobody, since the server refuses to run as
// root.
//
// # Concurrency
//
// Safe for parallel tests; the server takes 200 connections, so stores in tests should open few
// each.
//
// # Stability
//
// For this module's tests and those of hosts. It needs a Unix system, or a server named in the
// environment.
package pgtest
