package bunstore

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

type invitationRow struct {
	bun.BaseModel `bun:"table:hallpass_invitations,alias:i"`

	ID        string `bun:"id,pk"`
	Token     []byte `bun:"token"`
	Email     string `bun:"email"`
	EmailKey  string `bun:"email_key"`
	UserID    string `bun:"user_id,nullzero"`
	InviterID string `bun:"inviter_id,nullzero"`
	Roles     string `bun:"roles,nullzero"` // a JSON array
	Groups    string `bun:"group_ids"`      // a JSON array
	Mailed    bool   `bun:"mailed"`
	CreatedAt moment `bun:"created_at"`
	ExpiresAt moment `bun:"expires_at"`
}

func (r *invitationRow) invitation() (auth.Invitation, error) {
	i := auth.Invitation{
		ID: auth.InvitationID(r.ID), Email: r.Email, EmailKey: r.EmailKey, User: auth.UserID(r.UserID),
		Inviter: auth.UserID(r.InviterID),
		Mailed:  r.Mailed, CreatedAt: r.CreatedAt.Time, ExpiresAt: r.ExpiresAt.Time,
	}
	if r.Roles != "" {
		if err := json.Unmarshal([]byte(r.Roles), &i.Roles); err != nil || i.Roles == nil {
			return i, errors.New("the roles of an invitation are unreadable")
		}
	}
	if err := json.Unmarshal([]byte(r.Groups), &i.Groups); err != nil {
		return i, errors.New("the groups of an invitation are unreadable")
	}
	if len(i.Groups) == 0 {
		i.Groups = nil
	}
	return i, readHashes("invitation", hashColumn{r.Token, &i.Token, false})
}

// AddInvitation adds an invitation.
func (s accounts) AddInvitation(ctx context.Context, i auth.Invitation) error {
	row := invitationRow{
		ID: string(i.ID), Token: i.Token[:], Email: i.Email, EmailKey: i.EmailKey, UserID: string(i.User),
		InviterID: string(i.Inviter),
		Mailed:    i.Mailed, CreatedAt: at(i.CreatedAt), ExpiresAt: at(i.ExpiresAt),
	}
	groups, _ := json.Marshal(append([]auth.GroupID{}, i.Groups...))
	row.Groups = string(groups)
	if i.Roles != nil {
		doc, _ := json.Marshal(i.Roles) // never fails for strings
		row.Roles = string(doc)
	}
	return s.insertReferring(ctx, "add invitation", &row)
}

// InvitationByToken returns the invitation with the token.
func (s accounts) InvitationByToken(ctx context.Context, h token.Hash) (i auth.Invitation, err error) {
	err = s.run(ctx, "invitation", func() (err error) {
		var row invitationRow
		if err := s.db.NewSelect().Model(&row).Where("token = ?", h[:]).Scan(ctx); err != nil {
			return err
		}
		i, err = row.invitation()
		return err
	})
	return i, err
}

// Invitations lists the invitations that have not expired, by id.
func (s accounts) Invitations(ctx context.Context, q auth.InvitationQuery) (list []auth.Invitation, err error) {
	if q.After != "" && !isUUID(q.After) {
		return nil, auth.ErrBadCursor
	}
	err = s.run(ctx, "invitations", func() (err error) {
		var rows []invitationRow
		sel := s.db.NewSelect().Model(&rows).Where("expires_at > ?", at(q.Now)).OrderExpr("id").Limit(int64(q.Limit))
		if q.After != "" {
			sel.Where("id > ?", string(q.After))
		}
		if err := sel.Scan(ctx); err != nil {
			return err
		}
		list = make([]auth.Invitation, len(rows))
		for n := range rows {
			if list[n], err = rows[n].invitation(); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// UseInvitation removes an invitation if it has not expired.
func (s accounts) UseInvitation(ctx context.Context, id auth.InvitationID, now time.Time) (won bool, err error) {
	if !isUUID(id) {
		return false, nil
	}
	return s.wins(
		ctx, "use invitation", "DELETE FROM hallpass_invitations WHERE id = ? AND expires_at > ?", string(id), at(now),
	)
}

// DeleteInvitation removes an invitation.
func (s accounts) DeleteInvitation(ctx context.Context, id auth.InvitationID) error {
	if !isUUID(id) {
		return auth.ErrNotFound
	}
	return s.run(ctx, "delete invitation", func() error {
		return orNotFound(s.exec(ctx, "DELETE FROM hallpass_invitations WHERE id = ?", string(id)))
	})
}

// DeleteExpiredInvitations removes one batch.
func (s accounts) DeleteExpiredInvitations(ctx context.Context, t time.Time, limit int) (int, error) {
	return s.deleteExpired(ctx, "delete expired invitations", "hallpass_invitations", t, limit)
}
