package main

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// database is the address of the database that the environment names: with DEPLOYMENT_TYPE=DEV,
// the default, a SQLite file in the working directory, with PROD PostgreSQL.
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

// postgres builds the URL of PROD, in which no value can end early or be taken for something
// else. How far the server is to be trusted is libpq's PGSSLMODE, which the driver reads by
// itself: over a network, verify-full.
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
