package auth

import (
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// UserID identifies a user: a UUIDv7 (RFC 9562) in its canonical lower-case form. A user keeps
// their id for good, and it is never given to anybody else.
type UserID string

// SessionID identifies a session: a UUIDv7 in canonical form.
type SessionID string

// LoginID identifies a login record: a UUIDv7 in canonical form.
type LoginID string

// RoleID identifies a role. The id of a role that is defined in code is its name. A role made
// at run time has a UUIDv7, so if it is deleted and made again under the same name, nobody
// holds the new one. A role name never parses as a UUID, so methods that ask for a role take
// either its name or its id.
type RoleID string

// GroupID identifies a group: a UUIDv7 in canonical form. If a group is deleted and made again
// under the same name, the new one has another id.
type GroupID string

// ServiceID identifies a service: a UUIDv7 in canonical form.
type ServiceID string

// APITokenID identifies an API token: a UUIDv7 in canonical form. It is not secret.
type APITokenID string

// Target returns the user as the target of an action.
func (id UserID) Target() scopes.Target {
	return scopes.Target{Kind: scopes.KindUser, ID: string(id), Owner: string(id)}
}

// Target returns the group as the target of an action.
func (id GroupID) Target() scopes.Target {
	return scopes.Target{Kind: scopes.KindGroup, ID: string(id)}
}

// IsID reports whether s has the form of the ids of this package: a UUID in lower case with
// dashes.
func IsID(s string) bool { return token.IsID(s) }

// newID makes a UUIDv7 for the time now.
func newID(now time.Time) string { return token.NewID(now) }

// storable cuts t to the precision that every store keeps: UTC, whole microseconds.
func storable(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Page is one page of a list.
type Page[T any] struct {
	Items []T    // never nil
	Next  string // cursor of the next page; empty on the last page
}

// PageQuery asks for one page.
type PageQuery struct {
	Limit  int    // number of items, 1 to 200; 0 means 50
	Cursor string // Next of the previous Page; empty for the first page
}

// Size checks q and returns the number of items on the page. It returns ErrBadCursor if the
// cursor is malformed, and a FieldsError if the limit is out of range.
func (q PageQuery) Size() (int, error) {
	if q.Cursor != "" && !IsID(q.Cursor) {
		return 0, ErrBadCursor
	}
	if q.Limit == 0 {
		return 50, nil
	}
	if q.Limit < 1 || q.Limit > 200 {
		return 0, FieldError{Field: "limit", Code: CodeInvalid, Detail: "A page has 1 to 200 items."}.Err()
	}
	return q.Limit, nil
}

// NewPage makes a page from the result of a query for limit+1 items. The extra item only shows
// that there is a next page, and is dropped. id returns the cursor of an item. If err is not
// nil, NewPage returns it with an empty page.
func NewPage[T any](list []T, limit int, err error, id func(T) string) (Page[T], error) {
	if err != nil {
		return Page[T]{}, err
	}
	if list == nil {
		list = []T{}
	}
	out := Page[T]{Items: list}
	if len(list) > limit {
		out.Items = list[:limit]
		out.Next = id(list[limit-1])
	}
	return out, nil
}
