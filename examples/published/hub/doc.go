// Command hub is the sharing API of JupyterHub 5, rebuilt as a small host of hallpass. People
// share their servers with users and groups, directly or by codes. The notebook that JupyterHub
// publishes about this API runs against it unmodified.
//
//	go run ./examples/published/hub
//
// It serves on 127.0.0.1:8081 and keeps hub.db, hub.key and hub.demo.json in the working
// directory. It makes the demo users admin, sharer and shared-with, a group and a running
// server, unless they exist. It prints what a notebook on that server reads from its
// environment. It also prints a token and passwords, because it is a demonstration. They are
// random, and each start makes a new token and ends the last one.
//
// # What is where
//
// [routes] lists all paths: /hub/api/user, users, groups, shares and share-codes, and the pages
// /hub/login, /hub/accept-share and /hub/home. A server is a record with a name, an owner and a
// start time (servers.go). No process belongs to it, but /user/… opens only for people who may
// access it. model.go tells hallpass about servers: one kind of resource, JupyterHub's tree of
// scopes with their filters, and what may be shared. The hub's own table knows who owns a
// server. It is in the same database, and a hook keeps it in step with the accounts.
//
// Packages sharing and auth make every decision. This program only translates. Names become ids
// and back (names.go). The library keeps a share for each giver and code; the hub shows them as
// one share for each server and receiver (merge.go). Errors and pages look as clients expect.
//
// # What is the same, and what is repaired
//
// The tests replay a recording of a running JupyterHub (transcript_test.go). Each deliberate
// difference is listed once, with its reason (differences_test.go). In short:
//
//   - What people had passed on stayed after they lost the right to share, and so did their
//     codes. Now it counts only while they may share.
//   - Scopes took any filter, and any scope that was held could be shared: a share of a server
//     could give away user administration. Now each scope says which filters it takes, and only
//     scopes that open a single server can be shared.
//   - Tokens and cookies were checked by two functions, and tokens ignored shares to groups.
//     Now one function decides.
//   - A token that may make tokens could make one with all rights of its owner. Now it makes
//     none that may do more than itself. A token that should inherit gets what its owner holds
//     by roles at that moment; to follow its owner's rights, use a session.
//   - Ids were reused and were read up to the first letter, and an empty id deleted all codes.
//     Now ids are never reused and are read whole, and an empty one is a 400.
//   - Accepting a code twice counted twice, and brought back what had been removed from the
//     share. Now it does neither while the share exists.
//   - next could break the page and came in many forms. Now it has to be a path of this site,
//     and pages escape everything.
//   - The URL of the accept page contains the code, because clients build it so. Therefore the
//     page sends no referrer, is not cached, loads nothing and never repeats a code in an
//     error. URLs are not logged, and tries are counted.
//   - A missing or bad credential was a 403. Now it is a 401 with WWW-Authenticate. Some
//     mistakes of clients were 500. Now they are 400.
//   - Totals included expired codes. Now they do not.
//   - Deleting an account needs a sign-in; a token is not enough.
//
// Not rebuilt: starting real servers, the proxy, OAuth between hub and servers, auth state,
// services with a page, and the admin panel.
package main
