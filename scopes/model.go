package scopes

import "slices"

// Model is what a host declares: its kinds of resources and its scopes. It is a plain value
// that Compile checks.
type Model struct {
	Kinds  []Kind
	Scopes []Definition
	// Extends makes scopes of other models, such as the library's own, imply more: holding the
	// scope named by the key also gives those named by the values. It does not change which
	// filters a scope accepts.
	Extends map[string][]string
}

// Kind is a kind of resource that a filter can name. The kinds user and group are built in.
type Kind struct {
	Name string // 1 to 64 of a-z, 0-9 and . _ -, beginning with a letter
}

// Definition declares a scope.
type Definition struct {
	Name    string   // RFC 6749 scope-token characters without "!" and "=", at most 255 bytes
	Label   string   // for people; optional
	Implies []string // scopes that this one also gives, with the same filter if they accept it
	Filters []string // kinds of filters that it accepts; if empty, it has no filtered form
}

// These are the built-in kinds.
const (
	KindUser  = "user"
	KindGroup = "group"
)

// clone returns a copy that shares no memory with d.
func (d Definition) clone() Definition {
	d.Implies, d.Filters = slices.Clone(d.Implies), slices.Clone(d.Filters)
	return d
}
