//go:build !unix

package pgtest

import "errors"

func startCluster() (string, error) {
	return "", errors.New("a throwaway server needs a Unix system; set " + envDSN)
}
