package scopes

import "fmt"

// suggest returns a hint at the name closest to what was typed, or "" if none is close.
func suggest(typed string, names []string) string {
	best, least := "", 3 // allows at most two edits
	if len(typed) > maxToken {
		return ""
	}
	for _, n := range names {
		if d := distance(typed, n, least); d < least {
			best, least = n, d
		}
	}
	if best == "" || least >= len(best) {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// distance counts the insertions, deletions and replacements that turn a into b. It returns
// limit if there are that many or more.
func distance(a, b string, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(b)], limit)
}
