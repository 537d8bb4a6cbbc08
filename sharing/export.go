package sharing

import (
	"context"
	"maps"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
)

// Export is everything that is stored about what a user owns, gave and received. It has no
// secrets.
type Export struct {
	Resources []Resource // of the built-in registry, by kind and id
	Given     []Share
	Codes     []ShareCode
	Received  []Share // by the user, not by their groups
}

// ExportOf collects what is stored about a user. It checks no rights. The caller has done so,
// as auth.Service.ExportUser does.
func (s *Service) ExportOf(ctx context.Context, user auth.UserID) (Export, error) {
	var out Export
	var err error
	now := s.now()
	for _, name := range slices.Sorted(maps.Keys(s.kinds)) {
		if s.kinds[name].Owners != nil {
			continue
		}
		found, err := readAll(func(after string) ([]Resource, error) {
			return s.st.Resources(
				ctx, ResourceQuery{Kind: name, Owners: []auth.UserID{user}, After: after, Limit: batch},
			)
		}, func(r Resource) string { return r.ID })
		if err != nil {
			return Export{}, err
		}
		out.Resources = append(out.Resources, found...)
	}
	share := func(x Share) string { return x.ID }
	if out.Given, err = readAll(func(after string) ([]Share, error) {
		return s.st.Shares(ctx, ShareQuery{Giver: auth.Holder{User: user}, Now: now, After: after, Limit: batch})
	}, share); err != nil {
		return Export{}, err
	}
	if out.Received, err = readAll(func(after string) ([]Share, error) {
		return s.st.Shares(ctx, ShareQuery{User: user, Now: now, After: after, Limit: batch})
	}, share); err != nil {
		return Export{}, err
	}
	out.Codes, err = readAll(func(after string) ([]ShareCode, error) {
		return s.st.ShareCodes(
			ctx, ShareCodeQuery{Giver: auth.Holder{User: user}, Now: now, After: after, Limit: batch},
		)
	}, func(c ShareCode) string { return c.ID })
	return out, err
}

// readAll calls next until it returns less than a full page. The first page begins after "".
func readAll[T any](next func(after string) ([]T, error), id func(T) string) ([]T, error) {
	all, after := []T{}, ""
	for {
		list, err := next(after)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if len(list) < batch {
			return all, nil
		}
		after = id(list[len(list)-1])
	}
}
