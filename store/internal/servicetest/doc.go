// Package servicetest tests the services on a store. Its scenarios run a whole auth.Service and
// check what it promises on every store. Most of them are about requests that cross.
//
// # Start here
//
// A store's test calls [Run] with a function that opens an empty store:
//
//	func TestService(t *testing.T) {
//		servicetest.Run(t, func(t *testing.T) store.Store { return open(t) })
//	}
//
// Package storetest checks the store alone, method by method; run it first. A scenario here
// that fails on one store and passes on another points to a promise that storetest does not
// check yet.
//
// # Owns and does not own
//
// Each scenario is a function. The table in run.go lists them all, with the requirements that
// they test; requirements.txt says in a line each what those ask for. A scenario opens its own
// store, sets its own clock, and hashes with cheap parameters that are for tests only. It looks
// at what callers of the services see, never at tables.
//
// # Concurrency
//
// Scenarios that race run several services on the one store, as replicas do, and start all
// requests at one signal. They assert what holds for every order, so they can't fail by chance;
// a fault may need several runs to show. Run them with the race detector, and on a store with a
// single connection: a service that uses the outer store inside a transaction hangs there.
//
// # Stability
//
// Scenarios are added with each promise of the services. A store that passes today may fail a
// later version: then it broke that promise all along.
package servicetest
