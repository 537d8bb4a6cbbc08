// Package memstore keeps everything in maps behind one lock. It is a store for examples and for
// unit tests of hosts. Nothing outlives the process.
//
//	st := memstore.New()
//	accounts, err := auth.New(st.Auth(), cfg)
//
// It passes the same conformance suite (storetest) as the databases, so what a test sees here
// is true there. It can't show races that only a database has; run the host's own tests on its
// database too. It is not made for speed: lists are sorted again for each page.
//
// A Store is safe for concurrent use. A transaction holds the lock until it ends, so
// transactions run one after the other and are never retried. Rolling back restores a copy that
// was taken at the start. The store of a transaction is also safe for concurrent use, and
// unusable once the transaction has ended.
//
// A call on the outer store inside a transaction, or on any store inside an edit, waits until
// its context ends, as on a database with one connection. Give tests a context with a
// deadline.
//
// Values are copied on the way in and out, so changing a value that was passed in or returned
// changes nothing in the store.
package memstore
