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
// decision works that out anew. If somebody loses a right, what they gave stops counting at the
// next request, and so does what others passed on from it. A host that keeps a kind in its own
// table calls [Service.Forget] when it deletes a resource.
//
// Tries of codes are counted, and every code that fails gets the same answer after the same
// reads, so guessing tells nothing. Stores keep only a hash of a code, and links carry it in
// their fragment, so neither a database nor a log gives codes away. Nobody gives more than the
// credential in use allows. A new resource does not inherit the shares of an old one with the
// same id. After accepting, a link leads only to pages of the own site.
package sharing
