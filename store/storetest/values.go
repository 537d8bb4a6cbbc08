package storetest

import (
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

var valueScenarios = []scenario{
	{"Values", values},
	{"UpdateValue", updateValue},
	{"UpdateValueErrorWritesNothing", updateValueError},
}

// value checks what is stored.
func (w *world) value(name, want string) {
	w.t.Helper()
	got, err := w.st.Value(w.ctx, name)
	w.must(err)
	w.same("value "+name, got, want)
}

// noValue checks that nothing is stored.
func (w *world) noValue(name string) {
	w.t.Helper()
	_, err := w.st.Value(w.ctx, name)
	w.want(err, auth.ErrNotFound)
}

// initValue stores a first value and checks what is stored then.
func (w *world) initValue(name, value, want string) {
	w.t.Helper()
	got, err := w.st.InitValue(w.ctx, name, value)
	w.must(err)
	w.same("stored then", got, want)
	w.value(name, want)
}

func values(w *world) {
	w.noValue("a")
	w.initValue("a", "one", "one")
	w.initValue("a", "two", "one")
	w.noValue("A")
	w.initValue("A", "other", "other")
	w.initValue("empty", "", "")
	w.initValue("empty", "late", "") // the empty text is a value
	long := strings.Repeat("0123456789abcdef", 1<<16)
	w.initValue("long", long, long)
	w.value("a", "one")
}

func updateValue(w *world) {
	update := func(name, old, value string) {
		w.t.Helper()
		w.must(w.st.UpdateValue(w.ctx, name, func(got string) (string, error) {
			w.same("handed to edit", got, old)
			return value, nil
		}))
		w.value(name, value)
	}
	update("a", "", "one")
	update("a", "one", "two")
	update("a", "two", "two")
	update("a", "two", "")
	update("a", "", "three")
	w.initValue("b", "b", "b")
	update("b", "b", "c")
	w.value("a", "three")
}

func updateValueError(w *world) {
	refuse := func(name, want string) {
		w.t.Helper()
		err := w.st.UpdateValue(w.ctx, name, func(old string) (string, error) {
			w.same("handed to edit", old, want)
			return "changed", errRefused
		})
		if err != errRefused {
			w.t.Errorf("got error %v, want that of edit as it is", err)
		}
	}
	refuse("a", "")
	w.noValue("a")
	w.initValue("a", "one", "one")
	refuse("a", "one")
	w.value("a", "one")
}
