// Command userauth is a published user-authentication service, rebuilt as a small host of
// hallpass: people register, get a token for 30 minutes, see their own account and their
// logins, and become celebrities by a photo; admins see everybody and hand out roles.
//
//	go run ./examples/published/userauth server start
//
// serves on 127.0.0.1:8000 and keeps sqlite3.db and userauth.key in the working directory.
// /docs is Swagger UI, /redocs a reference page.
//
// # What is where
//
// The routes are the documented ones, /user…, and those of the published code, /users…; [route]
// lists them all. Under /auth stands the API of the library, with what the published service
// lacks: sign-out and revocation (DELETE /auth/sessions/current, POST /auth/token/revoke),
// refresh, another password, disabling, export, failed logins, the audit record. The rules hold
// on both sides, since none of them is in a handler: roles (roles.go), the profile (profile.go)
// and the photo proof (photo.go) are configuration of the accounts (site.go).
//
// Name and surname are the account's Name and the member "surname" of its Attributes, not a
// table of the host: two words about a person need no join in lists, leave with the account,
// stand in its export, and hooks see them in the transaction of every change. A host with rows
// that refer to users keeps a table in step by the same hooks.
//
// # The photo
//
// Who judges photos is a recogniser. The one that is here is a stand-in, which believes what
// the file says:
//
//	printf '\xff\xd8\xff recognise: Tom Cruise 0.99' > tom.jpg
//	curl -F 'file=@tom.jpg;type=image/jpeg' -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8000/user/me/validate_photo
//
// It judges with DEPLOYMENT_TYPE=DEV. With PROD nobody does, and the answer is 501, until a
// recogniser of one's own stands in its place, or --recogniser stand-in asks for it.
//
// # What is kept, and what is repaired
//
// The behaviour is held against recordings of the published service (transcript_test.go); each
// deliberate difference stands in one table (differences_test.go) once, with its reason. In
// short:
//
//   - The signing key was a constant of the source: it is made at the first start, and tokens
//     are of one algorithm, expire and name an account, not a username. A token of a renamed
//     user still is that user's, and never opens the account of who took the name.
//   - Passwords, addresses and names had no rules. They have; names and addresses are compared
//     without case.
//   - Guessing was free and told which names exist by the time it took. It is limited, and
//     costs the same for every name.
//   - A race of registrations made 500s: it has one winner, and 409 for the others, on both
//     databases.
//   - Everybody's role was one word, so that a photo took an admin's rights. Users hold a set
//     of roles, and the highest is shown.
//   - A photo counted whatever account its path named, had no limit of size, type and number,
//     and left no record. It counts for the account of the path, which is the caller's; it has
//     limits and is recorded; who is a celebrity keeps the name that it showed.
//   - The last admin could leave. They stay.
//   - Only users delete themselves, as before: the admin role lacks delete:users. It takes a
//     sign-in at most 5 minutes old.
//   - Lists had no end: an array has at most 1,000 items, and ?limit= and ?cursor= ask for
//     pages.
//   - makeadmin for a user who does not exist fails; adduser has no default password and takes
//     none from the command line.
//   - The server listened everywhere: it listens on the loopback unless told otherwise by --ip
//     or --addr. It has no TLS, so a network needs a proxy before it that has.
package main
