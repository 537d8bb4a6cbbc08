package storetest

import (
	"errors"

	"github.com/hallpass-go/hallpass/auth"
)

var savepointScenarios = []scenario{
	{"SavepointsNestDeeply", savepointsNestDeeply},
	{"SavepointsInALoop", savepointsInALoop},
	{"HandleOutsideIsNil", handleOutsideIsNil},
}

// Of six nested transactions, the fourth rolls back. Those outside it are kept, and those
// inside it are gone.
func savepointsNestDeeply(w *world) {
	const deepest, fails = 5, 3
	list := make([]auth.Account, deepest+1)
	var level func(in *world, depth int) error
	level = func(in *world, depth int) error {
		list[depth] = in.user(string(rune('a' + depth)))
		if depth < deepest {
			if err := in.tx(
				func(nested *world) error { return level(nested, depth+1) },
			); err != nil && !errors.Is(err, errRefused) {
				return err
			}
		}
		if depth == fails {
			return errRefused
		}
		return nil
	}
	w.must(w.tx(func(in *world) error { return level(in, 0) }))
	for depth, a := range list {
		if depth < fails {
			w.same("kept", w.stored(a.ID), a)
		} else {
			w.absent(a.ID)
		}
	}
}

// Many savepoints follow each other, and every other one is rolled back. Their names repeat.
func savepointsInALoop(w *world) {
	var kept, lost []auth.UserID
	w.must(w.tx(func(in *world) error {
		kept, lost = nil, nil
		for range 20 {
			a, b := in.account("a"), in.account("b"+in.id())
			in.want(
				in.tx(func(in *world) error { in.must(in.st.CreateAccount(in.ctx, a)); return errRefused }), errRefused,
			)
			in.must(in.tx(func(in *world) error { return in.st.CreateAccount(in.ctx, b) }))
			kept, lost = append(kept, b.ID), append(lost, a.ID)
		}
		return nil
	}))
	w.listed("kept", auth.UserQuery{}, kept...)
	for _, id := range lost {
		w.absent(id)
	}
}

func handleOutsideIsNil(w *world) {
	if h := w.st.Handle(); h != nil {
		w.t.Errorf("outside of a transaction the handle is a %T", h)
	}
	w.must(w.tx(func(in *world) error { _ = in.st.Handle(); return nil }))
}
