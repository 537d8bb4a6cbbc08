package auth

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/auth/policy"
)

// The sign-in methods of this package and of the packages built on it. See SignInMethod for
// their properties.
const (
	MethodPassword   policy.Method = "password"
	MethodEmailCode  policy.Method = "email_code" // with a mailed code or link
	MethodInvitation policy.Method = "invitation"
	MethodDevice     policy.Method = "device_code"   // allowed from another session (RFC 8628)
	MethodRefresh    policy.Method = "refresh_token" // recorded only, when a replay ends a session
)

// SignInMethod is a way to sign in. A host adds its own with Config.Methods.
type SignInMethod struct {
	Name policy.Method
	// Switched reports whether Settings.SignInMethods turns the method on and off. A method
	// that is not switched is always on.
	Switched bool
	// NeedsMailer reports whether the method works only if mail can be sent.
	NeedsMailer bool
	// ProvesEmail reports whether a proof by this method makes up for a missing proof of the
	// address: because the person has read mail sent to it, or because somebody else vouched
	// for them. Without it, Attempt.Start returns ErrEmailUnverified if the policy wants
	// addresses proven and the address of the account is not.
	ProvesEmail bool

	recordOnly bool // nobody signs in with it
}

// The built-in methods, for Service.Begin.
var (
	ByPassword   = SignInMethod{Name: MethodPassword, Switched: true}
	ByEmailCode  = SignInMethod{Name: MethodEmailCode, Switched: true, NeedsMailer: true, ProvesEmail: true}
	ByInvitation = SignInMethod{Name: MethodInvitation, ProvesEmail: true}
	ByDevice     = SignInMethod{Name: MethodDevice, ProvesEmail: true}
)

// builtInMethods is the table of built-in methods. Nothing else lists them.
var builtInMethods = methods{
	ByPassword, ByEmailCode, ByInvitation, ByDevice, {Name: MethodRefresh, recordOnly: true},
}

// methods are the methods of a Service: the built-in ones and the host's.
type methods []SignInMethod

// newMethods adds the host's methods to the built-in ones.
func newMethods(host []SignInMethod) (methods, error) {
	all := slices.Clone(builtInMethods)
	var errs []error
	for _, m := range host {
		if _, known := all.find(m.Name); known {
			errs = append(errs, fmt.Errorf("method %q is defined twice", m.Name))
		}
		if !isName(string(m.Name)) {
			errs = append(errs, fmt.Errorf("method %q: a name is 1 to 64 of a-z, 0-9 and . _ -", m.Name))
		}
		all = append(all, m)
	}
	return all, errors.Join(errs...)
}

// find looks a method up by its name.
func (ms methods) find(name policy.Method) (SignInMethod, bool) {
	i := slices.IndexFunc(ms, func(m SignInMethod) bool { return m.Name == name })
	if i < 0 {
		return SignInMethod{}, false
	}
	return ms[i], true
}

// names lists the names of the methods for which keep returns true.
func (ms methods) names(keep func(SignInMethod) bool) []policy.Method {
	var list []policy.Method
	for _, m := range ms {
		if keep(m) {
			list = append(list, m.Name)
		}
	}
	return list
}

// switched lists the methods that settings can turn on and off.
func (ms methods) switched() []policy.Method {
	return ms.names(func(m SignInMethod) bool { return m.Switched })
}

// recorded lists the methods that can stand in login records.
func (ms methods) recorded() []policy.Method {
	return ms.names(func(SignInMethod) bool { return true })
}

// defaults lists the methods that are on by default: the built-in ones that can be switched.
// Those that need a mailer are in it only if there is one. The host's own methods are off until
// the settings name them.
func (ms methods) defaults(mailer bool) []policy.Method {
	list := builtInMethods.names(func(m SignInMethod) bool { return m.Switched && (mailer || !m.NeedsMailer) })
	slices.Sort(list)
	return list
}

// allows reports whether people can sign in with the method: it is in the table, and the
// settings do not turn it off.
func (s *Service) allows(settings policy.Settings, m SignInMethod) bool {
	known, ok := s.methods.find(m.Name)
	return ok && known == m && !m.recordOnly && (!m.Switched || slices.Contains(settings.SignInMethods, m.Name))
}
