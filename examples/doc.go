// Package examples holds programs on hallpass, each in a folder of its own. quickstart is the
// smallest host, notes one whose things are shared, server the standalone service. userauth,
// mlapi, datasite, syftbox and hub are published systems rebuilt, each held against recordings
// of the original. deploy puts programs into containers.
package examples
