package policy_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/policy"
)

// full has a value in every field, none of which is the default.
var full = policy.Settings{
	SiteName: "A site", SignUp: policy.SignUpDomains, SignInMethods: []policy.Method{"email_code"},
	PasswordMin: 10, PasswordMax: 300, EmailProof: policy.EmailProofRequired, Domains: []string{"example.org"},
	DefaultRoles: []string{"reader"}, AllowGuests: true, PeopleLookup: policy.LookupPrefix,
	Retention: policy.Retention{
		Logins: 48 * time.Hour, Audit: 40 * 24 * time.Hour, NoAddresses: true, KeepAnonymous: true,
	},
	Session: policy.Lifetimes{Idle: time.Hour, Absolute: 2 * time.Hour},
}

// A new field of Settings has to be in full, and so in the stored form.
func TestStoredFormKeepsEveryField(t *testing.T) {
	t.Parallel()
	for i, v := 0, reflect.ValueOf(full); i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Errorf("full has no %s", v.Type().Field(i).Name)
		}
	}
	doc, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	var got policy.Settings
	if err := json.Unmarshal(doc, &got); err != nil || !reflect.DeepEqual(got, full) {
		t.Errorf("%s\nbecomes %+v, %v", doc, got, err)
	}
}

// The stored form is also a patch that sets every field.
func TestPatchSetsEveryField(t *testing.T) {
	t.Parallel()
	doc, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	var patch policy.SettingsPatch
	if err := json.Unmarshal(doc, &patch); err != nil {
		t.Fatal(err)
	}
	if got := patch.Apply(policy.Settings{}); !reflect.DeepEqual(got, full) {
		t.Errorf("the patch makes %+v", got)
	}
	if got := (policy.SettingsPatch{}).Apply(full); !reflect.DeepEqual(got, full) {
		t.Errorf("an empty patch makes %+v", got)
	}
}

func TestDefaultsAreClosed(t *testing.T) {
	t.Parallel()
	s := policy.Settings{}.WithDefaults(0, 0)
	if s.SignUp != policy.SignUpClosed || s.AllowGuests || s.PasswordMin != 8 || s.PeopleLookup != policy.LookupExact {
		t.Errorf("%+v", s)
	}
	if !(policy.Settings{SignUp: policy.SignUpDomains}).ProvesAddresses() {
		t.Error("domains without a proof of the address")
	}
	s = policy.Settings{SignUp: policy.SignUpDomains, Domains: []string{"example.org"}}
	if !s.Admits("ada@example.org") || s.Admits("ada@example.org.evil.test") || s.Admits("ada@evilexample.org") {
		t.Error("a domain is not compared as a whole")
	}
}
