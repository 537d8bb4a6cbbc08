// Package servicetest tests the services on a store. Its scenarios run a whole auth.Service and
// check what it promises on every store. Many of them run several requests at the same time.
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
// Each scenario is a function. Files are named after what their scenarios test. The table in
// run.go lists all scenarios with the requirements that they test, and requirements.txt has a
// line on each requirement. A scenario opens its own store, sets its own clock, and hashes with
// cheap parameters that are for tests only. It checks what callers of the services see, not
// what is in tables.
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
// Later versions add scenarios. A store that fails a new one never kept that promise.
package servicetest
