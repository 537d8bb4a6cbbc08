// Package deploy puts example programs into containers. It has a Dockerfile, Compose files and
// a Helm chart. Its tests read these files as the tools do, and run the programs that they
// start. They need Linux:
//
//	go test ./examples/deploy
package deploy
