package httpadapter

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

type object = map[string]any

// openAPI describes the route table as an OpenAPI 3.1 document.
func openAPI(list []route, prefix string) ([]byte, error) {
	g := schemas{all: object{}}
	paths := object{}
	for _, rt := range list {
		path := prefix + rt.path
		item, _ := paths[path].(object)
		if item == nil {
			item = object{}
			paths[path] = item
		}
		item[strings.ToLower(rt.method)] = g.operation(rt)
	}
	g.of(reflect.TypeFor[problem]())
	return json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info":    object{"title": "hallpass", "version": "1", "description": "Accounts, sign-in and tokens."},
		"paths":   paths,
		"components": object{
			"schemas": g.all,
			"securitySchemes": object{
				"bearer":  object{"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
				"session": object{"type": "apiKey", "in": "cookie", "name": "__Host-hp_session"},
			},
		},
	}, "", "  ")
}

func (g schemas) operation(rt route) object {
	op := object{
		"summary": rt.summary, "operationId": operationID(rt), "description": "Access: " + rt.access.String() + ".",
		"responses": g.responses(rt),
	}
	if params := parameters(rt); len(params) > 0 {
		op["parameters"] = params
	}
	if rt.access.kind != kindPublic {
		op["security"] = []object{{"bearer": []string{}}, {"session": []string{}}}
	}
	if rt.in != nil {
		content := object{"application/json": object{"schema": g.of(rt.in)}}
		if rt.form {
			content["application/x-www-form-urlencoded"] = object{"schema": g.of(rt.in)}
		}
		op["requestBody"] = object{"required": !allOptional(rt.in), "content": content}
	}
	return op
}

// operationID is made from method and path, which are unique together.
func operationID(rt route) string {
	words := strings.FieldsFunc(rt.path, func(r rune) bool { return !unicode.IsLetter(r) })
	return strings.ToLower(rt.method) + "_" + strings.Join(words, "_")
}

func parameters(rt route) (out []object) {
	for part := range strings.SplitSeq(rt.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			out = append(out, object{"name": strings.TrimSuffix(name, "}"), "in": "path", "required": true,
				"schema": object{"type": "string"}})
		}
	}
	for _, p := range rt.query {
		schema := object{"type": p.kind}
		if p.kind == "date-time" {
			schema = object{"type": "string", "format": p.kind}
		}
		out = append(out, object{"name": p.name, "in": "query", "description": p.about, "schema": schema})
	}
	return out
}

func (g schemas) responses(rt route) object {
	success := object{"description": "Success"}
	if rt.out != nil && rt.status != 204 {
		success["content"] = object{"application/json": object{"schema": g.of(rt.out)}}
	}
	out := object{strconv.Itoa(rt.status): success}
	for status, t := range rt.also {
		success := object{"description": "Success"}
		if t != nil {
			success["content"] = object{"application/json": object{"schema": g.of(t)}}
		}
		out[strconv.Itoa(status)] = success
	}
	for status, codes := range codesOf(rt) {
		out[strconv.Itoa(status)] = object{
			"description": strings.Join(codes, ", "),
			"content": object{
				"application/problem+json": object{"schema": object{"$ref": "#/components/schemas/problem"}},
			},
		}
	}
	return out
}

// codesOf lists the codes that a route may answer with, by status. They are its own and those
// that follow from what it takes.
func codesOf(rt route) map[int][]string {
	codes := slices.Clone(rt.codes)
	if rt.access.kind != kindPublic {
		codes = append(codes, "token_invalid", "token_expired", "two_credentials")
	}
	if !rt.access.open() {
		codes = append(codes, "unauthenticated")
	}
	if rt.access.kind == kindScope {
		codes = append(codes, "insufficient_scope")
		if rt.access.user || rt.access.group || rt.access.shares != "" {
			codes = append(codes, "not_found")
		}
	}
	if rt.in != nil {
		codes = append(codes, "bad_json", "too_large", "unsupported_media_type", "invalid_input")
	}
	if rt.method != "GET" {
		codes = append(codes, "cross_origin")
	}
	if slices.ContainsFunc(rt.query, func(p param) bool { return p.name == "cursor" }) {
		codes = append(codes, "bad_cursor", "invalid_input")
	}
	out := map[int][]string{}
	for _, k := range append(slices.Clone(table), oauthTable...) {
		if slices.Contains(codes, k.code) && !slices.Contains(out[k.status], k.code) {
			out[k.status] = append(out[k.status], k.code)
		}
	}
	return out
}

// schemas makes JSON schemas from Go types, and collects those that have names.
type schemas struct{ all object }

func (g schemas) of(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[json.RawMessage]():
		return object{"type": "object"}
	case isOpt(t):
		return nullable(g.of(t.Field(1).Type))
	case t.Kind() != reflect.Pointer && t.Implements(reflect.TypeFor[json.Marshaler]()):
		return g.named(t, func() object { return sampled(t) })
	}
	switch t.Kind() {
	case reflect.Pointer:
		if t.Elem().Kind() == reflect.Struct && t.Elem() != reflect.TypeFor[time.Time]() {
			return g.of(t.Elem())
		}
		return nullable(g.of(t.Elem()))
	case reflect.Slice:
		return object{"type": "array", "items": g.of(t.Elem())}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Struct:
		return g.named(t, func() object { return g.structure(t) })
	default:
		return object{"type": "string"}
	}
}

func nullable(s object) object {
	if kind, ok := s["type"].(string); ok {
		s = maps.Clone(s)
		s["type"] = []string{kind, "null"}
	}
	return s
}

// named adds a schema to the components and returns a reference to it.
func (g schemas) named(t reflect.Type, schema func() object) object {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return '_'
	}, strings.TrimSuffix(t.Name()[strings.LastIndexByte(t.Name(), '.')+1:], "]"))
	if strings.HasPrefix(t.Name(), "list[") {
		name = "list_" + name
	}
	name = strings.TrimSuffix(name, "JSON")
	if g.all[name] == nil {
		g.all[name] = object{} // stops at a type that contains itself
		g.all[name] = schema()
	}
	return object{"$ref": "#/components/schemas/" + name}
}

func (g schemas) structure(t reflect.Type) object {
	properties, required := object{}, []string{}
	for _, f := range reflect.VisibleFields(t) { // those of embedded structs as well
		if f.Anonymous {
			continue
		}
		name, optional := jsonName(f)
		properties[name] = g.of(f.Type)
		if !optional {
			required = append(required, name)
		}
	}
	out := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// sampled makes the schema of a type that encodes itself, from its zero value.
func sampled(t reflect.Type) object {
	doc, err := json.Marshal(reflect.Zero(t).Interface())
	var v any
	if err != nil || json.Unmarshal(doc, &v) != nil {
		return object{}
	}
	return sampleSchema(v)
}

func sampleSchema(v any) object {
	switch v := v.(type) {
	case map[string]any:
		properties := object{}
		for name, member := range v {
			properties[name] = sampleSchema(member)
		}
		return object{"type": "object", "properties": properties}
	case string:
		return object{"type": "string"}
	case bool:
		return object{"type": "boolean"}
	case float64:
		return object{"type": "integer"}
	default: // the zero value of a list is null
		return object{"type": "array", "items": object{"type": "string"}}
	}
}
