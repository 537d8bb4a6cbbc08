// Package examples holds programs on hallpass, each in a folder of its own. quickstart is the
// smallest host, notes a host whose users share things, and server the standalone service. The
// folder published has five published systems rebuilt: userauth, mlapi, datasite, syftbox and
// hub. Each is tested against recordings of the original. deploy, a module of its own, puts
// programs into containers.
package examples
