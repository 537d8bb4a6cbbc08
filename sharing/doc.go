// Package sharing says who may touch which thing of the host: resources and their owners, share
// codes, and shares.
//
// # Start here
//
// [New] makes a [Service] from a [Store], the accounts ([Rights], which *auth.Service is) and a
// [Config] that names the kinds of resources. A host that keeps its own table answers who owns
// what by [Kind].Owners; else the built-in registry does ([Service.Put], [Service.Delete]).
// [Service.Create] shares with a user or a group, [Service.CreateCode] makes a code that
// whoever presents it takes with [Service.Accept]. [Service.Decide] is the decision for one
// resource, [Service.Visible] the same for a list: a condition for the host's own query
// ([Visibility.Where]), or a page of the registry ([Service.Resources]). Package httpadapter
// puts all of it on HTTP, and its middleware decides with it.
//
// # What counts
//
// A share counts while a finite chain of shares that count leads from its giver to the owner,
// or to a right that the giver holds by role. It is looked at whenever a decision is made,
// scope by scope, and nothing is copied: who loses a right, is disabled or goes stops giving it
// at the next request, and what was passed on from there stops, too; who is enabled again gives
// again. Shares that lean only on each other count for nothing. What somebody may do is what
// roles, owning and all shares that count give together, under the ceiling of the credential in
// use.
//
// # Owns and does not own
//
// The package owns the rules of giving, accepting, narrowing and revoking, and what counts. It
// knows users, services and groups as ids and asks [Rights] what they hold; what a scope means
// is in package scopes. It declares what it asks of a database ([Store]) and implements none.
// It knows no HTTP, reads no environment, starts no goroutine. Throttling of those who present
// codes is auth.Service.CountShareTry, which httpadapter calls. A host that does not use the
// front door gives the Service to auth.Service.Run, for [Service.Housekeep], and
// [Service.Forget] when it deletes a resource of its own table.
//
// # Concurrency and cost
//
// A Service is safe for concurrent use; any number of replicas may share a store. Of those who
// race for the last use of a code one wins, by one conditional statement, and the count of uses
// is that of the records. [Service.WithStore] does its work inside a transaction of the host. A
// decision that roles alone allow reads nothing; any other takes the shares of the resource,
// its owner, and what its givers hold: three statements, four where services give. Visible
// takes as many for each thousand resources that were shared with the caller.
//
// # What each rule stops
//
//   - Only a hash of a code is stored; it is shown once, and travels in the fragment of a link
//     or in a body, never in a path or a query: logs and neighbours learn nothing.
//   - Unknown, expired, used up, revoked and for somebody else are one answer, after the same
//     two reads: guessing tells nothing.
//   - Nobody gives what they do not hold, by the credential that they use: a narrow token makes
//     no wide share. A change of a share only narrows it.
//   - A code gives each person one share, once: who lost it does not take it again.
//   - Nothing counts on a resource without an owner, and a new one begins unshared: an id that
//     comes again opens nothing.
//   - Where to go after accepting is an own path ([OwnPath]), however a browser reads it: a
//     link to the site leads nowhere else.
//   - What is revoked is named by id, or all is said: no slip revokes less, or more, than was
//     meant.
//
// # Stability
//
// Errors are matched with errors.Is; codes in [FieldError] and actions in [AuditRecord] are
// stable. Texts and the SQL of Where may change.
package sharing
