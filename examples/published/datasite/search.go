package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

const (
	pageSize = 200
	maxSeen  = 2000 // users that one search reads
)

// pageJSON is a page of users. A search reads a limited number of users, so a page may have few
// users or none and still have a next one.
type pageJSON struct {
	Items []userJSON `json:"items"`
	Next  *string    `json:"next"`
}

// listUsers lists users, or finds those who match the query: id, email, name and role. All that
// is given has to match exactly, but for the case of role and email.
func listUsers(c *call) (any, error) {
	if err := c.accounts.AuthorizeList(c.p, auth.ActListUsers); err != nil {
		return nil, err
	}
	query := c.r.URL.Query()
	in := &input{values: map[string]any{}}
	for name := range query {
		in.values[name] = query.Get(name)
	}
	in.onlyKnown(slices.Collect(maps.Keys(query)), []string{"id", "email", "name", "role", "limit", "cursor"})
	f := auth.UserFilter{PageQuery: auth.PageQuery{Limit: 50, Cursor: query.Get("cursor")}}
	if text := in.text("limit"); text != nil {
		n, err := strconv.Atoi(*text)
		if err != nil || n < 1 || n > pageSize {
			in.refuse("limit", auth.CodeInvalid, "A page has 1 to 200 users.")
		}
		f.Limit = n
	}
	role := in.role("role")
	if err := in.err(); err != nil {
		return nil, err
	}
	if role != nil && role.role != "" {
		f.Role = string(role.role)
	}
	f.Prefix = query.Get("email")
	return c.search(f, func(u auth.User) bool {
		return (role == nil || rungOf(u.Roles) == *role) && (!query.Has("id") || string(u.ID) == query.Get("id")) &&
			(!query.Has("email") || strings.EqualFold(u.Email, query.Get("email"))) &&
			(!query.Has("name") || u.Name == query.Get("name"))
	})
}

// search collects a page of users who match.
func (c *call) search(f auth.UserFilter, matches func(auth.User) bool) (any, error) {
	out, want := pageJSON{Items: []userJSON{}}, f.Limit
	for seen := 0; seen < maxSeen && len(out.Items) < want; {
		f.Limit = want - len(out.Items)
		if seen > 0 {
			f.Limit = pageSize // the first page had too few
		}
		page, err := c.accounts.Users(c.r.Context(), c.p, f)
		if err != nil {
			return nil, err
		}
		for i, u := range page.Items {
			if matches(u) {
				out.Items = append(out.Items, viewOf(u))
			}
			if len(out.Items) == want && (i < len(page.Items)-1 || page.Next != "") {
				last := string(u.ID)
				out.Next = &last
				return out, nil
			}
		}
		seen += len(page.Items)
		if f.Cursor = page.Next; f.Cursor == "" {
			return out, nil
		}
	}
	out.Next = &f.Cursor
	return out, nil
}
