// Package examples holds programs on hallpass, each in a folder of its own: quickstart is the smallest host, server
// the standalone service, userauth a published user-auth service rebuilt, hub the sharing API of JupyterHub, and deploy puts programs
// into containers.
package examples
