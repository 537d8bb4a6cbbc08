package httpadapter

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/auth"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// queryReader reads query parameters and notes what is wrong with them.
type queryReader struct {
	c   *call
	bad auth.FieldsError
}

func (c *call) queryReader() *queryReader { return &queryReader{c: c} }

func (q *queryReader) raw(name string) string { return q.c.r.URL.Query().Get(name) }

// text reads a value that goes to a store. NUL and bytes that are not text are errors there.
func (q *queryReader) text(name string) string {
	text := q.raw(name)
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		q.note(name, "Use text without control characters.")
		return ""
	}
	return text
}

func (q *queryReader) note(name, detail string) {
	q.bad.Add(name, auth.CodeInvalid, detail)
}

func (q *queryReader) page() auth.PageQuery {
	p := auth.PageQuery{Cursor: q.raw("cursor")}
	if text := q.raw("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 200 {
			q.note("limit", "A page has 1 to 200 items.")
		}
		p.Limit = n
	}
	return p
}

// page reads the query of a route that takes nothing but a page.
func (c *call) page() (auth.PageQuery, error) {
	q := c.queryReader()
	return q.page(), q.err()
}

func (q *queryReader) time(name string) time.Time {
	text := q.raw(name)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if y := t.UTC().Year(); err != nil || y < 1 || y > 9999 { // databases differ on other years
		q.note(name, "Use a time as in RFC 3339, such as 2026-01-31T12:00:00Z.")
		return time.Time{}
	}
	return t
}

func (q *queryReader) bool(name string) bool {
	switch q.raw(name) {
	case "true":
		return true
	case "", "false":
	default:
		q.note(name, "Use true or false.")
	}
	return false
}

// err returns an error about everything that was noted, or nil.
func (q *queryReader) err() error { return q.bad.Err() }
