package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// These environment variables say which server the tests use.
const (
	envDSN     = "HALLPASS_TEST_PG_DSN" // address of a running server to use instead of a throwaway one
	envBin     = "HALLPASS_TEST_PG_BIN" // folder of initdb and postgres
	envRequire = "HALLPASS_REQUIRE_PG"  // "1" makes a missing PostgreSQL a failure
)

// server starts the cluster of this test binary when the first test asks for it.
var server = sync.OnceValues(func() (string, error) {
	if dsn := os.Getenv(envDSN); dsn != "" {
		return dsn, nil
	}
	return startCluster()
})

// DSN returns the address of an empty schema that only t uses and that is removed when t ends.
// Without PostgreSQL it skips t, or fails t if HALLPASS_REQUIRE_PG is 1.
func DSN(t testing.TB) string {
	t.Helper()
	base, err := server()
	if err != nil {
		if os.Getenv(envRequire) == "1" {
			t.Fatalf("PostgreSQL is required: %v", err)
		}
		t.Skipf("no PostgreSQL: %v", err)
	}
	name := "hallpass_" + strings.ToLower(rand.Text()[:16])
	if err := command(base, "CREATE SCHEMA "+name); err != nil {
		t.Fatalf("make a schema: %v", err)
	}
	t.Cleanup(func() {
		if err := command(base, "DROP SCHEMA "+name+" CASCADE"); err != nil {
			t.Errorf("drop the schema of the test: %v", err)
		}
	})
	return Param(base, "search_path", name)
}

// Param adds a run-time parameter, such as default_transaction_isolation, to a DSN. The server
// sets it when a connection starts.
func Param(dsn, name, value string) string {
	u, err := url.Parse(dsn)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return fmt.Sprintf("%s %s='%s'", dsn, name, value)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // the driver reads a plus as a plus
	return u.String()
}

func command(dsn, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, text)
	return err
}
