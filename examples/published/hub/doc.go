// Command hub is the sharing API of JupyterHub 5, rebuilt as a small host of hallpass: people
// share their servers with users and groups, directly or by codes, and the published notebook
// about that API runs against it unmodified.
//
//	go run ./examples/published/hub
//
// serves on 127.0.0.1:8081, keeps hub.db, hub.key and hub.demo.json in the working directory,
// makes the demo users admin, sharer and shared-with, a group and a running server where they
// are not there yet, and prints what a notebook on that server reads from its environment. It
// prints a token and passwords, since it is a demonstration; they are random, and a new token
// ends the one of the last start.
//
// # What is where
//
// [routes] lists all paths: /hub/api/user, users, groups, shares and share-codes, and the pages
// /hub/login, /hub/accept-share and /hub/home. A server is a record with a name, an owner and a
// time of start (servers.go); nothing runs behind it, but /user/… opens only to who may access
// it. What hallpass needs to know is in model.go: one kind of resource, JupyterHub's tree of
// scopes with the filters that each takes, what may be shared; who owns a server is answered
// from the hub's own table, in the same database, which a hook keeps in step with the accounts.
//
// Every decision is made by packages sharing and auth for the caller's principal. Here is just
// the edge: names become ids and back (names.go), the library's shares, of which each has a
// giver and a code it came from, are shown as one for each server and receiver (merge), and
// errors and pages have the form that clients know.
//
// # What is the same, and what is repaired
//
// The behaviour is held against a recording of a running JupyterHub (transcript_test.go); each
// deliberate difference stands in one table (differences_test.go) once, with its reason. In
// short:
//
//   - What was passed on outlived whoever passed it on, and so did their codes. It counts as
//     long as they could give it now, and returns if they can again.
//   - Scopes took any filter, and could be shared if held: with a server, somebody could give
//     away user administration. Each scope says which filters it takes, and only what opens
//     just a server can be shared.
//   - Tokens and cookies were judged by two functions, and what was shared with a group did not
//     count for tokens. One function decides.
//   - A token that may make tokens made any that its owner could have. It makes none that may
//     do more than itself. One asked to inherit gets what its owner holds by roles when it is
//     made, as a ceiling; what follows its owner is a session.
//   - Ids were reused and read up to the first letter, and an empty one deleted all codes. They
//     are not, they are read whole, and that is a 400.
//   - Accepting a code once more counted once more, and gave back what had been taken out of
//     the share. As long as there is the share it does neither.
//   - next could break the page and had many forms. It is an own path or is not looked at, and
//     is escaped. Everything on pages is.
//   - The code stands in the address of the accept page, as clients have it: the page sends no
//     referrer, is kept in no cache, loads nothing from elsewhere and never repeats a code in
//     an error; no address is logged. Tries are counted.
//   - No credential, or a bad one, was 403. It is 401 with WWW-Authenticate; what clients got
//     wrong was 500 here and there, and is 400.
//   - Codes that had expired were counted in totals. They are not.
//   - Deleting an account takes a sign-in, and no token.
//
// Not rebuilt: starting real servers, the proxy, OAuth between hub and servers, auth state,
// services with a page, and the admin panel.
package main
