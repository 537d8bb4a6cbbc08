// Command datasite is how a published data site manages its people, rebuilt as a small host of
// hallpass: sign-up is closed, its owner registers researchers and switches the registration of
// guests on and off while it runs, and a ladder of roles says who may do what to whom.
//
//	go run ./examples/published/datasite
//
// serves on 127.0.0.1:8082, keeps datasite.db and datasite.key in the working directory, and at
// the first start prints the root's address and password on one line. DATASITE_ROOT_EMAIL,
// DATASITE_ROOT_NAME and DATASITE_ROOT_PASSWORD say others. With --mail console people are
// welcomed and can reset their passwords.
//
// # What is where
//
// [routes] lists what the site answers: POST /login and /register, GET /users, GET, PATCH and
// DELETE /users/{id}, GET /metadata, GET and PATCH /settings, and the reset of passwords. Of
// the library's API only what people do for themselves is mounted, below /auth: whoever manages
// others does it here, under the rules of the ladder (ladder.go, rules.go). Those are hooks:
// they hold in the transaction of a change, for what is true then.
//
// # What is the same
//
// The roles NONE, GUEST, DATA_SCIENTIST, DATA_OWNER and ADMIN with their order and limits:
// owners register, list and delete those below them and move them between the lower roles, and
// change nobody's profile; admins do everything but demote or remove the root. The switch acts
// at once and leaves earlier accounts alone. Root registers people with a password of root's
// choice, which the library calls AllowManagerPasswords and has off: the person should set
// another one. A public view of a user has no more than it had.
//
// # What is repaired
//
//   - Signing in gave a private key for ever. It gives a token for 15 minutes and one to
//     refresh it; they end with the account, and with a new password.
//   - Whoever registered could name their own role and privileges. Only who may manage users
//     can, and an owner only roles below their own.
//   - Newcomers were DATA_SCIENTIST. They are GUEST until the setting default_role says
//     otherwise.
//   - The switch had two doors with different locks, and the public metadata did not tell the
//     truth. There is one permission, and /metadata reads the policy that is in force.
//   - Every answer was 200. Errors have a status and a stable code.
//   - A confirmation that differs made an account without a password. It is a field error, at
//     registration and when a password changes.
//   - Passwords, requests and reset tokens stood in logs, tokens in the clear in the database.
//     They stand in neither.
//   - Passwords had no rule but at a reset. One rule holds everywhere.
//   - Guessing had no limit, and answers told which addresses exist and which are admins'. They
//     do not, but for registering with an address that is taken: there the setting email_proof
//     hides it.
//   - The root had a published password. It is made at the first start, or given by the
//     environment, and has to be a good one.
//   - Deleted users went on as guests. They are nobody.
//   - One's own password changes with the current one, one's own address by a code that is
//     mailed to it. A page past the end is empty.
//
// With --enclave the site has no owner, as the enclaves of the original: guests may register
// from the start, and no admin signs in.
package main
