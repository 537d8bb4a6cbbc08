// Package scopes defines what a permission is and decides who may use it on what.
//
// Start with a [Model], in which a host declares its scopes and kinds of resources. [Compile]
// turns it into a [Schema]. Rights are lists of texts: "name", "name!kind" or "name!kind=id".
// [Schema.ParseAll] reads new input, [Schema.SetOf] reads stored texts. The result is a [Set],
// what an account holds. A [Subject] adds the ceiling of the credential in use, and
// [Subject.Decide] answers for one [Target].
//
// "!user=U" covers the user U and everything that U owns. "!group=G" covers the group G, its
// members and what they own. A filter of a host's kind covers the one thing that it names.
// "!user" without an id stands for the holder, and "!kind" for the resource of the credential
// in use. Several filters of one scope add up. No filter covers the zero target, which stands
// for creating and for listing everything.
//
// The package stores nothing and looks nothing up: packages auth and sharing find roles, groups
// and owners first and pass them in. It knows ids, not names. Schemas and Sets are immutable
// and safe for concurrent use; an [ID] or a Set means nothing to another Schema. A decision
// takes less than 100 ns and does not allocate, even with a thousand scopes held.
// Compiling the scopes of a usual role takes about a microsecond, so every request can do it.
//
// Texts are never trimmed or folded. A scope accepts only the filters that it declares. The
// zero Target needs a scope without a filter, so forgetting the target denies. A nil Ceiling is
// no limit; an empty one allows nothing. A stored scope that the model no longer has gives
// nothing and is reported. The grammar and the codes of [ParseError] are stable; error texts
// and suggestions may change.
package scopes
