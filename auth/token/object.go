package token

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"time"
	"unicode/utf8"
)

// value is a string or an integer: all that headers and claims of ours hold.
type value struct {
	text   string
	isText bool
	number int64
}

// maxDate is 9999-12-31T23:59:59Z, the last instant that RFC 3339 can write.
const maxDate = 253402300799

// time reads a NumericDate (RFC 7519 section 2) of whole seconds; zero for what is none.
func (v value) time() time.Time {
	if v.isText || v.number <= 0 || v.number > maxDate {
		return time.Time{}
	}
	return time.Unix(v.number, 0).UTC()
}

// object reads a flat JSON object, each member once and nothing after it, and hands the members to
// member until that returns false. Package json alone would accept duplicate members and trailing data.
func object(doc []byte, member func(name string, v value) bool) bool {
	if !utf8.Valid(doc) {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	var seen [8]string // no token of ours has more members than claims
	n := 0
	for d.More() {
		name, v, ok := pair(d)
		if !ok || n == len(seen) {
			return false
		}
		for _, s := range seen[:n] {
			if s == name {
				return false
			}
		}
		seen[n] = name
		n++
		if !member(name, v) {
			return false
		}
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return false
	}
	_, err := d.Token()
	return err == io.EOF
}

// pair reads one member with a string or an integer without fraction or exponent.
func pair(d *json.Decoder) (name string, v value, ok bool) {
	t, err := d.Token()
	if name, ok = t.(string); err != nil || !ok {
		return "", v, false
	}
	if t, err = d.Token(); err != nil {
		return "", v, false
	}
	switch t := t.(type) {
	case string:
		return name, value{text: t, isText: true}, true
	case json.Number:
		n, err := strconv.ParseInt(t.String(), 10, 64)
		return name, value{number: n}, err == nil
	default:
		return "", v, false
	}
}
