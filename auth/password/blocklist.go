package password

import (
	_ "embed"
	"sort"
	"strings"
)

// common holds common passwords of at least 8 characters: lower case, one a line,
// sorted by bytes. common.LICENSE states its origin.
//
//go:embed common.txt
var common string

// isCommon reports whether pw, without regard to case, is a common password. It
// searches the embedded text itself, so the list costs no memory beside the binary.
func isCommon(pw string) bool {
	pw = strings.ToLower(pw)
	// The predicate is monotonic over byte offsets: lines are sorted.
	i := sort.Search(len(common), func(i int) bool { return lineAt(i) >= pw })
	return i < len(common) && lineAt(i) == pw
}

// lineAt returns the line that contains byte i of the list.
func lineAt(i int) string {
	start := strings.LastIndexByte(common[:i], '\n') + 1
	line, _, _ := strings.Cut(common[start:], "\n")
	return line
}
