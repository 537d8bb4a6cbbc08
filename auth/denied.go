package auth

import "github.com/hallpass-go/hallpass/scopes"

// Denied turns the verdict on a caller into an error. It is the one place that decides between
// 401, 403 and 404, for accounts, for sharing and for the routes of the host.
//
//   - Allowed is nil.
//   - Whoever has no credential gets ErrUnauthenticated (401): signing in may help.
//   - Filtered is ErrNotFound (404): the caller holds the scope, but not for this object, and is
//     not told whether the object exists.
//   - NotHeld is a ScopeError (403) that names need: the scopes of which any one would do.
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
