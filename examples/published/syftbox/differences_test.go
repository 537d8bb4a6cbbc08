package main

// differences lists all deliberate differences from the published programs. Each behaviour that
// is adapted, repaired or kept in another form has its reason here.
var differences = map[string]string{
	// Asking for a code.
	"syftbox-002": "in development the code is beside the flow, as dev_code, and the mail is on the terminal; what is told is the code of this one flow, not a token that stays good for an hour",
	"syftbox-005": "an address gets 5 mails an hour and 10 a day; whoever asks for more is answered as before",
	"syftbox-027": "there is no route that mails what a caller wrote",

	"syftbox-042": "an address that is none is 422 with the field, as all values that are wrong are; 400 is for what is no JSON",
	"syftbox-043": "mail goes out from an outbox, so that the answer does not wait for it and tells nothing of it; it is tried again, and the operator's log has the reason",
	"syftbox-045": "eight consonants in place of eight digits, for ten minutes: 34 bits, no look-alikes, and five tries",
	"syftbox-046": "codes belong to flows: a stranger who asks for another does not spoil mine",
	"syftbox-048": "flows are in the database",
	"syftbox-060": "the library takes addresses of domains without a dot, which exist in closed networks; this host does not (site.go), so that such an account is never made",
	"syftbox-078": "each kind of request has a budget of its own, and refreshing has none to use up",
	"syftbox-079": "X-Forwarded-For counts from the proxies that --trusted-proxies names, else the peer is the client",
	"syftbox-084": "no page signs in: the terminal asks, and offers another mail; how soon is up to the server, which also tells length and alphabet of codes",

	// Proving.
	"syftbox-006": "a short code with the secret of its flow in place of a long token, exchanged at the token endpoint",
	"syftbox-007": "400 invalid_grant (RFC 6749) for whatever is wrong with a code; nothing tells a guesser what it was",
	"syftbox-008": "400 invalid_grant, the same as a wrong code",
	"syftbox-010": "400 invalid_grant, the same as a wrong code",
	"syftbox-012": "a code is of one use",
	"syftbox-013": "addresses are compared without case, in one place",
	"syftbox-049": "access_token and refresh_token are the members of RFC 6749",
	"syftbox-050": "400 invalid_grant, the same as a wrong code",
	"syftbox-051": "a wrong code costs one of five tries of its flow, and one of the address's over all flows",
	"syftbox-053": "the client does not send what can't be a code; a server that is sent one answers as to any wrong code",
	"syftbox-054": "400 invalid_grant, the same as a wrong code",
	"syftbox-055": "after five tries the flow is dead, also for the right code",
	"syftbox-056": "using a code is one conditional statement of the database",
	"syftbox-058": "the server answers with the canonical address, and the client compares canonical addresses",

	// Tokens.
	"syftbox-015": "access tokens expire after 15 minutes, and exp is required",
	"syftbox-017": "a session can be ended by its owner, and its tokens with it, at once",
	"syftbox-023": "base64 of JSON is no proof of anything: whoever can write an address would be its owner. It is refused in development, too, since a server or a client that was set up for development by mistake would let everybody in; and a client that can only do the real steps can't be talked into others",
	"syftbox-024": "there is no public secret: a key is made at the first start, for development another one; tokens are EdDSA, and HS256 is refused whatever it was signed with",
	"syftbox-025": "refused as every token that anybody can write, so that exp is not looked at",
	"syftbox-062": "EdDSA in place of HS256; sub is the id of the account, which stays when the address changes, and the session and the audience are named",
	"syftbox-066": "issuer and audience are checked",
	"syftbox-067": "a token without exp is refused",
	"syftbox-072": "syftbox logout ends the session at the server, with --all every session of the account",
	"syftbox-077": "no address and no parameter makes a guest; a host that wants some has a principal of kind guest, which a setting lets in",
	"syftbox-085": "every answer with tokens says expires_in, and every session expires_at",

	// Starting.
	"syftbox-021": "without a word about mail the server does not start; there is no mode without sign-in",
	"syftbox-082": "one key of at least 32 bytes, from which all others are derived",

	// The client.
	"syftbox-028": "no folder is asked for, as nothing is synced; the code is short and typed",
	"syftbox-032": "only 401 of the token and invalid_grant of the refresh token mean signing in again; all else is an error, and no mail",
	"syftbox-033": "short codes, another mail on an empty line, and an end after five that are wrong",
	"syftbox-035": "the flag is what is meant, and a line says so",
	"syftbox-037": "the older file tells address and server; its token opens nothing here, and the file stays as it is",
	"syftbox-091": "the client does not look into tokens: what the server refuses is refused",
	"syftbox-094": "mode 0600, whatever it was before",
	"syftbox-097": "the access token is saved as well, as the published documentation says, so that a start within its 15 minutes uses up no refresh token",
	"syftbox-102": "five wrong codes, then the error; with --quiet the first one",
}
