package main

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// database returns the address of the database. DEPLOYMENT_TYPE=DEV, the default, is a SQLite
// file in the working directory, and PROD is PostgreSQL.
func (e *env) database() (string, error) {
	switch kind := e.getenv("DEPLOYMENT_TYPE"); kind {
	case "", "DEV":
		return filepath.Join(e.dir, "sqlite3.db"), nil
	case "PROD":
		return e.postgres()
	default:
		return "", fmt.Errorf("DEPLOYMENT_TYPE is %q: use DEV or PROD", kind)
	}
}

// postgres builds the URL for PROD. Values are escaped, so that none can become another part of
// the URL. The driver itself reads PGSSLMODE, which says how to check the server: use
// verify-full over a network.
func (e *env) postgres() (string, error) {
	v := map[string]string{}
	for _, name := range []string{"USERNAME", "PASSWORD", "HOST", "PORT", "DBNAME"} {
		if v[name] = e.getenv("POSTGRES_" + name); v[name] == "" {
			return "", fmt.Errorf("POSTGRES_%s is not set, which DEPLOYMENT_TYPE=PROD needs", name)
		}
	}
	if port, err := strconv.ParseUint(v["PORT"], 10, 16); err != nil || port == 0 {
		return "", fmt.Errorf("POSTGRES_PORT is %q: use a number from 1 to 65535", v["PORT"])
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(v["USERNAME"], v["PASSWORD"]),
		Host: net.JoinHostPort(v["HOST"], v["PORT"])}
	q := url.Values{"dbname": {v["DBNAME"]}}
	if strings.HasPrefix(v["HOST"], "/") { // the folder of a socket
		u.Host = ""
		q.Set("host", v["HOST"])
		q.Set("port", v["PORT"])
	}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String(), nil
}
