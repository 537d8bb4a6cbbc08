// Command syftbox is the sign-in of SyftBox, rebuilt as a small host of hallpass: a server, and
// a client for terminals. The client asks for an address and for the code that is mailed to it.
// It keeps its tokens in config.json, and later starts need no answers.
//
//	go run ./examples/published/syftbox server --dev
//	go run ./examples/published/syftbox client --dev --email ada@example.org
//
// A server for other people needs working mail and a proxy with TLS in front of it:
//
//	syftbox server --mail smtp://mail.example.org --base-url https://box.example.org
//	syftbox client --server https://box.example.org
//
// The server keeps syftbox.db and syftbox.key in the working directory (syftbox-dev.db and
// syftbox-dev.key with --dev). The client keeps config.json there.
//
// # What is the same
//
// An address is the identity of a user and the only name of an account. A code from its mailbox
// is the only proof, and the first one makes the account. The client prints nothing while its
// tokens are valid. After losing the file, the user signs in again; there is no other reset.
// The file has the same members as before: server_url, email, access_token and refresh_token.
// Other members stay. The address and the server in the older client_config.json are still
// read.
//
// Where no person is present, environment variables answer. SYFTBOX_SERVER_URL, SYFTBOX_EMAIL
// and SYFTBOX_CLIENT_CONFIG_PATH are flags. SYFTBOX_ACCESS_TOKEN is used instead of the file
// and never stored; an API token of POST /auth/users/me/tokens lives long enough.
// SYFTBOX_REFRESH_TOKEN starts a file without tokens. Flags win. If a question is needed and
// nobody can answer, the client fails before a mail is sent.
//
// # What is repaired
//
// Each recorded behaviour has a test that names it. Each difference is listed with its reason
// (differences_test.go). In short:
//
//   - Tokens that anybody can make up are refused, with --dev as well. The published server in
//     development mode took a base64 of {"email": …} for a proof. So a client and a server that
//     were in that mode by mistake let anybody be anybody, over any network. Here development
//     has the same steps as production: the server mails to its terminal, and adds the code to
//     the answer that begins a flow, as the member dev_code. This program adds it (dev.go); the
//     library has no such member and no switch for it.
//   - --dev listens on the loopback only and says so loudly. It answers only requests that name
//     the loopback and came through no proxy. It has a database and a key of its own, and no
//     environment variable turns it on. Without --dev and --mail the server does not start; it
//     used to start with sign-in switched off.
//   - Access tokens lived for ever. Now they live for 15 minutes. A refresh token can be used
//     once, and using it again ends the session that it was stolen from. syftbox logout ends a
//     session, and with --all those of lost files too.
//   - A code belongs to the flow that asked for it, so strangers who ask for codes for the same
//     address do not disturb it. It has 34 bits, five tries and ten minutes, can be used once,
//     even by two clients at the same time, and survives a restart of the server.
//   - Client and server compare addresses without case, and take only plain ones.
//   - The file gets mode 0600, even if it had another, and is replaced as a whole. Clients that
//     share a file take turns, so that a refresh token is used once.
//   - A server in trouble is an error, and no reason to mail another code. Tokens go only to
//     the server that they came from, over https or the loopback, and never follow a redirect.
//   - --email and --server win over the file, and the client says so.
//   - The user may ask for another mail, as often as the server allows. Wrong answers have a
//     limit.
//
// # What is not here
//
// Syncing, apps, and everything else that SyftBox does once it knows who the user is. The
// client of a real host would continue with the access token. The published paths (/auth/otp/…)
// are not served, because their bodies have no member for a flow.
package main
