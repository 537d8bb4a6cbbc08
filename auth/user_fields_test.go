package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// What callers can set of a user is listed by hand in UserInput, UserPatch and ImportUser.
// These tests fail if a field of User is missing there, or is not taken over into the account.

var (
	// kept are the fields that only the service sets.
	kept = []string{"ID", "Groups", "Grants", "UpdatedAt", "LastLoginAt"}
	// imported are the fields that only an import sets beside the service.
	imported = append([]string{"EmailVerified", "CreatedAt"}, kept...)
	// own are the fields that people may change of their own account.
	own = []string{"Username", "Name", "Attributes"}
)

// values are for fields whose text has to follow rules.
var values = map[string]any{
	"Username": "lovelace", "Email": "lovelace@example.org", "EmailVerified": true,
	"Attributes": json.RawMessage(`{"a":1}`), "Roles": []string{"helper"}, "Status": auth.StatusPending,
	"CreatedAt": time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), "Password": authtest.Password,
	"PasswordHash": "$2b$12$abcdefghijklmnopqrstuuMcVbQmMk3nGpQx8o2nD9GmNSxqAaaaa",
}

// set gives a field of an input a value. The field may be a pointer.
func set(t *testing.T, in reflect.Value, name string) {
	t.Helper()
	v, ok := values[name]
	if !ok {
		v = "some " + name
	}
	field := in.FieldByName(name)
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	if !reflect.TypeOf(v).ConvertibleTo(field.Type()) {
		t.Fatalf("give a value for %s, which is a %s", name, field.Type())
	}
	field.Set(reflect.ValueOf(v).Convert(field.Type()))
}

// settable returns the fields of User that an input has to have, and checks that it has them.
func settable(t *testing.T, in reflect.Type, without []string) []string {
	t.Helper()
	var names []string
	for _, f := range fieldsOf(reflect.TypeFor[auth.User]()) {
		if slices.Contains(without, f) {
			continue
		}
		if _, ok := in.FieldByName(f); !ok {
			t.Errorf("%s does not have %s", in, f)
			continue
		}
		names = append(names, f)
	}
	return names
}

func fieldsOf(typ reflect.Type) (names []string) {
	for _, f := range reflect.VisibleFields(typ) {
		names = append(names, f.Name)
	}
	return names
}

// took checks that a user has the values of the fields.
func took(t *testing.T, u auth.User, names ...string) {
	t.Helper()
	for _, name := range names {
		want := reflect.New(reflect.TypeFor[auth.User]()).Elem()
		if name == "Roles" {
			u.Roles = slices.DeleteFunc(slices.Clone(u.Roles), func(r auth.RoleID) bool { return r != "helper" })
			want.FieldByName(name).Set(reflect.ValueOf([]auth.RoleID{"helper"}))
		} else {
			set(t, want, name)
		}
		got := reflect.ValueOf(u).FieldByName(name)
		if !reflect.DeepEqual(got.Interface(), want.FieldByName(name).Interface()) {
			t.Errorf("%s is %v, want %v", name, got, want.FieldByName(name))
		}
	}
}

func fieldKit(t *testing.T, edit ...func(*auth.Config)) *authtest.Kit {
	return authtest.New(t, append(edit, func(c *auth.Config) { c.Roles = []auth.Role{{Name: "helper"}} })...)
}

func TestImportTakesEveryField(t *testing.T) {
	t.Parallel()
	kit := fieldKit(t)
	var u auth.ImportUser
	names := settable(t, reflect.TypeOf(u), kept)
	for _, f := range fieldsOf(reflect.TypeOf(u)) {
		set(t, reflect.ValueOf(&u).Elem(), f)
	}
	doc, err := json.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fieldsOf(reflect.TypeOf(u)) {
		if !strings.Contains(string(doc), `"`+snake(f)+`":`) {
			t.Errorf("%s has another name in JSON: %s", f, doc)
		}
	}
	rows := func(yield func(auth.ImportUser, error) bool) { yield(u, nil) }
	var row auth.ImportResult
	_, err = kit.ImportUsers(t.Context(), kit.Operator("test"), rows, func(r auth.ImportResult) { row = r })
	if err != nil || row.Err != nil {
		t.Fatal(err, row.Err)
	}
	got, err := kit.Store.Auth().Account(t.Context(), row.User)
	if err != nil || got.PasswordHash != u.PasswordHash {
		t.Errorf("the hash is %q, error %v", got.PasswordHash, err)
	}
	took(t, got.User, names...)
}

