// Package deploy holds what puts the examples into containers: a Dockerfile, Compose files and
// a Helm chart, and the tests that read them as their tools do, and run what they start. The
// tests need Linux.
package deploy
