package policy

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// settingsDoc is how settings are stored and how the contract shows them.
type settingsDoc struct {
	SiteName      string       `json:"site_name"`
	SignUp        SignUpMode   `json:"signup"`
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
		s.SiteName, s.SignUp, s.SignInMethods, passwordDoc{s.PasswordMin, s.PasswordMax}, s.EmailProof,
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
		d.SiteName, d.SignUp, d.SignInMethods, d.Password.Min, d.Password.Max, d.EmailProof, d.Domains, d.DefaultRoles,
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
		SignUp        SignUpMode  `json:"signup"`
		SignInMethods []Method    `json:"sign_in_methods"`
		Password      passwordDoc `json:"password"`
		EmailProof    EmailProof  `json:"email_proof"`
	}{p.SiteName, p.SignUp, p.SignInMethods, passwordDoc{p.PasswordMin, p.PasswordMax}, p.EmailProof})
}

// fromSeconds is n seconds, or the nearest duration there is.
func fromSeconds(n int64) time.Duration {
	const most = math.MaxInt64 / int64(time.Second)
	return time.Duration(min(max(n, -most), most)) * time.Second
}
