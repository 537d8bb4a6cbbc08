// Package httpadapter puts the services on HTTP: the routes of the API, and middleware that
// protects routes of the host.
//
// # Start here
//
// Package hallpass makes a [Handler] for a host. Without it:
//
//	hp, err := httpadapter.New(accounts, httpadapter.Rooms{Sharing: shares}, httpadapter.Config{})
//	mux.Handle("/auth/", hp)
//	mux.Handle("/.well-known/", hp.WellKnown())
//	mux.Handle("GET /notes/{id}", hp.Require("read:notes", httpadapter.Resource("note", "id"), notes))
//
// In a handler behind [Handler.Require], [Handler.RequireUser] or [Handler.Optional],
// [PrincipalFrom] says who asks. [Handler.Authenticate] is for frameworks with middleware of
// another form; routes of the host that call the services themselves use [Handler.Client] and
// [Handler.Explain]. GET /openapi.json and /redoc under the prefix describe every route, every
// error code and what to do about it.
//
// # Owns and does not own
//
// One table of routes feeds the mux, the access rules, the OpenAPI document, the reference page
// and the tests; one table maps errors to answers. Rules about accounts are the services': a
// handler decodes, calls one method and encodes. Stores are not seen here. A server that faces
// the network also needs limits of its own: set ReadHeaderTimeout, ReadTimeout, WriteTimeout,
// IdleTimeout and MaxHeaderBytes of http.Server.
//
// # Mounting and concurrency
//
// A [Handler] knows its prefix, so it is mounted without http.StripPrefix, under net/http as
// under other routers. It never redirects: a path that is not clean is unknown. It is safe for
// concurrent use.
//
// # What each rule stops
//
//   - One credential for a request, from the Authorization header or the cookie, never from the
//     query: nothing leaks into logs or is confused between two.
//   - Cookies are __Host-, HttpOnly and SameSite=Lax, and unsafe requests with one must come
//     from the own or a trusted origin; so must sign-in and sign-up: other sites can't act as
//     the person, nor sign them in as somebody else.
//   - X-Forwarded-For counts only behind trusted proxies: nobody chooses the address that
//     limits and history see.
//   - Bodies are one JSON object without doubles, at most 64 KiB and 16 levels, and unknown
//     members are refused: no mass assignment, no two readings of one body.
//   - The page behind mailed links has no secret in it: the browser keeps the token of the link
//     until the person presses a button. Opening a link does nothing.
//   - Field errors are told only to who may call: probing tells nothing about what is out of
//     reach.
//   - Errors outside the table are a bare 500 and a line in the log: nothing internal reaches a
//     client.
//
// # Stability
//
// Paths, members and codes are stable; clients ignore members that they do not know. Texts may
// change.
package httpadapter
