package main

import (
	"net/url"
	"strconv"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

const (
	maxItems = 1000 // in an array without pages
	pageSize = 200
)

// pageJSON is a list when the query has limit or cursor.
type pageJSON[J any] struct {
	Items []J     `json:"items"`
	Next  *string `json:"next"`
}

// list answers with a page if the query asks for one, and otherwise with an array of at most
// maxItems. If there are more, a Link header (RFC 8288) has the URL of the next page.
func list[T, J any](c *call, show func(T) J, read func(auth.PageQuery) (auth.Page[T], error)) (any, error) {
	query := c.r.URL.Query()
	if query.Has("limit") || query.Has("cursor") {
		return onePage(query, show, read)
	}
	out, q := []J{}, auth.PageQuery{Limit: pageSize}
	for len(out) < maxItems {
		page, err := read(q)
		if err != nil {
			return nil, err
		}
		out = append(out, each(page.Items, show)...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return out, nil
		}
	}
	next := url.Values{"limit": {strconv.Itoa(pageSize)}, "cursor": {q.Cursor}}
	c.w.Header().Set("Link", "<"+c.r.URL.EscapedPath()+"?"+next.Encode()+`>; rel="next"`)
	return out, nil
}

func onePage[T, J any](query url.Values, show func(T) J, read func(auth.PageQuery) (auth.Page[T], error)) (any, error) {
	q := auth.PageQuery{Cursor: query.Get("cursor")}
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > pageSize {
			return nil, host.BadInput{{
				Type: "limit", Loc: []string{"query", "limit"}, Msg: "A page has 1 to 200 items.",
				Input: host.Clip(text),
			}}
		}
		q.Limit = n
	}
	page, err := read(q)
	if err != nil {
		return nil, err
	}
	out := pageJSON[J]{Items: each(page.Items, show)}
	if page.Next != "" {
		out.Next = &page.Next
	}
	return out, nil
}

func each[T, J any](items []T, show func(T) J) []J {
	out := make([]J, len(items))
	for i, v := range items {
		out[i] = show(v)
	}
	return out
}
