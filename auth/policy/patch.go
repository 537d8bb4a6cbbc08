package policy

import (
	"slices"
	"time"
)

// SettingsPatch changes settings; nil fields stay as they are.
type SettingsPatch struct {
	SiteName      *string       `json:"site_name"`
	SignUp        *SignUpMode   `json:"signup"`
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

// Apply returns s with the changes of p.
func (p SettingsPatch) Apply(s Settings) Settings {
	put(&s.SiteName, p.SiteName)
	put(&s.SignUp, p.SignUp)
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
