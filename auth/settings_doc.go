package auth

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"
)

// settingsDoc is how settings are stored and how the contract shows them.
type settingsDoc struct {
	SiteName      string       `json:"site_name"`
	Signup        SignupMode   `json:"signup"`
	SignInMethods []Method     `json:"sign_in_methods"`
	Password      passwordDoc  `json:"password"`
	EmailProof    EmailProof   `json:"email_proof"`
	Domains       []string     `json:"domains"`
	DefaultRoles  []string     `json:"default_roles"`
	Retention     retentionDoc `json:"retention"`
	Session       sessionDoc   `json:"session"`
	AllowGuests   bool         `json:"allow_guests"`
	PeopleLookup  PeopleLookup `json:"people_lookup"`
}

type passwordDoc struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

type retentionDoc struct {
	Logins        int64 `json:"logins"`
	Audit         int64 `json:"audit"`
	NoAddresses   bool  `json:"no_addresses"`
	KeepAnonymous bool  `json:"keep_anonymous"`
}

type sessionDoc struct {
	Idle     int64 `json:"idle"`
	Absolute int64 `json:"absolute"`
}

// MarshalJSON writes the object Settings of the HTTP contract; durations are integer seconds.
func (s Settings) MarshalJSON() ([]byte, error) {
	return json.Marshal(settingsDoc{
		s.SiteName, s.Signup, s.SignInMethods, passwordDoc{s.PasswordMin, s.PasswordMax}, s.EmailProof,
		s.Domains, s.DefaultRoles, retentionDoc{int64(
			s.Retention.Logins / time.Second,
		), int64(s.Retention.Audit / time.Second), s.Retention.NoAddresses, s.Retention.KeepAnonymous},
		sessionDoc{
			int64(s.Session.Idle / time.Second), int64(s.Session.Absolute / time.Second),
		}, s.AllowGuests, s.PeopleLookup,
	})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Settings) UnmarshalJSON(b []byte) error {
	var d settingsDoc
	if err := json.Unmarshal(b, &d); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	*s = Settings{
		d.SiteName, d.Signup, d.SignInMethods, d.Password.Min, d.Password.Max, d.EmailProof, d.Domains, d.DefaultRoles,
		Retention{fromSeconds(d.Retention.Logins), fromSeconds(d.Retention.Audit), d.Retention.NoAddresses,
			d.Retention.KeepAnonymous},
		Lifetimes{fromSeconds(d.Session.Idle), fromSeconds(d.Session.Absolute)}, d.AllowGuests, d.PeopleLookup,
	}
	return nil
}

// MarshalJSON writes the object Policy of the HTTP contract.
func (p Policy) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		SiteName      string      `json:"site_name"`
		Signup        SignupMode  `json:"signup"`
		SignInMethods []Method    `json:"sign_in_methods"`
		Password      passwordDoc `json:"password"`
		EmailProof    EmailProof  `json:"email_proof"`
	}{p.SiteName, p.Signup, p.SignInMethods, passwordDoc{p.PasswordMin, p.PasswordMax}, p.EmailProof})
}

// fromSeconds is n seconds, or the nearest duration there is.
func fromSeconds(n int64) time.Duration {
	const most = math.MaxInt64 / int64(time.Second)
	return time.Duration(min(max(n, -most), most)) * time.Second
}

// SettingsPatch changes settings; nil fields stay as they are.
type SettingsPatch struct {
	SiteName      *string       `json:"site_name"`
	Signup        *SignupMode   `json:"signup"`
	SignInMethods *[]Method     `json:"sign_in_methods"`
	Password      *PasswordSpan `json:"password"`
	EmailProof    *EmailProof   `json:"email_proof"`
	Domains       *[]string     `json:"domains"`
	DefaultRoles  *[]string     `json:"default_roles"`
	Retention     *RetentionSet `json:"retention"`
	Session       *LifetimesSet `json:"session"`
	AllowGuests   *bool         `json:"allow_guests"`
	PeopleLookup  *PeopleLookup `json:"people_lookup"`
}

// PasswordSpan changes the lengths of passwords.
type PasswordSpan struct {
	Min *int `json:"min"` // code points
	Max *int `json:"max"` // bytes
}

// RetentionSet changes Retention.
type RetentionSet struct {
	Logins        *int64 `json:"logins"` // seconds
	Audit         *int64 `json:"audit"`  // seconds
	NoAddresses   *bool  `json:"no_addresses"`
	KeepAnonymous *bool  `json:"keep_anonymous"`
}

// LifetimesSet changes Lifetimes.
type LifetimesSet struct {
	Idle     *int64 `json:"idle"`     // seconds
	Absolute *int64 `json:"absolute"` // seconds
}

// apply returns s with the changes of p.
func (p SettingsPatch) apply(s Settings) Settings {
	put(&s.SiteName, p.SiteName)
	put(&s.Signup, p.Signup)
	put(&s.EmailProof, p.EmailProof)
	put(&s.AllowGuests, p.AllowGuests)
	put(&s.PeopleLookup, p.PeopleLookup)
	putList(&s.SignInMethods, p.SignInMethods)
	putList(&s.Domains, p.Domains)
	putList(&s.DefaultRoles, p.DefaultRoles)
	if p.Password != nil {
		put(&s.PasswordMin, p.Password.Min)
		put(&s.PasswordMax, p.Password.Max)
	}
	if p.Retention != nil {
		putSeconds(&s.Retention.Logins, p.Retention.Logins)
		putSeconds(&s.Retention.Audit, p.Retention.Audit)
		put(&s.Retention.NoAddresses, p.Retention.NoAddresses)
		put(&s.Retention.KeepAnonymous, p.Retention.KeepAnonymous)
	}
	if p.Session != nil {
		putSeconds(&s.Session.Idle, p.Session.Idle)
		putSeconds(&s.Session.Absolute, p.Session.Absolute)
	}
	return s
}

func put[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// putList copies a list, sorted and without duplicates.
func putList[T ~string](to, from *[]T) {
	if from != nil {
		list := append([]T{}, *from...)
		slices.Sort(list)
		*to = slices.Compact(list)
	}
}

func putSeconds(to *time.Duration, from *int64) {
	if from != nil {
		*to = fromSeconds(*from)
	}
}
