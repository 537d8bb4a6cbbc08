package scopes

import "slices"

// Model is what a host declares: its kinds of resources and its scopes. It is a plain
// value; Compile checks it.
type Model struct {
	Kinds  []Kind
	Scopes []Definition
	// Extends adds to what scopes imply that another model declares, such as the library's own,
	// by name: holding the key also gives the values. The filters that they take stay as they
	// are declared.
	Extends map[string][]string
}

// Kind is a kind of resource that a filter can name. The kinds user and group are built in.
type Kind struct {
	Name string // 1 to 64 of a-z, 0-9 and . _ -, beginning with a letter
}

// Definition declares a scope.
type Definition struct {
	Name    string   // RFC 6749 scope-token characters without "!" and "=", at most 255 bytes
	Label   string   // for people
	Implies []string // scopes that holding this one gives, with the same filter where they take it
	Filters []string // kinds that a filter may name; none: the scope has no filtered form
}

// The built-in kinds.
const (
	KindUser  = "user"
	KindGroup = "group"
)

// clone returns a copy that shares no memory with d.
func (d Definition) clone() Definition {
	d.Implies, d.Filters = slices.Clone(d.Implies), slices.Clone(d.Filters)
	return d
}
