// Command syftbox is the sign-in of SyftBox, rebuilt as a small host of hallpass: a server, and
// a client for terminals that asks for an address and for the code that is mailed there, keeps
// its tokens in config.json, and says nothing from then on.
//
//	go run ./examples/published/syftbox server --dev
//	go run ./examples/published/syftbox client --dev --email ada@example.org
//
// For others than yourself, mail has to arrive, and a proxy with TLS stands in front:
//
//	syftbox server --mail smtp://mail.example.org --base-url https://box.example.org
//	syftbox client --server https://box.example.org
//
// The server keeps syftbox.db and syftbox.key in the working directory (syftbox-dev.db and
// syftbox-dev.key with --dev), the client config.json.
//
// # What is the same
//
// An address is who somebody is, and the only name that accounts have. A code from its mailbox
// is the only proof; the first one makes the account. The client is silent as long as its
// tokens count. A lost file means the same way again: there is no other reset. The file has the
// members that it had: server_url, email, access_token and refresh_token; what else is in it
// stays. The older client_config.json still tells address and server.
//
// Without a person the environment speaks: SYFTBOX_SERVER_URL, SYFTBOX_EMAIL and
// SYFTBOX_CLIENT_CONFIG_PATH are the flags, SYFTBOX_ACCESS_TOKEN is used in place of the file
// and never written down (an API token of POST /auth/users/me/tokens lives long enough),
// SYFTBOX_REFRESH_TOKEN begins a file that has no tokens. Flags win. Where a question would be
// needed and nobody can answer, the client fails before a mail is sent.
//
// # What is repaired
//
// Each recorded behaviour has a test that names it, and each difference a reason in one table
// (differences_test.go). In short:
//
//   - Tokens that anybody can write are refused, with --dev as well. There the published server
//     took a base64 of {"email": …} for a proof, so that a client and a server that were set up
//     for development by mistake let anybody be anybody, over any network. Development here has
//     the same steps as production: the server mails to its terminal, and puts the code into
//     the answer with which a flow begins, as the member dev_code. It is a field of this
//     example (dev.go): the library has none like it and no switch for one.
//   - --dev listens on the loopback only, says loudly what it is, answers only requests that
//     name the loopback and came through no proxy, has a database and a key of its own, and is
//     not switched on by the environment. Without --dev and without --mail the server does not
//     start; it used to start with sign-in switched off.
//   - Access tokens live for 15 minutes, not for ever; refresh tokens are of one use, and one
//     that comes back ends the session that it was stolen from. A session can be ended: syftbox
//     logout, with --all for those of lost files, too.
//   - A code belongs to the flow that asked for it: strangers who ask for codes for my address
//     do not disturb mine. It has 34 bits, five tries, ten minutes and one use, also when two
//     use it at once, and survives a restart of the server.
//   - Addresses are compared without case, on both sides, and only plain ones are taken.
//   - The file has mode 0600, also if it had another one, and is replaced whole. Clients that
//     share one take turns, so that a refresh token is used once.
//   - A server that is down or in trouble is an error, not a reason to mail another code.
//     Tokens go only to the server that they came from, over https or the loopback, and never
//     along with a redirect.
//   - --email and --server mean what they say when the file has others, with a word about it.
//   - Who types a code may ask for another mail, as often as the server says; and wrong answers
//     have an end.
//
// # What is not here
//
// Syncing, apps, and what else SyftBox does for people once it knows who they are. A client of
// a host would go on with the access token where this one ends. The published paths
// (/auth/otp/…) are not served: their forms have no place for a flow.
package main
