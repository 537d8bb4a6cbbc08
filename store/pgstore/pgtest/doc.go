// Package pgtest gives each test an empty schema on a PostgreSQL server of its own, without
// Docker or any setup. Each test binary has one throwaway cluster and each test has one schema.
//
//	st, err := pgstore.Open(t.Context(), pgtest.DSN(t))
//
// The first call starts the cluster, which takes about a second; a schema takes less than a
// millisecond. [Param] adds run-time parameters, such as default_transaction_isolation. It
// needs a Unix system, or a running server named in the environment:
//
//   - HALLPASS_TEST_PG_DSN names a running server to use instead. Its role must be allowed to
//     create schemas.
//   - HALLPASS_TEST_PG_BIN names the folder of initdb and postgres. The default is the newest
//     one below /usr/lib/postgresql, or else the one in PATH.
//   - HALLPASS_REQUIRE_PG=1 makes tests fail without PostgreSQL. Otherwise they are skipped and
//     say why.
//
// The cluster is for tests only: it does not sync to disk, trusts whoever can reach its socket
// in a temporary directory, and finds deadlocks within a tenth of a second. A process that
// watches the test binary stops the server and removes the directory, even if the binary is
// killed. Under root both run as user postgres or nobody, since the server refuses to run as
// root. Parallel tests are safe; the server accepts 200 connections, so each store should open
// few.
package pgtest
