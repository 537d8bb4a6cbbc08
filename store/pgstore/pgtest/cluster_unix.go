//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// keeper runs the server for as long as its standard input is open. The test binary holds the
// other end, so however it ends, the server stops and its directory is removed.
const keeper = `
cd "$1" || exit
{
 "$2/initdb" -D data -U hallpass -A trust -E UTF8 --locale=C -N || { : >failed; exit; }
 exec "$2/postgres" -D data -k "$1" -h "" -c fsync=off -c max_connections=200 -c deadlock_timeout=100ms
} >log 2>&1 </dev/null &
server=$!
read -r _
kill -INT $server 2>/dev/null
wait $server
cd / && rm -rf "$1"
`

// alive is the end of the keeper's pipe that the test binary holds.
var alive *os.File

// startCluster makes a throwaway cluster and waits until it answers.
func startCluster() (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	dir, attr, err := directory()
	if err != nil {
		return "", err
	}
	in, out, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer in.Close()
	cmd := exec.Command("/bin/sh", "-c", keeper, "sh", dir, bin)
	cmd.Dir, cmd.Stdin, cmd.SysProcAttr = dir, in, attr
	if err := cmd.Start(); err != nil {
		return "", errors.Join(err, out.Close(), os.RemoveAll(dir))
	}
	alive = out
	dsn := "postgres://hallpass@/postgres?sslmode=disable&host=" + url.QueryEscape(dir)
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		err := command(dsn, "SELECT 1")
		if err == nil {
			return dsn, nil
		}
		_, failed := os.Stat(filepath.Join(dir, "failed"))
		if failed == nil || time.Since(start) > time.Minute {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			alive.Close()
			return "", fmt.Errorf("the server does not start: %w\n%s", err, log)
		}
	}
}

// binaries finds the folder of initdb and postgres.
func binaries() (string, error) {
	if dir := os.Getenv(envBin); dir != "" {
		_, err := os.Stat(filepath.Join(dir, "initdb"))
		return dir, err
	}
	best, version := "", 0.0
	list, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	for _, path := range list {
		dir := filepath.Dir(path)
		if v, err := strconv.ParseFloat(filepath.Base(filepath.Dir(dir)), 64); err == nil && v > version {
			best, version = dir, v
		}
	}
	if best != "" {
		return best, nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", err
	}
	path, err = filepath.EvalSymlinks(path)
	return filepath.Dir(path), err
}

// directory makes a directory with a short path, since the path of a socket has at most 107
// bytes. It also returns the user to run as, because the server refuses to run as root.
func directory() (string, *syscall.SysProcAttr, error) {
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "hallpass-pg-")
	if err != nil {
		return "", nil, err
	}
	attr := &syscall.SysProcAttr{Setpgid: true} // the test binary handles an interrupt from the terminal
	if os.Geteuid() != 0 {
		return dir, attr, nil
	}
	uid, gid, err := ordinary()
	if err == nil {
		err = os.Chown(dir, int(uid), int(gid))
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	attr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
	return dir, attr, nil
}

// ordinary finds a user without privileges.
func ordinary() (uid, gid uint32, err error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return 0, 0, err
		}
	}
	var ids [2]uint64
	for i, s := range []string{u.Uid, u.Gid} {
		if ids[i], err = strconv.ParseUint(s, 10, 32); err != nil {
			return 0, 0, err
		}
	}
	return uint32(ids[0]), uint32(ids[1]), nil
}
