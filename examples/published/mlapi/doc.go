// Command mlapi is the users chapter of a published book on machine-learning APIs, rebuilt as a
// small host of hallpass: people register and get a token, an admin switches them on and off or
// removes them, and a model answers those who are switched on.
//
//	go run ./examples/published/mlapi
//
// serves on 127.0.0.1:8001, keeps mlapi.db and mlapi.key in the working directory, and at the
// first start prints the name and the password of the demo administrator on one line. /docs is
// Swagger UI, /redoc a reference page; under /auth stands the API of the library.
//
// # What is the same
//
// The paths, the members of bodies and the messages: POST /register-user, PUT
// /toggle-user-permission/{id}/{0|1}, DELETE /remove-user/{id}, POST /token, GET
// /token_status/{token} and POST /predict. The chapter's cells run with one header added, that
// of an admin, and another password than "test". The behaviour is held against a recording of
// the published service (transcript_test.go); each deliberate difference stands in one table
// (differences_test.go) once, with its reason.
//
// # What is repaired
//
//   - Passwords were encrypted, with one key for all of them that was published: they are
//     hashed. They are required, of 8 characters or more, and not common; addresses are
//     addresses, and nobody shares one.
//   - Nothing read whether a user is enabled: who is disabled gets no token, and loses the ones
//     they have at once.
//   - Toggling and removing took no credentials: they take an admin's.
//   - A conflict told the id of the other account, and ids could be counted: ids are UUIDs, and
//     only an admin is told.
//   - Removing a user who had asked the model broke the whole process until a restart. What was
//     asked is kept in a table of this program; a hook removes it in the transaction that
//     removes the user (history.go).
//   - A missing Authorization header was answered with 200 and null. It is 401. The token is
//     taken with and without "Bearer".
//   - Times were those of the wall clock: tokens live for an hour wherever the host is. They
//     name an account by its id, as text.
//   - What could not be read broke the request: it is refused with a code.
//   - A fault of the database read as "Invalid token": it is a 5xx.
//   - The token in the path of /token_status ends in logs of whatever stands between. That path
//     stays for the clients that there are, and is in no log of this program; POST
//     /token_status takes the token in the body.
package main
