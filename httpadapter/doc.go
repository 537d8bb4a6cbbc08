// Package httpadapter serves the API over HTTP and protects the routes of a host.
//
// Package hallpass makes a [Handler]. Without that package:
//
//	h, err := httpadapter.New(accounts, httpadapter.Rooms{Sharing: shares}, httpadapter.Config{})
//	mux.Handle("/auth/", h)
//	mux.Handle("GET /notes/{id}", h.Require("read:notes", httpadapter.Resource("note", "id"), notes))
//
// The handler of a protected route asks [PrincipalFrom] who calls. GET /openapi.json and /redoc
// under the prefix describe every route and every error code. Paths, members and codes are
// stable; texts are not.
//
// One table holds the routes (routes.go) and one maps errors to answers (errors.go). A handler
// decodes, calls one method of a service and encodes. The rules are those of the services.
// Timeouts and header limits are those of the host's http.Server.
//
// A Handler knows its prefix, so mount it without http.StripPrefix. It never redirects. It is
// safe for concurrent use.
//
// The adapter refuses requests that come from another site, credentials in URLs, forged client
// addresses, bodies that two parsers could read differently, and unknown members. Opening a
// mailed link does nothing until a person presses the button. Callers without the right to a
// route learn nothing about its fields, and internal errors reach only the log.
package httpadapter
