// Package examples holds programs on hallpass, each in a folder of its own: quickstart is the smallest host, notes one whose things are shared, server
// the standalone service, userauth a published user-auth service rebuilt, and deploy puts programs into containers.
package examples
