package main

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

//go:embed reference.html
var referenceHTML string

//go:embed reference.css
var referenceCSS string

// docs are the documents, made from the route table.
type docs struct{ openapi, reference document }

// document is a text that is served as it is.
type document struct {
	kind, policy string
	text         []byte
}

// ServeHTTP implements http.Handler.
func (d document) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", d.kind)
	w.Header().Set("Content-Security-Policy", d.policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(d.text) // fails only when the client is gone
}

// newDocs renders the documents. The page has no scripts and loads nothing.
func newDocs(list []route) (docs, error) {
	const policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	description, err := json.MarshalIndent(openAPI(list), "", "  ")
	if err != nil {
		return docs{}, err
	}
	page, err := template.New("reference").Parse(referenceHTML)
	if err != nil {
		return docs{}, err
	}
	var out strings.Builder
	if err := page.Execute(&out, map[string]any{"CSS": template.CSS(referenceCSS), "Rows": rows(list)}); err != nil {
		return docs{}, err
	}
	sum := sha256.Sum256([]byte(referenceCSS))
	return docs{
		openapi: document{"application/json", policy, description},
		reference: document{"text/html; charset=utf-8", policy + "; style-src 'sha256-" +
			base64.StdEncoding.EncodeToString(sum[:]) + "'", []byte(out.String())},
	}, nil
}

// row is a route on the reference page.
type row struct {
	Method, Path, Alias, Access, Summary, Errors string
	Status                                       int
}

func rows(list []route) []row {
	out := make([]row, len(list))
	for i, rt := range list {
		out[i] = row{Method: rt.method, Path: rt.paths[0], Access: "token", Summary: rt.summary, Status: rt.status}
		if len(rt.paths) > 1 {
			out[i].Alias = rt.paths[1]
		}
		if rt.public {
			out[i].Access = "public"
		}
		var errs []string
		for _, status := range rt.statuses() {
			errs = append(errs, strconv.Itoa(status)+" "+http.StatusText(status))
		}
		out[i].Errors = strings.Join(errs, ", ")
	}
	return out
}

// statuses lists all errors of a route.
func (rt route) statuses() []int {
	all := map[int]bool{http.StatusServiceUnavailable: true} // any route may find the database away
	for _, status := range rt.errors {
		all[status] = true
	}
	if !rt.public {
		all[http.StatusUnauthorized], all[http.StatusBadRequest] = true, true
	}
	if rt.list {
		all[http.StatusUnprocessableEntity] = true
	}
	if rt.body != "" {
		all[http.StatusUnprocessableEntity] = true
	}
	return slices.Sorted(maps.Keys(all))
}
