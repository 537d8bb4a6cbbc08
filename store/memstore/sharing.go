package memstore

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// Tx is Store.Tx for package sharing only.
func (a *sharingStore) Tx(ctx context.Context, fn func(sharing.Store) error) error {
	return a.m.tx(ctx, func(inner *Store) error { return fn(inner.Sharing()) })
}

// errNoUUID means that a record has an id that is not a UUID.
var errNoUUID = errors.New("the id is not a UUID")

// needUUIDs refuses ids that databases can't store. In more, empty ids are allowed.
func needUUIDs(id string, more ...string) error {
	if !isUUID(id) || slices.ContainsFunc(more, func(id string) bool { return id != "" && !isUUID(id) }) {
		return errNoUUID
	}
	return nil
}

// AddAudit implements sharing.Store.
func (a *sharingStore) AddAudit(ctx context.Context, r sharing.AuditRecord) error {
	return a.with(ctx, func(s *state) error {
		return add(s.audits, auth.AuditID(r.ID), auth.AuditRecord{
			ID: auth.AuditID(r.ID), At: r.At, Actor: r.Actor, Action: r.Action, Target: r.Target,
			Detail: bytes.Clone(r.Detail),
		})
	})
}

// hasUser reports whether the user exists.
func (s *state) hasUser(id string) bool {
	_, ok := s.accounts[auth.UserID(id)]
	return ok
}

// hasHolder reports whether the user or service exists. There must be exactly one.
func (s *state) hasHolder(h sharing.Holder) bool {
	return s.hasOwner(auth.TokenOwner{User: auth.UserID(h.User), Service: auth.ServiceID(h.Service)})
}

// hasReceiver reports whether the user or group exists. There must be exactly one.
func (s *state) hasReceiver(user, group string) bool {
	_, there := s.groups[auth.GroupID(group)]
	return there && user == "" || group == "" && s.hasUser(user)
}

// forgetUser removes everything in package sharing that belongs to a deleted user.
func (s *state) forgetUser(id string) {
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
	s.forgetGiver(sharing.Holder{User: id})
}

// forgetGiver removes the shares and share codes of a deleted giver.
func (s *state) forgetGiver(h sharing.Holder) {
	s.deleteShares(func(x sharing.Share) bool { return x.Giver == h })
	s.deleteCodes(func(c sharing.Code) bool { return c.Giver == h })
}
