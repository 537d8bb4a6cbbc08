package hallpass_test

import (
	"encoding/json"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/hallpass-go/hallpass"

// listed is what this test reads of go list.
type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// inner is the path of a package within the repository. It is empty for the root, and the whole
// path for packages of others.
func inner(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, module), "/") }

// list lists the packages of a module by their path within the repository.
func list(t *testing.T, dir string) map[string]listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list in %s: %v", dir, err)
	}
	all := map[string]listed{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listed
		if err := d.Decode(&l); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[inner(l.ImportPath)] = l
	}
}

// Imports point one way: a package of ours imports only those of ours that stand beside it
// here. A new package needs a line.
func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	may := map[string][]string{
		"":       {"auth", "auth/device", "sharing", "store", "httpadapter"},
		"scopes": {},
		"auth": {
			"scopes", "auth/emailcode", "auth/limit", "auth/mail", "auth/policy", "auth/password", "auth/token",
		},
		"auth/emailcode": {"auth/token"},
		"auth/device":    {"auth", "auth/emailcode", "auth/token", "scopes"},
		"auth/limit":     {},
		"auth/policy":    {"auth/password"},
		"auth/authtest": {
			"auth/device", "auth/emailcode", "auth", "auth/policy", "auth/mail", "auth/password", "store/memstore",
		},
		"auth/mail":          {"auth/token"},
		"auth/mail/smtpmail": {"auth/mail"},
		"auth/password":      {},
		"auth/token":         {},
		"sharing":            {"scopes", "auth", "auth/mail", "auth/token"},
		"store":              {"auth/device", "auth", "sharing"},
		"store/memstore": {
			"auth/device", "auth/emailcode", "auth/limit", "auth/mail", "store", "auth", "sharing", "auth/token",
		},
		"store/bunstore": {
			"auth/device", "auth/emailcode", "auth/limit", "auth/mail", "auth/policy", "store", "auth", "sharing", "auth/token",
		},
		"store/bunstore/buntest": {"auth/device", "auth/emailcode", "auth/limit", "auth/mail", "auth/policy",
			"store", "store/bunstore", "auth", "auth/token", "auth/password", "scopes", "sharing",
		},
		"store/storetest": {
			"auth/device", "auth/emailcode", "auth/policy", "auth/limit", "auth/mail", "store", "auth", "sharing", "auth/token",
		},
		"store/internal/servicetest": {"auth/device", "auth/emailcode", "auth/limit",
			"store", "auth", "sharing", "auth/authtest", "auth/policy", "auth/mail", "auth/token", "auth/password",
			"scopes",
		},
		"store/sqlitestore":    {"store/bunstore"},
		"store/pgstore":        {"store/bunstore"},
		"store/pgstore/pgtest": {},
		"httpadapter": {
			"auth/device", "auth/mail", "auth/emailcode", "auth", "auth/policy", "auth/password", "auth/token", "scopes", "sharing",
		},
	}
	all := list(t, ".")
	for _, nested := range []string{"store/sqlitestore", "store/pgstore", "auth/mail/smtpmail"} {
		maps.Copy(all, list(t, nested))
	}
	for name, l := range all {
		allowed, known := may[name]
		if !known {
			t.Errorf("%s: say here what it may import", name)
			continue
		}
		for _, path := range l.Imports {
			if ours := strings.HasPrefix(path, module); ours && !slices.Contains(allowed, inner(path)) {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}

// The domain packages know no HTTP and no SQL, and the root module links no driver.
func TestDomainIsPure(t *testing.T) {
	t.Parallel()
	for name, l := range list(t, ".") {
		domain := name == "scopes" || strings.HasPrefix(name, "auth") && name != "auth/authtest" ||
			strings.HasPrefix(name, "sharing")
		for _, dep := range l.Deps {
			if domain && (dep == "net/http" || dep == "database/sql") {
				t.Errorf("%s depends on %s", name, dep)
			}
			if strings.HasPrefix(dep, "modernc.org/") || strings.HasPrefix(dep, "github.com/jackc/") ||
				strings.Contains(dep, "sqlite3") {
				t.Errorf("%s links the driver %s", name, dep)
			}
		}
		for _, path := range l.Imports {
			if domain && (path == "os" || path == "log") && name != "auth/authtest" && name != "auth/mail" {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}
