package main

import (
	"net/http"
	"strconv"
	"strings"
)

type object = map[string]any

// openAPI describes the routes as an OpenAPI 3.1 document.
func openAPI(list []route) object {
	paths := object{}
	for _, rt := range list {
		for i, path := range rt.paths {
			item, _ := paths[path].(object)
			if item == nil {
				item = object{}
				paths[path] = item
			}
			item[strings.ToLower(rt.method)] = operation(rt, path, i > 0)
		}
	}
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title": "UserAuth", "version": "1",

			"description": "Users, tokens and logins. /users… are aliases of /user…; /auth/openapi.json describes " +
				"what accounts can do beyond this.",
		},
		"paths": paths,
		"components": object{
			"schemas": schemas(),
			"securitySchemes": object{"OAuth2PasswordBearer": object{
				"type": "oauth2", "flows": object{"password": object{"tokenUrl": "/token", "scopes": object{}}},
			}},
		},
	}
}

func operation(rt route, path string, alias bool) object {
	op := object{
		"summary": rt.summary, "operationId": operationID(rt.method, path), "tags": []string{tag(alias)},
		"responses": responses(rt),
	}
	if !rt.public {
		op["security"] = []object{{"OAuth2PasswordBearer": []string{}}}
	}
	if params := parameters(rt, path); len(params) > 0 {
		op["parameters"] = params
	}
	if rt.body != "" {
		op["requestBody"] = object{"required": true, "content": bodies(rt)}
	}
	return op
}

func tag(alias bool) string {
	if alias {
		return "aliases"
	}
	return "documented"
}

// operationID is made of method and path, so it is unique.
func operationID(method, path string) string {
	return strings.ToLower(method) + strings.NewReplacer("/", "_", "{", "", "}", "").Replace(path)
}

func parameters(rt route, path string) (out []object) {
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			about := "UUID"
			if name == "user_id" {
				about = "UUID, or me"
			}
			out = append(out, object{
				"name": name, "in": "path", "required": true, "description": about, "schema": text(""),
			})
		}
	}
	for _, name := range rt.query {
		out = append(out, object{"name": name, "in": "query", "schema": text(""),
			"description": "Required with a form; with JSON it stands in the body."})
	}
	if rt.list {
		out = append(out,
			object{"name": "limit", "in": "query", "description": "Asks for a page of so many items.",
				"schema": object{"type": "integer", "minimum": 1, "maximum": pageSize}},
			object{"name": "cursor", "in": "query", "description": "The next of the page before.",
				"schema": text("uuid")})
	}
	return out
}

// bodies describes the forms that a body may have. A photo can't be JSON.
func bodies(rt route) object {
	out := object{}
	for _, kind := range rt.forms {
		name := rt.body
		if kind == formURL && name == "Registration" {
			name = "RegistrationForm"
		}
		out[kind] = object{"schema": ref(name)}
	}
	if rt.body != "Photo" {
		out["application/json"] = object{"schema": ref(rt.body)}
	}
	return out
}

func responses(rt route) object {
	success := object{"description": "Success"}
	if rt.out != "" {
		schema := ref(rt.out)
		if rt.list {
			items := object{"type": "array", "items": schema}
			schema = object{"anyOf": []object{items, {
				"type": "object", "required": []string{"items", "next"},
				"properties": object{"items": items, "next": object{"type": []string{"string", "null"}}},
			}}}
		}
		success["content"] = object{"application/json": object{"schema": schema}}
	}
	out := object{strconv.Itoa(rt.status): success}
	for _, status := range rt.statuses() {
		out[strconv.Itoa(status)] = object{
			"description": http.StatusText(status), "content": object{
				"application/json": object{"schema": ref("Error")},
			},
		}
	}
	return out
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func text(format string) object {
	if format == "" {
		return object{"type": "string"}
	}
	return object{"type": "string", "format": format}
}

// members is an object whose members are all required, or all optional.
func members(required bool, properties object) object {
	out := object{"type": "object", "properties": properties}
	if required {
		names := []string{}
		for name := range properties {
			names = append(names, name)
		}
		out["required"] = sorted(names)
	}
	return out
}
