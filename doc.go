// Package hallpass is the front door. It gives a Go application accounts, sign-in, tokens,
// scopes and share codes, inside its own binary and database.
//
// [New] takes a store and a [Config] and wires the packages below. The result is a handler to
// mount in a mux, the middleware for the host's own routes, and the services behind both:
//
//	st, err := sqlitestore.Open(ctx, "app.db")
//	hp, err := hallpass.New(st, hallpass.Config{Secret: secret, BaseURL: "https://app.example"})
//	mux.Handle("/auth/", hp)
//	mux.Handle("GET /notes/{id}", hp.Require("read:notes", hallpass.Resource("note", "id"), notes))
//	go hp.Run(ctx)
//
// No rule lives here, and each package can be used without this one:
//
//	scopes          what a permission is: names, filters, the decision
//	auth            users, groups, services, roles, sessions, tokens; who a request acts as
//	auth/policy     the settings that can be changed at run time
//	auth/password   hashes of passwords, and which passwords may be chosen
//	auth/token      opaque secrets, access tokens, signing keys
//	auth/limit      budgets: how often something may be tried
//	auth/mail       letters: their wording, the outbox, mailers; SMTP in smtpmail
//	auth/emailcode  codes and links that prove an address
//	auth/device     sign-in of programs without a browser (RFC 8628)
//	auth/authtest   for tests of hosts: a clock, a trap for mail, signed-in clients
//	sharing         who may touch what: resources, share codes, shares
//	httpadapter     the routes of the API and the middleware, on net/http
//	store           the contract of a database; below it sqlitestore, pgstore, bunstore, memstore
package hallpass
