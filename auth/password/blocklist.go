package password

import (
	_ "embed"
	"sort"
	"strings"
)

// common holds common passwords of at least 8 characters: one per line, in lower case, sorted
// by bytes. common.LICENSE states where they come from.
//
//go:embed common.txt
var common string

// isCommon reports whether pw is a common password, ignoring case. It searches the embedded
// text directly, so the list takes no memory beside the binary.
func isCommon(pw string) bool {
	pw = strings.ToLower(pw)
	// Lines are sorted, so the predicate is monotonic over byte offsets.
	i := sort.Search(len(common), func(i int) bool { return lineAt(i) >= pw })
	return i < len(common) && lineAt(i) == pw
}

// lineAt returns the line that contains byte i of the list.
func lineAt(i int) string {
	start := strings.LastIndexByte(common[:i], '\n') + 1
	line, _, _ := strings.Cut(common[start:], "\n")
	return line
}
