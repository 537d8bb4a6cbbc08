package storetest

import "github.com/hallpass-go/hallpass/auth"

var valueScenarios = []scenario{
	{"InitValue", initValue},
	{"UpdateValue", updateValue},
	{"UpdateValueErrorWritesNothing", updateValueError},
}

func (w *world) value(name, want string) {
	w.t.Helper()
	got, err := w.st.Value(w.ctx, name)
	w.must(err)
	w.same("value "+name, got, want)
}

func (w *world) noValue(name string) {
	w.t.Helper()
	_, err := w.st.Value(w.ctx, name)
	w.want(err, auth.ErrNotFound)
}

// init stores a first value and compares what is then stored.
func (w *world) init(name, value, want string) {
	w.t.Helper()
	got, err := w.st.InitValue(w.ctx, name, value)
	w.must(err)
	w.same("stored "+name, got, want)
	w.value(name, want)
}

func initValue(w *world) {
	w.noValue("a")
	w.init("a", "one", "one")
	w.init("a", "two", "one")
	w.init("A", "", "")
	w.init("A", "three", "") // an empty value is a value
	w.value("a", "one")
	w.noValue("a ")
}

// setValue replaces a value after comparing the old one.
func (w *world) setValue(name, old, value string) {
	w.t.Helper()
	w.must(w.st.UpdateValue(w.ctx, name, func(got string) (string, error) {
		w.same("handed to edit", got, old)
		return value, nil
	}))
	w.value(name, value)
}

func updateValue(w *world) {
	w.setValue("a", "", "one")
	w.setValue("a", "one", "two")
	w.setValue("b", "", "")
	w.setValue("b", "", "three")
	w.setValue("a", "two", "")
	w.init("a", "late", "")
	w.value("b", "three")
}

func updateValueError(w *world) {
	w.init("a", "one", "one")
	for _, name := range []string{"a", "b"} {
		err := w.st.UpdateValue(w.ctx, name, func(string) (string, error) { return "changed", errRefused })
		if err != errRefused {
			w.t.Errorf("got error %v, want that of edit as it is", err)
		}
	}
	w.value("a", "one")
	w.noValue("b")
}
