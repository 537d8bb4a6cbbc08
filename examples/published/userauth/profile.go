package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/auth"
)

// surname is a member of the Attributes of an account.
const surname = "surname"

// withSurname makes the Attributes of a new account.
func withSurname(name string) json.RawMessage {
	doc, _ := json.Marshal(map[string]string{surname: name}) // strings always encode
	return doc
}

// surnameOf reads the surname. It is empty for an account without one. ok says that it is a
// string.
func surnameOf(u auth.User) (name string, ok bool) {
	var attributes map[string]json.RawMessage
	if json.Unmarshal(u.Attributes, &attributes) != nil {
		return "", false
	}
	raw, there := attributes[surname]
	if !there {
		return "", true
	}
	var text *string
	if json.Unmarshal(raw, &text) != nil || text == nil {
		return "", false
	}
	return *text, utf8.RuneCountInString(*text) <= 128 && !strings.ContainsFunc(*text, unicode.IsControl)
}

// names returns the given name and the surname.
func names(u auth.User) [2]string {
	last, _ := surnameOf(u)
	return [2]string{u.Name, last}
}

// hooks enforce the rules about profiles in the transaction of each change, for every route.
func (s *site) hooks() auth.Hooks {
	return auth.Hooks{
		UserCreating: func(_ context.Context, _ auth.Tx, u auth.User) error { return checkSurname(u) },
		UserUpdated:  s.userUpdated,
	}
}

func checkSurname(u auth.User) error {
	if _, ok := surnameOf(u); ok {
		return nil
	}
	return badField(surname, auth.CodeInvalid, "A surname has at most 128 characters and no control characters.")
}

// userUpdated refuses a new name for a celebrity, because the photo showed the old one. It
// reads the roles again: the role may have come while this change waited for the account.
func (s *site) userUpdated(ctx context.Context, tx auth.Tx, before, after auth.User) error {
	if err := checkSurname(after); err != nil {
		return err
	}
	if names(before) != names(after) {
		now, err := s.accounts.WithStore(tx.Store()).User(ctx, s.operator, after.ID)
		if err != nil {
			return err
		}
		if slices.Contains(now.Roles, celebrity) {
			return badField("name", "locked", "The name was proved by a photo and stays as long as the role does.")
		}
	}
	return vetoOf(ctx)
}

func badField(name, code, detail string) error {
	return auth.FieldError{Field: name, Code: code, Detail: detail}.Err()
}

type vetoKey struct{}

// withVeto makes a change fail at its end. The whole change is checked, and then rolled back.
func withVeto(ctx context.Context) context.Context { return context.WithValue(ctx, vetoKey{}, true) }

func vetoOf(ctx context.Context) error {
	if ctx.Value(vetoKey{}) == nil {
		return nil
	}
	return fmt.Errorf("%w: the request asks for more than may be changed", auth.ErrRefused)
}
