package auth

import "context"

// Export is everything that is stored about a user, without anything secret.
type Export struct {
	User     User
	Sessions []Session     // without what their credentials are checked with
	Tokens   []APIToken    // newest first, likewise
	Logins   []Login       // newest first
	Audit    []AuditRecord // changes of the account, newest first
}

// ExportUser collects everything that is stored about a user. It needs account (the person
// themselves) or users for that user.
func (s *Service) ExportUser(ctx context.Context, p *Principal, id UserID) (Export, error) {
	if err := s.authorizeUser(ctx, s.st, p, ActExportUser, id); err != nil {
		return Export{}, err
	}
	a, err := s.account(ctx, s.st, id)
	if err != nil {
		return Export{}, err
	}
	out := Export{User: a.User}
	const batch = 200
	now := s.now()
	out.Sessions, err = readAll(batch, func(last Session) ([]Session, error) {
		return s.st.Sessions(ctx, SessionQuery{User: id, Now: now, Before: last.ID, Limit: batch})
	})
	if err != nil {
		return Export{}, err
	}
	out.Tokens, err = readAll(batch, func(last APIToken) ([]APIToken, error) {
		return s.st.APITokens(ctx, APITokenQuery{Owner: Holder{User: id}, Before: last.ID, Limit: batch})
	})
	if err != nil {
		return Export{}, err
	}
	out.Logins, err = readAll(batch, func(last Login) ([]Login, error) {
		return s.st.Logins(ctx, LoginQuery{User: id, Before: last.ID, Limit: batch})
	})
	if err != nil {
		return Export{}, err
	}
	out.Audit, err = readAll(batch, func(last AuditRecord) ([]AuditRecord, error) {
		return s.st.Audits(ctx, AuditQuery{Target: string(id), Before: last.ID, Limit: batch})
	})
	return out, err
}

// readAll reads pages until one is not full; the first begins after the zero value.
func readAll[T any](batch int, next func(last T) ([]T, error)) ([]T, error) {
	all := []T{}
	var last T
	for {
		page, err := next(last)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < batch {
			return all, nil
		}
		last = page[len(page)-1]
	}
}