func TestCreateUserTakesEveryField(t *testing.T) {
	t.Parallel()
	kit := fieldKit(t)
	var in auth.UserInput
	names := settable(t, reflect.TypeOf(in), append([]string{"Status"}, imported...))
	for _, f := range fieldsOf(reflect.TypeOf(in)) {
		set(t, reflect.ValueOf(&in).Elem(), f)
	}
	u, err := kit.CreateUser(t.Context(), kit.Operator("test"), in, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	took(t, u, names...)
}

// A sign-up keeps the fields in a flow until the address is proven.
func TestSignUpKeepsEveryField(t *testing.T) {
	t.Parallel()
	kit := fieldKit(t, func(c *auth.Config) { c.Settings.EmailProof = policy.EmailProofRequired })
	var in auth.UserInput
	names := append([]string{"Email"}, own...)
	for _, f := range append([]string{"Password"}, names...) {
		set(t, reflect.ValueOf(&in).Elem(), f)
	}
	out, err := kit.SignUp(t.Context(), nil, in, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	proof := emailcode.Evidence{Flow: out.Flow.ID, Secret: out.Flow.Secret.Reveal(), Code: kit.Mailed(in.Email).Code}
	u, err := kit.VerifyEmail(t.Context(), proof, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	took(t, u, names...)
}

// A manager can change every field. The change is recorded and handed to the hook. People can
// change only some fields of their own account.
func TestUpdateUserTakesEveryField(t *testing.T) {
	t.Parallel()
	var hooked auth.User
	kit := fieldKit(t, func(c *auth.Config) {
		c.Hooks.UserUpdated = func(_ context.Context, _ auth.Tx, _, after auth.User) error {
			hooked = after
			return nil
		}
	})
	for _, name := range settable(t, reflect.TypeFor[auth.UserPatch](), imported) {
		u := kit.User("ada-" + strings.ToLower(name))
		var patch auth.UserPatch
		set(t, reflect.ValueOf(&patch).Elem(), name)
		if !slices.Contains(own, name) {
			_, err := kit.UpdateUser(t.Context(), kit.Principal(u.Username), u.ID, patch)
			if !errors.Is(err, auth.ErrFieldForbidden) {
				t.Errorf("people can change %s of their own account: got error %v", name, err)
			}
		}
		got, err := kit.UpdateUser(t.Context(), kit.Operator("test"), u.ID, patch)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		took(t, got, name)
		took(t, hooked, name)
		filter := auth.AuditFilter{Action: "user.update", Target: string(u.ID)}
		records, err := kit.History.Audits(t.Context(), kit.Operator("test"), filter)
		if err != nil {
			t.Fatal(err)
		}
		if detail := string(records.Items[0].Detail); !strings.Contains(detail, `"`+snake(name)+`"`) {
			t.Errorf("the change of %s is recorded as %s", name, detail)
		}
		if err := kit.DeleteUser(t.Context(), kit.Operator("test"), u.ID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestExportHasEveryField(t *testing.T) {
	t.Parallel()
	kit := fieldKit(t)
	u := kit.User("ada", "helper")
	kit.Token("ada")
	stored, err := kit.Store.Auth().Account(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	out, err := kit.ExportUser(t.Context(), kit.Operator("test"), u.ID)
	if err != nil || !reflect.DeepEqual(out.User, stored.User) {
		t.Errorf("exported %+v, want %+v, error %v", out.User, stored.User, err)
	}
}

var humps = regexp.MustCompile(`([a-z])([A-Z])`)

// snake is the name of a field in JSON.
func snake(name string) string { return strings.ToLower(humps.ReplaceAllString(name, "${1}_$2")) }
