// Command datasite is the user management of a published data site, rebuilt as a small host of
// hallpass. Sign-up is closed, and the owner registers researchers. A switch lets guests
// register while the site runs. A ladder of roles says who may change whom.
//
//	go run ./examples/published/datasite
//
// It serves on 127.0.0.1:8082 and keeps datasite.db and datasite.key in the working directory.
// The first start makes the root and prints its address and password. DATASITE_ROOT_EMAIL,
// DATASITE_ROOT_NAME and DATASITE_ROOT_PASSWORD choose others. With --mail console, people get
// a welcome and can reset their passwords.
//
// # What is where
//
// [routes] lists the routes: POST /login and /register, GET /users, GET, PATCH and DELETE
// /users/{id}, GET /metadata, GET and PATCH /settings, and resets of passwords. Of the
// library's API, only what people do for themselves is mounted, under /auth. Managing other
// users happens here, under the rules of the ladder (ladder.go, rules.go). The rules are hooks,
// so they see the state in the transaction of each change.
//
// # What is the same
//
// The roles NONE, GUEST, DATA_SCIENTIST, DATA_OWNER and ADMIN keep their order and limits.
// Owners register, list and delete users below them and move them between the lower roles, but
// change nobody's profile. Admins do everything but demote or remove the root. The switch acts
// at once, and accounts that exist stay. Root chooses the passwords of people whom root
// registers; the library calls this AllowManagerPasswords and has it off by default, and the
// person should set another password. The public view of a user shows no more than before.
//
// # What is repaired
//
//   - A sign-in gave a private key that lasted for ever. Now it gives a token for 15 minutes
//     and a refresh token. Both end with the account, and with a new password.
//   - People who registered could choose their own role and rights. Now only managers choose
//     roles, and owners only roles below their own.
//   - New users were DATA_SCIENTIST. Now they are GUEST, unless the setting default_role says
//     otherwise.
//   - The switch had two paths with different checks, and the public metadata could be wrong.
//     Now there is one permission, and /metadata reads the policy in force.
//   - Every answer was 200. Now errors have a status and a stable code.
//   - A confirmation that differed made an account without a password. Now it is a field error,
//     both at registration and at a change of password.
//   - Logs contained passwords, requests and reset tokens, and the database held tokens in the
//     clear. Now neither has them.
//   - Passwords had rules only at a reset. Now the same rules hold everywhere.
//   - Guessing had no limit, and answers revealed which addresses exist and which are admins'.
//     Now guessing is limited, and only registering with a taken address reveals it; the
//     setting email_proof hides that too.
//   - The root had a published password. Now it is random or comes from the environment, and
//     has to be a good one.
//   - Deleted users went on as guests. Now their requests count as without an account.
//   - One's own password now changes with the current one, and one's own address with a mailed
//     code. A page past the end is empty.
//
// With --enclave the site has no owner, like the enclaves of the original: guests may register
// from the start, and no admin can sign in.
package main
