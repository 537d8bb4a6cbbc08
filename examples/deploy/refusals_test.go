package deploy

import (
	"strings"
	"testing"
)

// Values that make no sense are refused by name, before anything is made of them.
func TestChartRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ on, set, want string }{
		"an unknown program": {
			"server-sqlite", "program=hub", "at '/program': value must be one of 'server', 'userauth'",
		},
		"an unknown database": {
			"server-sqlite", "database=mysql", "at '/database': value must be one of 'sqlite', 'postgres'",
		},
		"a word that nothing reads": {
			"server-sqlite", "databse=postgres", "additional properties 'databse' not allowed",
		},
		"replicas on one file": {
			"server-sqlite", "replicas=2", "at '/replicas': value must be one of 1, 'more with database: postgres'",
		},
		"no replica":                 {"server-postgres", "replicas=0", "at '/replicas': minimum: got 0, want 1"},
		"a program nobody can reach": {"userauth-sqlite", "baseURL=", "at '/baseURL': '' does not match pattern '^(https://"},
		"cookies over plain http":    {"server-sqlite", "baseURL=http://auth.example.org", "at '/baseURL'"},
		"a base URL with a query":    {"server-sqlite", "baseURL=https://auth.example.org/?a=b", "at '/baseURL'"},
		"no image":                   {"server-sqlite", "image.repository=", "at '/image/repository'"},
		"no tag":                     {"server-sqlite", "image.tag=", "at '/image/tag'"},
		"no connection": {
			"server-postgres", "postgres.existingSecret=", "at '/postgres/existingSecret': minLength",
		},
		"no password": {"server-everything", "postgres.password=", "at '/postgres/password': minLength"},
		"no password for userauth": {
			"userauth-postgres", "postgres.existingSecret=", "at '/postgres/password': minLength",
		},
		"no host for userauth":       {"userauth-postgres", "postgres.host=", "at '/postgres/host': minLength"},
		"a host with a password":     {"userauth-postgres", "postgres.host=me:pass@db", "at '/postgres/host'"},
		"a weak word for encryption": {"userauth-postgres", "postgres.sslmode=yes", "at '/postgres/sslmode'"},
		"a proxy that is no network": {"server-sqlite", "trustedProxies={everybody}", "at '/trustedProxies/0'"},
		"many writers of one volume": {
			"server-sqlite", "persistence.accessMode=ReadWriteMany", "at '/persistence/accessMode'",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, command := range [][]string{{"template", "acc", chart}, {"lint", chart}} {
				out, err := helm(
					t, append(command, "--kube-version", kubeVersion, "-f", valuesFile(c.on), "--set", c.set)...,
				)
				if err == nil || !strings.Contains(out, c.want) {
					t.Errorf("%s: %v: %s", command[0], err, out)
				}
			}
		})
	}
}
