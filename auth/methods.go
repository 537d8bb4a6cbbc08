package auth

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/auth/policy"
)

// The methods that this package and the rooms on it have. See SignInMethod for what they are
// like.
const (
	MethodPassword   policy.Method = "password"
	MethodEmailCode  policy.Method = "email_code" // a code or a link that was mailed
	MethodInvitation policy.Method = "invitation"
	MethodDevice     policy.Method = "device_code"   // another session has allowed it (RFC 8628)
	MethodRefresh    policy.Method = "refresh_token" // recorded only when a replay ends a session
)

// SignInMethod is a way to sign in, as the gate, the settings and the filters of the login
// history see it. A host adds its own with Config.Methods.
type SignInMethod struct {
	Name policy.Method
	// Switched tells whether Settings.SignInMethods turns the method on and off. The others are
	// always on.
	Switched bool
	// NeedsMailer tells whether the method works only where mail can be sent.
	NeedsMailer bool
	// ProvesEmail tells whether a proof by the method also shows that the person reads the mail
	// of the account, or that somebody who could tell has let them in. Otherwise an account
	// whose address is not proven is ErrEmailUnverified where the policy wants it proven.
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

// builtInMethods is the one table of methods. Settings, filters, the gate and documents read
// it.
var builtInMethods = methods{
	ByPassword, ByEmailCode, ByInvitation, ByDevice, {Name: MethodRefresh, recordOnly: true},
}

// methods are those of a Service: the built-in ones and the host's.
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

// names lists the methods that keep admits.
func (ms methods) names(keep func(SignInMethod) bool) []policy.Method {
	var list []policy.Method
	for _, m := range ms {
		if keep(m) {
			list = append(list, m.Name)
		}
	}
	return list
}

// switched are the methods that settings can name.
func (ms methods) switched() []policy.Method {
	return ms.names(func(m SignInMethod) bool { return m.Switched })
}

// recorded are the methods that login records can name.
func (ms methods) recorded() []policy.Method {
	return ms.names(func(SignInMethod) bool { return true })
}

// defaults are the methods that are on while nobody has said anything else: the built-in ones
// that can be switched, those by mail if there is a mailer. A host's own are turned on by their
// name.
func (ms methods) defaults(mailer bool) []policy.Method {
	list := builtInMethods.names(func(m SignInMethod) bool { return m.Switched && (mailer || !m.NeedsMailer) })
	slices.Sort(list)
	return list
}

// allows tells whether people can sign in with the method now: it is in the table, and the settings
// do not turn it off.
func (s *Service) allows(settings policy.Settings, m SignInMethod) bool {
	known, ok := s.methods.find(m.Name)
	return ok && known == m && !m.recordOnly && (!m.Switched || slices.Contains(settings.SignInMethods, m.Name))
}
