package auth

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
		return 0, &FieldsError{
			Fields: []FieldError{{Field: "limit", Code: CodeInvalid, Detail: "A page has 1 to 200 items."}},
		}
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
