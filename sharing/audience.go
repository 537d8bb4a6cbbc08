package sharing

import (
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
)

// Audience says who may accept a share code.
type Audience struct {
	Type  AudienceType
	Value string // id of a user or a group, a canonical address, or a domain; empty for SignedIn
}

// AudienceType is a kind of audience.
type AudienceType string

// The kinds of audiences. An address counts only if its user has proven it.
const (
	SignedIn  AudienceType = "signed_in"
	ForUser   AudienceType = "user"
	ForGroup  AudienceType = "group"
	ForEmail  AudienceType = "email"
	ForDomain AudienceType = "domain"
)

// admits reports whether the principal is in the audience.
func (a Audience) admits(p *auth.Principal) bool {
	switch a.Type {
	case SignedIn:
		return p.Holder().User != ""
	case ForUser:
		return string(p.Holder().User) == a.Value
	case ForGroup:
		return slices.Contains(p.GroupIDs(), auth.GroupID(a.Value))
	case ForEmail:
		return p.ProvenEmail() == a.Value
	case ForDomain:
		_, domain, _ := strings.Cut(p.ProvenEmail(), "@")
		return domain == a.Value
	}
	return false
}

// check validates an audience and returns its canonical form.
func (a Audience) check(f *auth.FieldsError) Audience {
	if a.Type == "" && a.Value == "" {
		a.Type = SignedIn
	}
	fits := false
	switch a.Type {
	case SignedIn:
		fits = a.Value == ""
	case ForUser, ForGroup:
		fits = auth.IsID(a.Value)
	case ForEmail:
		a.Value, fits = mail.Canonical(a.Value)
	case ForDomain: // anything that can follow the @
		a.Value, fits = mail.Canonical("x@" + a.Value)
		a.Value = strings.TrimPrefix(a.Value, "x@")
	default:
		f.Add("audience.type", auth.CodeUnknown, "Use one of: signed_in, user, group, email, domain.")
		return a
	}
	if !fits {
		f.Add("audience.value", auth.CodeInvalid, "The value does not fit the type of audience.")
	}
	return a
}
