// Package sharing says who may do what with which thing of the host: resources and their
// owners, shares, and share codes.
//
// Start with [New]. A [Kind] says how resources of one kind are shared, and whether the host
// keeps their owners ([Kind].Owners) or the built-in registry does ([Service.Put]).
// [Service.Create] shares with a user or a group. [Service.CreateShareCode] makes a code that
// people redeem with [Service.Accept]. [Service.Decide] decides about one resource, and
// [Service.Visible] says which ones to list.
//
// The package owns the rules of giving, accepting, narrowing and revoking. It does not own
// accounts: users, groups, roles and credentials are those of package auth, and package scopes
// says what a scope means. A driver implements [Store].
//
// Rights are never copied. A share counts for as long as its giver could give it, and each
// decision works that out anew. Whoever loses a right stops giving it at the next request, and
// what others passed on from there stops too. A host that keeps a kind in its own table calls
// [Service.Forget] when it deletes a resource.
//
// The rules stop guessing of codes (tries are counted, and every code that fails gets the same
// answer after the same reads), theft of codes from a database or a log (only a hash is stored,
// and links carry the code in their fragment), giving more than the credential in use allows,
// old shares that open a new resource with the same id, and links that lead people to another
// site after they accept.
package sharing
