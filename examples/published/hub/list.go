package main

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Sizes of pages. Clients that announce that they know pages get smaller ones.
const (
	maxPage     = 200
	knownPage   = 50
	pagesOfJSON = "application/jupyterhub-pagination+json"
)

// window is the requested part of a list.
type window struct{ offset, limit int }

// window reads offset and limit as JupyterHub does: a limit of 0 counts as 1, and negative
// numbers lose their sign.
func (c *call) window() (window, error) {
	w := window{limit: maxPage}
	if strings.Contains(c.r.Header.Get("Accept"), pagesOfJSON) {
		w.limit = knownPage
	}
	q := c.r.URL.Query()
	for name, to := range map[string]*int{"offset": &w.offset, "limit": &w.limit} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(q.Get(name)))
		if err != nil {
			return w, bad("Invalid argument type, offset and limit must be integers")
		}
		*to = max(n, -n)
	}
	w.offset = max(w.offset, 0) // the smallest integer stays negative
	w.limit = min(max(w.limit, 1), maxPage)
	return w, nil
}

type pageJSON struct {
	Items      any            `json:"items"`
	Pagination paginationJSON `json:"_pagination"`
}

type paginationJSON struct {
	Offset int       `json:"offset"`
	Limit  int       `json:"limit"`
	Total  int       `json:"total"`
	Next   *nextJSON `json:"next"`
}

type nextJSON struct {
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"`
	URL    string `json:"url"`
}

// paged answers with a part of a list.
func paged[T, J any](c *call, list []T, show func(T) J) (reply, error) {
	w, err := c.window()
	if err != nil {
		return reply{}, err
	}
	first := min(w.offset, len(list))
	last := min(first+w.limit, len(list))
	items := []J{}
	for _, v := range list[first:last] {
		items = append(items, show(v))
	}
	page := pageJSON{items, paginationJSON{Offset: w.offset, Limit: w.limit, Total: len(list)}}
	if last < len(list) {
		q := c.r.URL.Query()
		q.Set("offset", strconv.Itoa(last))
		q.Set("limit", strconv.Itoa(w.limit))
		page.Pagination.Next = &nextJSON{last, w.limit, c.base + c.r.URL.EscapedPath() + "?" + q.Encode()}
	}
	return ok(page)
}

// serverJSON is a server as shares and codes show it.
type serverJSON struct {
	User    nameJSON `json:"user"`
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	FullURL *string  `json:"full_url"`
	Ready   bool     `json:"ready"`
}

type nameJSON struct {
	Name string `json:"name"`
}

// path returns the path of a server.
func (n *names) path(v server) string {
	path := "/user/" + url.PathEscape(n.known[v.owner]) + "/"
	if v.name != "" {
		path += url.PathEscape(v.name) + "/"
	}
	return path
}

func (n *names) serverJSON(id string) serverJSON {
	v := n.rows[id]
	return serverJSON{User: nameJSON{n.known[v.owner]}, Name: v.name, URL: n.path(v), Ready: v.ready()}
}

// onServer shows scopes on one server.
func (n *names) onServer(id string, list []string) []string {
	out := make([]string, len(list))
	for i, name := range list {
		out[i] = name + "!" + kindServer + "=" + n.filter(n.rows[id])
	}
	return out
}

// moment writes a time as JupyterHub does, or null for the zero time.
func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format("2006-01-02T15:04:05.000000Z")
	return &text
}
