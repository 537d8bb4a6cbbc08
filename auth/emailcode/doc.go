// Package emailcode is the codes that people type: what they look like, how they are read, and
// what a store keeps of them.
package emailcode
