// Command userauth is a published user-authentication service, rebuilt as a small host of
// hallpass. People register, get a token for 30 minutes, see their own account and their
// logins, and can become celebrities by a photo. Admins see everybody and give roles.
//
//	go run ./examples/published/userauth server start
//
// It serves on 127.0.0.1:8000 and keeps sqlite3.db and userauth.key in the working directory.
// /docs is Swagger UI and /redocs a reference page.
//
// # What is where
//
// [routes] lists the routes: the documented ones, /user…, and those of the published code,
// /users…. The library's API is under /auth. It has what the published service lacks: sign-out
// and revocation (DELETE /auth/sessions/current, POST /auth/token/revoke), refresh, change of
// password, disabling, export, failed logins and the audit record. No rule is in a handler, so
// both APIs obey the same rules: roles (roles.go), the profile (profile.go) and the photo proof
// (photo.go) are part of the configuration of the accounts (site.go).
//
// The given name is the Name of the account, and the surname a member of its Attributes. A
// table of the host would need joins for lists, and deleting and exporting of its own; hooks
// see the Attributes in the transaction of every change. A host with rows that refer to users
// keeps its table in step by the same hooks.
//
// # The photo
//
// A recogniser judges photos. The one here is a stand-in that believes what the file says:
//
//	printf '\xff\xd8\xff recognise: Tom Cruise 0.99' > tom.jpg
//	curl -F 'file=@tom.jpg;type=image/jpeg' -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8000/user/me/validate_photo
//
// It is used with DEPLOYMENT_TYPE=DEV. With PROD there is no recogniser, and the answer is 501,
// unless you put in one of your own or start with --recogniser stand-in.
//
// # What is kept, and what is repaired
//
// The tests replay recordings of the published service (transcript_test.go). Each deliberate
// difference is listed once, with its reason (differences_test.go). In short:
//
//   - The signing key was a constant in the source. Now the first start makes it. Tokens have
//     one algorithm, expire, and name an account instead of a username. The token of a renamed
//     user still belongs to that user, and never to the one who took the name.
//   - Passwords, addresses and names had no rules. Now they have. Names and addresses are
//     compared without case.
//   - Guessing was unlimited, and its timing revealed which names exist. Now it is limited, and
//     takes the same time for every name.
//   - Registering one name many times at once made 500s. Now one wins and the others get 409,
//     on both databases.
//   - A user had one role, so a photo took an admin's rights away. Now users hold a set of
//     roles, and the highest is shown.
//   - A photo counted for any account in the path, without limits and records. Now it counts
//     for the caller's own account, has limits of size, type and number, and is recorded. A
//     celebrity can't change the name that the photo showed.
//   - The last admin could leave. Now the last admin has to stay.
//   - As before, only users themselves can delete their accounts: the role admin lacks
//     delete:users. It needs a sign-in at most 5 minutes old.
//   - Lists had no limit. Now an array has at most 1,000 items, and ?limit= and ?cursor= ask
//     for pages.
//   - makeadmin fails for a user who does not exist. adduser has no default password and takes
//     none from the command line.
//   - The server listened on all addresses. Now it listens on the loopback unless --ip or
//     --addr says otherwise. It has no TLS: on a network, put a proxy with TLS in front.
package main
