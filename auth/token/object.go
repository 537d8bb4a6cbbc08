package token

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// value is a string or an integer. Our headers and claims hold nothing else.
type value struct {
	text   string
	isText bool
	number int64
}

// maxDate is 9999-12-31T23:59:59Z, the last instant that RFC 3339 can write.
const maxDate = 253402300799

// time reads a NumericDate (RFC 7519 section 2) of whole seconds. It returns the zero time if v
// is not one.
func (v value) time() time.Time {
	if v.isText || v.number <= 0 || v.number > maxDate {
		return time.Time{}
	}
	return time.Unix(v.number, 0).UTC()
}

// maxMembers is more than any token of ours has.
const maxMembers = 8

// object reads a flat JSON object (RFC 8259) in which each member occurs once and which nothing
// follows. It passes each member to the function member and stops if that returns false.
// Package json would accept duplicate members, and its decoder would cost a fifth of the
// signature.
func object(doc string, member func(name string, v value) bool) bool {
	if !utf8.ValidString(doc) {
		return false
	}
	s := scanner{doc}
	if !s.take('{') {
		return false
	}
	var names [maxMembers]string
	for n := 0; n == 0 || s.take(','); n++ {
		if n == 0 && s.take('}') {
			return s.atEnd()
		}
		name, v, ok := s.member()
		if !ok || n == maxMembers || slices.Contains(names[:n], name) || !member(name, v) {
			return false
		}
		names[n] = name
	}
	return s.take('}') && s.atEnd()
}

// scanner holds the text that has not been read yet.
type scanner struct{ rest string }

// space skips white space.
func (s *scanner) space() {
	for len(s.rest) > 0 && (s.rest[0] == ' ' || s.rest[0] == '\t' || s.rest[0] == '\n' || s.rest[0] == '\r') {
		s.rest = s.rest[1:]
	}
}

// take reads c if it comes next.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *scanner) atEnd() bool {
	s.space()
	return s.rest == ""
}

// member reads a name and its value: a string, or an integer without fraction or exponent.
func (s *scanner) member() (name string, v value, ok bool) {
	if name, ok = s.text(); !ok || !s.take(':') {
		return "", v, false
	}
	if s.space(); s.rest != "" && s.rest[0] == '"' {
		v.isText = true
		v.text, ok = s.text()
		return name, v, ok
	}
	v.number, ok = s.number()
	return name, v, ok
}

// text reads a string. It leaves escapes, which are rare, to package json.
func (s *scanner) text() (string, bool) {
	if !s.take('"') {
		return "", false
	}
	escaped := false
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c < ' ':
			return "", false
		case c == '\\':
			escaped = true
			i++ // the next character does not end the string
		case c == '"':
			raw := s.rest[:i]
			s.rest = s.rest[i+1:]
			if !escaped {
				return raw, true
			}
			var text string
			err := json.Unmarshal([]byte(`"`+raw+`"`), &text)
			return text, err == nil
		}
	}
	return "", false
}

// number reads an integer in the one form that strconv writes.
func (s *scanner) number() (int64, bool) {
	end := 0
	for end < len(s.rest) && (s.rest[end] == '-' || '0' <= s.rest[end] && s.rest[end] <= '9') {
		end++
	}
	digits := s.rest[:end]
	s.rest = s.rest[end:]
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && (digits == "0" || strings.TrimPrefix(digits, "-")[0] != '0')
}
