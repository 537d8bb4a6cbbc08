package httpadapter

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
)

//go:embed reference.html
var referenceHTML string

//go:embed reference.css
var referenceCSS string

// docs are the rendered documents. They are made from the route table.
type docs struct {
	openapi   []byte
	reference []byte
	policy    string // Content-Security-Policy of the reference page
}

func docRoutes() []route {
	serve := func(about, path, kind string, doc func(docs) []byte) route {
		return route{method: "GET", path: path, access: public, status: 200, raw: true, summary: about,
			handler: on(func(c *call, _ none) (none, error) {
				c.w.Header().Set("Cache-Control", "public, max-age=300")
				c.w.Header().Set("Content-Type", kind)
				c.w.Header().Set("Content-Security-Policy", c.h.docs.policy)
				c.w.Header().Set("Referrer-Policy", "no-referrer")
				_, _ = c.w.Write(doc(c.h.docs)) // fails if the client is gone
				return none{}, nil
			})}
	}
	reference := func(d docs) []byte { return d.reference }
	return []route{
		serve("This description", "/openapi.json", "application/json", func(d docs) []byte { return d.openapi }),
		serve("Reference page for people", "/redoc", "text/html; charset=utf-8", reference),
		serve("Reference page for people", "/redocs", "text/html; charset=utf-8", reference),
	}
}

// newDocs renders the documents. The reference page has no script and loads nothing.
func newDocs(h *Handler) (docs, error) {
	if h.cfg.HideDocs {
		return docs{}, nil
	}
	openapi, err := openAPI(h.routes, h.prefix)
	if err != nil {
		return docs{}, err
	}
	page, err := template.New("reference").Parse(referenceHTML)
	if err != nil {
		return docs{}, err
	}
	var out strings.Builder
	err = page.Execute(&out, map[string]any{
		"CSS": template.CSS(referenceCSS), "Routes": rows(h.routes, h.prefix), "Errors": errorRows(h.routes),
		"Fields": fieldCodes,
	})
	if err != nil {
		return docs{}, err
	}
	sum := sha256.Sum256([]byte(referenceCSS))
	return docs{openapi, []byte(out.String()),
		"default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}, nil
}

type row struct {
	Method, Path, Access, Summary string
	Status                        int
	Query                         []param
	Codes                         string
}

// Name and About let the page read a parameter.
func (p param) Name() string  { return p.name }
func (p param) About() string { return p.about }

func rows(list []route, prefix string) (out []row) {
	for _, rt := range list {
		out = append(out, row{
			rt.method, prefix + rt.path, rt.access.String(), rt.summary, rt.status, rt.query, joinCodes(codesOf(rt)),
		})
	}
	return out
}

func joinCodes(byStatus map[int][]string) string {
	var out []string
	for _, status := range slices.Sorted(maps.Keys(byStatus)) {
		for _, code := range byStatus[status] {
			out = append(out, http.StatusText(status)+": "+code)
		}
	}
	return strings.Join(out, "; ")
}

type errorRow struct {
	Code, Text, Advice, Routes string
	Status                     int
}

// errorRows lists the codes, and the routes that answer with each.
func errorRows(list []route) (out []errorRow) {
	for _, k := range append(slices.Clone(table), oauthTable...) {
		var where []string
		for _, rt := range list {
			if slices.Contains(codesOf(rt)[k.status], k.code) {
				where = append(where, rt.method+" "+rt.path)
			}
		}
		same := func(r errorRow) bool { return r.Code == k.code && r.Status == k.status }
		if slices.ContainsFunc(out, same) {
			continue
		}
		if len(where) == 0 {
			where = []string{"any"}
		}
		out = append(out, errorRow{k.code, k.text, k.advice, strings.Join(where, ", "), k.status})
	}
	return out
}
