package storetest

import (
	"fmt"
	"reflect"
	"time"
)

var timeType = reflect.TypeFor[time.Time]()

// differ describes where two values differ, or returns "". Times must be equal and both in UTC.
// Nil and empty lists of strings or bytes differ, because they mean different things. Other nil
// lists equal empty ones.
func differ(path string, got, want reflect.Value) string {
	if !got.IsValid() && !want.IsValid() {
		return "" // both are nil interfaces
	}
	if !got.IsValid() || !want.IsValid() || got.Type() != want.Type() {
		return fmt.Sprintf("%s: got %v, want %v", path, got, want)
	}
	switch {
	case got.Type() == timeType:
		return differTime(path, got.Interface().(time.Time), want.Interface().(time.Time))
	case got.Kind() == reflect.Struct:
		for i := range got.NumField() {
			if d := differ(path+"."+got.Type().Field(i).Name, got.Field(i), want.Field(i)); d != "" {
				return d
			}
		}
		return ""
	case got.Kind() == reflect.Interface:
		return differ(path, got.Elem(), want.Elem())
	case got.Kind() == reflect.Slice:
		return differList(path, got, want)
	case !reflect.DeepEqual(got.Interface(), want.Interface()):
		return fmt.Sprintf("%s: got %#v, want %#v", path, got.Interface(), want.Interface())
	}
	return ""
}

func differTime(path string, got, want time.Time) string {
	if !got.Equal(want) || got.Location() != time.UTC {
		return fmt.Sprintf("%s: got %#v, want %#v", path, got, want)
	}
	return ""
}

func differList(path string, got, want reflect.Value) string {
	switch got.Type().Elem().Kind() {
	case reflect.Uint8:
		if got.IsNil() != want.IsNil() || string(got.Bytes()) != string(want.Bytes()) {
			return fmt.Sprintf(
				"%s: got %q (nil: %v), want %q (nil: %v)", path, got.Bytes(), got.IsNil(), want.Bytes(), want.IsNil(),
			)
		}
		return ""
	case reflect.String:
		if got.Type() == reflect.TypeFor[[]string]() && got.IsNil() != want.IsNil() {
			return fmt.Sprintf("%s: got %#v, want %#v", path, got, want)
		}
	}
	if got.Len() != want.Len() {
		return fmt.Sprintf("%s: got %d of them, want %d: %v, want %v", path, got.Len(), want.Len(), got, want)
	}
	for i := range got.Len() {
		if d := differ(fmt.Sprintf("%s[%d]", path, i), got.Index(i), want.Index(i)); d != "" {
			return d
		}
	}
	return ""
}
