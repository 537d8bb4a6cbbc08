// Package authtest is for tests of hosts: accounts on a store in memory, a clock that is moved
// by hand, and clients that are signed in.
//
//	kit := authtest.New(t)
//	kit.User("ada", "editor")
//	hp, err := httpadapter.New(kit.Service, httpadapter.Rooms{}, httpadapter.Config{})
//	client := kit.Client(myHandler(hp), "ada")
//	answer, err := client.Get("http://app.test/notes")
//	code := kit.Mailed("ada@example.org").Code // of the newest mail
//
// A [Kit] is a whole auth.Service with cheap hashing, open sign-up and a trap for mail on
// memstore; edit its configuration to add the host's roles and scopes. [Kit.Client] calls a
// handler without a network, with the user's access token. For a handler that stands alone,
// httpadapter.WithPrincipal puts [Kit.Principal] into its context. The kit replaces nothing of
// the host: routes and their middleware run as they are. What only a database shows (races,
// constraints on the host's own tables) needs a test on that database.
//
// A Kit and its clients are safe for concurrent use. Its clock stands still until it is moved,
// so that nothing expires by chance; it works inside a testing/synctest bubble, too.
//
// [New] takes a testing.TB, so that only tests can use a Kit: its hashing is far too cheap for
// passwords of people, and its secret is known. A new Kit has no users and its sign-up is open;
// that stays so in later versions.
package authtest
