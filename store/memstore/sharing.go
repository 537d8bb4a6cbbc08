package memstore

import (
	"errors"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// In gives the store inside a transaction.
func (a *sharingStore) In(tx auth.Tx) sharing.Store { return a.m.within(tx).Sharing() }

// errNoUUID means that a record has an id that is not a UUID.
var errNoUUID = errors.New("the id is not a UUID")

// needUUIDs refuses ids that databases can't store. In more, empty ids are allowed.
func needUUIDs(id string, more ...string) error {
	if !isUUID(id) || slices.ContainsFunc(more, func(id string) bool { return id != "" && !isUUID(id) }) {
		return errNoUUID
	}
	return nil
}

// hasUser tells whether there is such a user.
func (s *state) hasUser(id auth.UserID) bool {
	_, ok := s.accounts[id]
	return ok
}

// hasReceiver tells whether the one user or group exists.
func (s *state) hasReceiver(user auth.UserID, group auth.GroupID) bool {
	_, there := s.groups[group]
	return there && user == "" || group == "" && s.hasUser(user)
}

// forgetUser removes what is kept for sharing of a user who is gone.
func (s *state) forgetUser(id auth.UserID) {
	for ref, r := range s.resources {
		if r.Owner == id {
			delete(s.resources, ref)
		}
	}
	for k, e := range s.exchanges {
		if e.User == id {
			delete(s.exchanges, k)
		}
	}
	s.deleteShares(func(x sharing.Share) bool { return x.User == id })
	s.forgetGiver(auth.Holder{User: auth.UserID(id)})
}

// forgetGiver removes the shares and codes of a giver who is gone.
func (s *state) forgetGiver(h auth.Holder) {
	s.deleteShares(func(x sharing.Share) bool { return x.Giver == h })
	s.deleteCodes(func(c sharing.ShareCode) bool { return c.Giver == h })
}
