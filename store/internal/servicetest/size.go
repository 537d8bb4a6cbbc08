//go:build !race

package servicetest

// manyUsers is how many an import at full size has.
const manyUsers = 100_000
