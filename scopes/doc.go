// Package scopes says what a permission is and decides who may use it on what.
//
// # Start here
//
// A host declares its kinds of resources and its scopes in a [Model]; [Compile] checks it and
// makes a [Schema]. Rights are lists of texts, "name", "name!kind" or "name!kind=id";
// [Schema.ParseAll] reads those that somebody writes, [Schema.SetOf] those that were stored. A
// compiled [Set] is what an account holds. A [Subject] puts it under the ceiling of the
// credential in use, and [Subject.Decide] answers for one [Target].
//
// # What a filter covers
//
// "!user=U" covers the user U and everything that U owns. "!group=G" covers the group G, its
// members and what they own. A filter of a host's kind covers the one thing that it names.
// "!user" and "!<kind>" alone stand for the holder's own id and the credential's own resource.
// Filters of one scope add up. A filter never covers creating or listing, where no target is
// named.
//
// # Owns and does not own
//
// The package owns the grammar, what scopes imply, the decision and its explanation, and the
// question whether somebody may give rights away ([Subject.Excess]). It stores nothing and
// looks nothing up: roles, groups, owners and memberships are found by packages auth and
// sharing, before the decision, and handed over as values. It knows ids, not names.
//
// # Concurrency and cost
//
// Schemas and Sets are immutable and safe for concurrent use. An [ID] and a Set belong to the
// Schema that made them; they mean nothing to another one. A decision takes less than 100 ns
// and allocates nothing, at a thousand scopes held. Compiling the scopes of a usual role takes
// about a microsecond, so it can be done for every request; keep the parsed list.
//
// # What each rule stops
//
//   - One strict parser: no text means more than it seems to ("name!" is not "name"), and
//     nothing is trimmed or folded.
//   - A scope takes only filters that it declares: a filtered scope cannot open what has no
//     target, as a filtered "users" once let its holder create users elsewhere.
//   - The zero Target is covered by unfiltered scopes alone, so a forgotten target denies.
//   - Owner and credential are asked separately, so no intersection has to be exact.
//   - A nil Ceiling is no limit, and an empty one allows nothing; Set, SetOf and Merge never
//     return nil.
//   - [NotHeld] and [Filtered] tell 403 from 404 without telling whether a thing exists.
//   - Scopes that a model has lost give nothing and are reported; they never match by accident.
//
// # Stability
//
// The grammar and the codes of [ParseError] are stable. Texts of errors and suggestions may
// change.
package scopes
