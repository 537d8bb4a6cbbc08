package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/hallpass-go/hallpass/examples/internal/host"
)

//go:embed reference.html
var referenceHTML string

// serveDocs serves the documents, which are made from the route table. They load nothing from
// other sites.
func serveDocs(mux *host.Mux, list []route) error {
	description, err := json.MarshalIndent(openAPI(list), "", "  ")
	if err != nil {
		return fmt.Errorf("render documents: %w", err)
	}
	page, err := template.New("reference").Parse(referenceHTML)
	if err != nil {
		return fmt.Errorf("render documents: %w", err)
	}
	var rows []map[string]any
	for _, rt := range list {
		rows = append(rows, map[string]any{"Call": rt.method + " " + rt.path, "Access": rt.access,
			"Body": strings.Join(rt.body, ", "), "Status": rt.status, "Summary": rt.summary})
	}
	var reference strings.Builder
	if err := page.Execute(&reference, rows); err != nil {
		return fmt.Errorf("render documents: %w", err)
	}
	swagger, err := host.SwaggerUI("ML API", "/openapi.json")
	if err != nil {
		return err
	}
	mux.Handle("GET /docs", swagger)
	mux.Handle("GET /docs/", swagger)
	mux.Handle("GET /openapi.json", document("application/json", description))
	mux.Handle("GET /redoc", document("text/html; charset=utf-8", []byte(reference.String())))
	return nil
}

// document serves a text. It can't run or load anything.
func document(kind string, text []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Security-Policy",
			"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(text) // fails only when the client is gone
	})
}

var pathValue = regexp.MustCompile(`\{(\w+)\}`)

type object = map[string]any

// openAPI describes the routes (OpenAPI 3.1).
func openAPI(list []route) object {
	paths := object{}
	for _, rt := range list {
		var params []object
		for _, m := range pathValue.FindAllStringSubmatch(rt.path, -1) {
			params = append(
				params, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": "string"}},
			)
		}
		op := object{"summary": rt.summary, "responses": object{
			strconv.Itoa(rt.status): object{
				"description": http.StatusText(rt.status),
			}, "default": object{"description": "An error with a code."},
		}}
		if params != nil {
			op["parameters"] = params
		}
		if rt.access == token || rt.access == admins {
			op["security"] = []object{{"token": []string{}}}
		}
		if rt.body != nil {
			members := object{}
			for _, name := range rt.body {
				members[name] = object{"type": "string"}
			}
			if _, ok := members["age"]; ok {
				members["age"] = object{"type": "number", "minimum": 0, "maximum": 150}
			}
			schema := object{
				"type": "object", "required": rt.body, "properties": members, "additionalProperties": false,
			}
			op["requestBody"] = object{
				"required": true, "content": object{"application/json": object{"schema": schema}},
			}
		}
		if paths[rt.path] == nil {
			paths[rt.path] = object{}
		}
		paths[rt.path].(object)[strings.ToLower(rt.method)] = op
	}
	return object{
		"openapi": "3.1.0", "info": object{"title": "ML API", "version": "1"}, "paths": paths,
		"components": object{"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer"}}},
	}
}
