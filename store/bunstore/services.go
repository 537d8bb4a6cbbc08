package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
)

type serviceRow struct {
	bun.BaseModel `bun:"table:hallpass_services,alias:v"`

	ID          string `bun:"id,pk"`
	Name        string `bun:"name"`
	NameKey     string `bun:"name_key"`
	Description string `bun:"description"`
	Status      string `bun:"status"`
	CreatedAt   moment `bun:"created_at"`
	Grants      string `bun:"grants,scanonly"`
}

func toServiceRow(v auth.ServiceAccount) *serviceRow {
	return &serviceRow{
		ID: string(v.ID), Name: v.Name, NameKey: v.NameKey, Description: v.Description, Status: string(v.Status),
		CreatedAt: at(v.CreatedAt),
	}
}

func (r *serviceRow) service() (auth.ServiceAccount, error) {
	h, err := unpackGrants(r.Grants)
	return auth.ServiceAccount{
		ID: auth.ServiceID(r.ID), Name: r.Name, NameKey: r.NameKey, Description: r.Description,
		Status: auth.Status(r.Status),
		Roles:  h.roles, Grants: h.grants, CreatedAt: r.CreatedAt.Time,
	}, err
}

// serviceGrants packs all roles of service v.
func (w words) serviceGrants() string {
	return w.rolesOf("hallpass_service_roles", "r.service_id = v.id")
}

func (h *handle) selectServices(rows any) *bun.SelectQuery {
	return h.db.NewSelect().Model(rows).ColumnExpr("v.*").ColumnExpr(h.pool.words.serviceGrants() + " AS grants")
}

// CreateService adds a service.
func (s accounts) CreateService(ctx context.Context, v auth.ServiceAccount) error {
	if !isUUID(v.ID) {
		return errNoUUID
	}
	return s.createNamed(ctx, "create service", toServiceRow(v), "hallpass_services", "name_key", v.NameKey)
}

// Service returns the service with the id or name.
func (s accounts) Service(ctx context.Context, ref string) (v auth.ServiceAccount, err error) {
	if !storable(ref) {
		return auth.ServiceAccount{}, auth.ErrNotFound
	}
	err = s.run(ctx, "service", func() (err error) {
		v, err = s.readService(ctx, named(ref, "v.id", "v.name_key"), ref)
		return err
	})
	return v, err
}

func (h *handle) readService(ctx context.Context, column, value string) (auth.ServiceAccount, error) {
	var row serviceRow
	if err := h.selectServices(&row).Where(column+" = ?", value).Scan(ctx); err != nil {
		return auth.ServiceAccount{}, err
	}
	return row.service()
}

// Services lists services by id.
func (s accounts) Services(ctx context.Context, q auth.ServiceQuery) (list []auth.ServiceAccount, err error) {
	if q.After != "" && !isUUID(q.After) {
		return nil, auth.ErrBadCursor
	}
	err = s.run(ctx, "services", func() error {
		var rows []serviceRow
		sel := s.selectServices(&rows).OrderExpr("v.id").Limit(int64(q.Limit))
		if q.After != "" {
			sel.Where("v.id > ?", string(q.After))
		}
		if q.Only != nil {
			sel.Where("v.id IN (?)", in(q.Only))
		}
		if err := sel.Scan(ctx); err != nil {
			return err
		}
		list = make([]auth.ServiceAccount, len(rows))
		for i := range rows {
			if list[i], err = rows[i].service(); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// UpdateService locks a service, lets edit change it and writes it.
func (s accounts) UpdateService(
	ctx context.Context, id auth.ServiceID, edit func(*auth.ServiceAccount) error,
) (auth.ServiceAccount, error) {
	if !isUUID(id) {
		return auth.ServiceAccount{}, auth.ErrNotFound
	}
	return edited(ctx, s.handle, "update service", edit, func(h *handle) (auth.ServiceAccount, error) {
		if err := h.lockRow(ctx, new(serviceRow), string(id)); err != nil {
			return auth.ServiceAccount{}, err
		}
		return h.readService(ctx, "v.id", string(id))
	}, func(h *handle, old, now auth.ServiceAccount) error {
		now.ID = id
		return h.renamed(ctx, old.NameKey == now.NameKey, func(h *handle) error {
			return orNotFound(affected(h.db.NewUpdate().Model(toServiceRow(now)).Column(
				"name", "name_key", "description", "status",
			).WherePK().Exec(ctx)))
		})
	})
}

// DeleteService removes a service. Foreign keys remove what belongs to it.
func (s accounts) DeleteService(ctx context.Context, id auth.ServiceID) error {
	if !isUUID(id) {
		return auth.ErrNotFound
	}
	return s.run(ctx, "delete service", func() error {
		return orNotFound(s.exec(ctx, "DELETE FROM hallpass_services WHERE id = ?", string(id)))
	})
}

// AddServiceRole gives a role to a service.
func (s accounts) AddServiceRole(ctx context.Context, id auth.ServiceID, r auth.RoleID) (bool, error) {
	if !isUUID(id) {
		return false, auth.ErrNotFound
	}
	const where = " FROM hallpass_services WHERE id = ?0"
	return s.assign(ctx, "add service role", "INSERT INTO hallpass_service_roles (service_id, role) SELECT id, ?1"+
		where, "SELECT 1"+where, string(id), string(r))
}

// RemoveServiceRole takes a role from a service.
func (s accounts) RemoveServiceRole(ctx context.Context, id auth.ServiceID, r auth.RoleID) (bool, error) {
	if !isUUID(id) {
		return false, nil
	}
	return s.unassign(ctx, "remove service role",
		"DELETE FROM hallpass_service_roles WHERE service_id = ? AND role = ?", string(id), string(r))
}
