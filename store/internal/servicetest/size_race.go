//go:build race

package servicetest

// manyUsers is how many an import has under the race detector, where SQLite in Go is ten times
// slower. The full size runs without it.
const manyUsers = 10_000
