package host

import (
	"fmt"
	"strings"
)

// BadValue says what is wrong with one value of a request, in the form that FastAPI made
// common. Input repeats a value only where it can't be a secret.
type BadValue struct {
	Type  string         `json:"type"`
	Loc   []string       `json:"loc"` // where the value stands
	Msg   string         `json:"msg"`
	Input any            `json:"input"`
	Ctx   map[string]any `json:"ctx,omitempty"` // what Msg is made of
}

// BadInput is everything that is wrong with a request.
type BadInput []BadValue

// Error implements error.
func (b BadInput) Error() string { return fmt.Sprintf("%d values are not valid", len(b)) }

// Err is nil if nothing is wrong.
func (b BadInput) Err() error {
	if len(b) == 0 {
		return nil
	}
	return b
}

// Add adds a value that is not repeated. It stands in where, which is "body", "query" or
// "path", under a name.
func (b *BadInput) Add(kind, where, name, msg string) {
	*b = append(*b, BadValue{Type: kind, Loc: []string{where, name}, Msg: msg})
}

// MostUnknown is how many unknown members an answer names, so that it is not many times the
// size of the request.
const MostUnknown = 10

// Clip shortens what a client sent to what an answer may repeat.
func Clip(s string) string {
	const most = 64
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}
