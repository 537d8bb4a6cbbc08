package auth

import (
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// UserID identifies a user for good: a UUIDv7 (RFC 9562) in its canonical
// lower-case form. It never changes and is never given out twice.
type UserID string

// SessionID identifies a session: a UUIDv7 in canonical form.
type SessionID string

// LoginID identifies a login record: a UUIDv7 in canonical form.
type LoginID string

// RoleID identifies a role. The id of a role that code defines is its name; a
// role made at run time has a UUIDv7, so that one re-created under an old name
// inherits nothing. Role names never parse as UUIDs, so a method that asks for a role takes its
// name as well as its id.
type RoleID string

// GroupID identifies a group: a UUIDv7 in canonical form. A group made again under an old name
// is another one.
type GroupID string

// ServiceID identifies a service: a UUIDv7 in canonical form.
type ServiceID string

// APITokenID identifies an API token: a UUIDv7 in canonical form. It is no secret.
type APITokenID string

// Target returns the user as the target of an action.
func (id UserID) Target() scopes.Target {
	return scopes.Target{Kind: scopes.KindUser, ID: string(id), Owner: string(id)}
}

// Target returns the group as the target of an action.
func (id GroupID) Target() scopes.Target {
	return scopes.Target{Kind: scopes.KindGroup, ID: string(id)}
}

// IsID reports whether s is an id as this package writes them: a UUID in lower case with dashes.
func IsID(s string) bool { return token.IsID(s) }

// newID makes an id for the instant now.
func newID(now time.Time) string { return token.NewID(now) }

// storable cuts a time to what every store keeps: UTC, whole microseconds.
func storable(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Page is one page of a list.
type Page[T any] struct {
	Items []T    // never nil
	Next  string // cursor of the next page; empty on the last
}

// PageQuery asks for one page.
type PageQuery struct {
	Limit  int    // 1 to 200; 0 means 50
	Cursor string // Page.Next of the page before; empty for the first
}

// Size validates q and returns the size of the page. An unusable cursor is ErrBadCursor, an
// unusable limit a FieldsError.
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

// NewPage makes a page of a list that was read with one item more than the page holds: that one
// tells whether there is a next page, and is dropped. id gives the cursor of an item. It passes
// err on.
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
