// Command mlapi is the users chapter of a published book on machine-learning APIs, rebuilt as a
// small host of hallpass. People register and get a token, an admin enables, disables or
// removes them, and a model answers the users who are enabled.
//
//	go run ./examples/published/mlapi
//
// It serves on 127.0.0.1:8001 and keeps mlapi.db and mlapi.key in the working directory. The
// first start prints the name and password of the demo administrator. /docs is Swagger UI and
// /redoc a reference page. The library's API is under /auth.
//
// # What is the same
//
// Paths, members of bodies and messages are those of the chapter: POST /register-user, PUT
// /toggle-user-permission/{id}/{0|1}, DELETE /remove-user/{id}, POST /token, GET
// /token_status/{token} and POST /predict. The chapter's cells run with two changes: an admin's
// header is added, and the password is not "test". The tests replay a recording of the
// published service (transcript_test.go). Each deliberate difference is listed with its reason
// (differences_test.go).
//
// # What is repaired
//
//   - Passwords were encrypted with one published key. Now they are hashed. They are required,
//     have at least 8 characters and are not common ones. Addresses have to be addresses, and
//     no two accounts share one.
//   - Nothing checked whether a user is enabled. Now a disabled user gets no token, and loses
//     existing ones at once.
//   - Enabling and removing needed no credentials. Now they need an admin's.
//   - A conflict revealed the id of the other account, and ids could be guessed by counting.
//     Now ids are UUIDs, and only an admin is told.
//   - Removing a user who had asked the model broke the process until a restart. Now a table of
//     this program keeps what was asked, and a hook empties it in the transaction that removes
//     the user (history.go).
//   - A missing Authorization header was answered with 200 and null. Now it is 401. The token
//     may stand alone or after "Bearer".
//   - Times depended on the time zone of the host. Now tokens live for an hour everywhere. They
//     name an account by its id, as a string.
//   - A body that could not be read broke the request. Now it is refused with a code.
//   - A fault of the database was answered "Invalid token". Now it is a 5xx.
//   - The token in the path of /token_status ends up in the logs of proxies. The path stays for
//     existing clients, and this program does not log it. POST /token_status takes the token in
//     the body.
package main
