package auth

import "github.com/hallpass-go/hallpass/scopes"

// Denied turns the verdict on a caller into an error. It is the one place that decides between
// 401, 403 and 404, for accounts, for sharing and for the routes of the host.
//
//   - A nil caller gets ErrUnauthenticated (401), and so does a guest unless the verdict is
//     Allowed. Signing in may help.
//   - Allowed returns nil.
//   - Filtered returns ErrNotFound (404). The caller holds the scope, but not for this object,
//     and does not learn whether it exists.
//   - NotHeld returns a ScopeError (403) with the scopes in need. Any one of them would be
//     enough.
func Denied(p *Principal, v scopes.Verdict, need ...string) error {
	switch {
	case p == nil || p.Kind == PrincipalGuest && v != scopes.Allowed:
		return ErrUnauthenticated
	case v == scopes.Allowed:
		return nil
	case v == scopes.Filtered:
		return ErrNotFound
	}
	return &ScopeError{Need: need}
}
