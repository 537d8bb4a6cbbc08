package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/scopes"
)

// ServiceAccount is the account of a program; in short, a service. It has no password, only API
// tokens.
type ServiceAccount struct {
	ID          ServiceID
	Name        string // as typed
	NameKey     string // canonical name, unique
	Description string
	Status      Status   // StatusActive or StatusDisabled
	Roles       []RoleID // sorted
	Grants      []Grant  // of those Roles that were made at run time
	CreatedAt   time.Time
}

// RoleNames returns the names of the roles of the service, sorted.
func (v ServiceAccount) RoleNames() []string { return roleNames(v.Roles, v.Grants) }

// ServiceQuery selects services, by id ascending.
type ServiceQuery struct {
	Only  []ServiceID // nil for all services
	After ServiceID   // only ids greater than this
	Limit int
}

// ServiceInput is the input of ServiceAccounts.Create.
type ServiceInput struct {
	Name        string // 1 to 64 ASCII letters, digits and . _ -; unique, compared without case
	Description string // at most 1024 characters
}

// ServicePatch changes a service. Fields that are nil stay as they are.
type ServicePatch struct {
	Name        *string
	Description *string
	// Status is StatusActive or StatusDisabled. The tokens of a disabled service are refused
	// until it is active again.
	Status *Status
}

// ServiceAccounts manages services and their roles. Every method needs the scope services.
// ServiceAccounts is safe for concurrent use.
type ServiceAccounts struct{ s *Service }

// Create makes a service without roles. It needs the scope services. It returns ErrNameTaken or
// a FieldsError.
func (m *ServiceAccounts) Create(ctx context.Context, p *Principal, in ServiceInput) (ServiceAccount, error) {
	if err := m.s.Authorize(p, ActManageServices, scopes.Target{}); err != nil {
		return ServiceAccount{}, err
	}
	at := m.s.now()
	v := ServiceAccount{ID: ServiceID(newID(at)), Status: StatusActive, CreatedAt: at}
	var f FieldsError
	setObjectName(&f, &v.Name, &v.NameKey, in.Name)
	setDescription(&f, &v.Description, in.Description)
	if err := f.Err(); err != nil {
		return ServiceAccount{}, err
	}
	err := m.s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		if err := st.CreateService(ctx, v); err != nil {
			return err
		}
		return m.s.Audit(ctx, tx, p, "service.create", string(v.ID), map[string]any{"name": v.Name})
	})
	if err != nil {
		return ServiceAccount{}, fmt.Errorf("create service: %w", err)
	}
	return v, nil
}

// ServiceAccount finds a service by id or name. It needs the scope services. It returns
// ErrNotFound if there is none.
func (m *ServiceAccounts) ServiceAccount(ctx context.Context, p *Principal, ref string) (ServiceAccount, error) {
	return m.find(ctx, m.s.st, p, ref)
}

func (m *ServiceAccounts) find(ctx context.Context, st Store, p *Principal, ref string) (ServiceAccount, error) {
	if err := m.s.Authorize(p, ActManageServices, scopes.Target{}); err != nil {
		return ServiceAccount{}, err
	}
	return st.Service(ctx, refKey(ref))
}

// List lists services by id. It needs the scope services. It returns ErrBadCursor or a
// FieldsError for a bad query.
func (m *ServiceAccounts) List(ctx context.Context, p *Principal, q PageQuery) (Page[ServiceAccount], error) {
	if err := m.s.Authorize(p, ActManageServices, scopes.Target{}); err != nil {
		return Page[ServiceAccount]{}, err
	}
	limit, err := q.Size()
	if err != nil {
		return Page[ServiceAccount]{}, err
	}
	list, err := m.s.st.Services(ctx, ServiceQuery{After: ServiceID(q.Cursor), Limit: limit + 1})
	return NewPage(list, limit, err, func(v ServiceAccount) string { return string(v.ID) })
}

// Update changes a service. It needs the scope services, and returns a CeilingError unless the
// caller holds everything that the service holds. It can also return ErrNotFound, ErrNameTaken
// or a FieldsError.
func (m *ServiceAccounts) Update(
	ctx context.Context, p *Principal, ref string, patch ServicePatch,
) (ServiceAccount, error) {
	var out ServiceAccount
	err := m.change(ctx, p, ref, "update service", func(tx Tx, v ServiceAccount) error {
		st := tx.st
		if err := m.s.checkService(p, v); err != nil {
			return err
		}
		var detail map[string]any
		var err error
		out, err = st.UpdateService(ctx, v.ID, func(v *ServiceAccount) (err error) {
			detail, err = patch.edit(v)
			return err
		})
		if err != nil || len(detail) == 0 {
			return err
		}
		return m.s.Audit(ctx, tx, p, "service.update", string(v.ID), detail)
	})
	return out, err
}

// edit changes v and returns the detail of the audit record.
func (pt ServicePatch) edit(v *ServiceAccount) (map[string]any, error) {
	var f FieldsError
	var fields []string
	detail := map[string]any{}
	if pt.Name != nil && *pt.Name != v.Name {
		setObjectName(&f, &v.Name, &v.NameKey, *pt.Name)
		fields = append(fields, "name")
	}
	if pt.Description != nil && *pt.Description != v.Description {
		setDescription(&f, &v.Description, *pt.Description)
		fields = append(fields, "description")
	}
	if pt.Status != nil && *pt.Status != v.Status {
		oneOf(&f, "status", *pt.Status, StatusActive, StatusDisabled)
		v.Status = *pt.Status
		detail["status"] = v.Status
	}
	if len(fields) > 0 {
		detail["fields"] = fields
	}
	return detail, f.Err()
}

// Delete deletes a service and its API tokens. It needs the scope services, and returns a
// CeilingError unless the caller holds everything that the service holds. It returns
// ErrNotFound if there is no such service.
func (m *ServiceAccounts) Delete(ctx context.Context, p *Principal, ref string) error {
	return m.change(ctx, p, ref, "delete service", func(tx Tx, v ServiceAccount) error {
		st := tx.st
		if err := m.s.checkService(p, v); err != nil {
			return err
		}
		if err := st.DeleteService(ctx, v.ID); err != nil {
			return err
		}
		return m.s.Audit(ctx, tx, p, "service.delete", string(v.ID), map[string]any{"name": v.Name})
	})
}

// AddRole gives a service a role, by name or id. It does nothing if the service already holds
// the role. A filter without a value in a scope of the role, such as "!user", covers nobody. It
// needs the scope services, and returns a CeilingError unless the caller holds everything that
// the role gives. It returns ErrNotFound if there is no such service or role.
func (m *ServiceAccounts) AddRole(ctx context.Context, p *Principal, ref string, role RoleID) error {
	return m.changeRole(ctx, p, ref, role, serviceRoleChange{"service_role.add", Store.AddServiceRole})
}

// RemoveRole takes a role from a service, by name or id. It does nothing if the service does
// not hold the role. It needs the scope services, and returns a CeilingError unless the caller
// holds everything that the role gives. It returns ErrNotFound if there is no such service or
// role.
func (m *ServiceAccounts) RemoveRole(ctx context.Context, p *Principal, ref string, role RoleID) error {
	return m.changeRole(ctx, p, ref, role, serviceRoleChange{"service_role.remove", Store.RemoveServiceRole})
}

// serviceRoleChange gives a service a role or takes it away.
type serviceRoleChange struct {
	action string // for the audit record
	write  func(Store, context.Context, ServiceID, RoleID) (bool, error)
}

func (m *ServiceAccounts) changeRole(
	ctx context.Context, p *Principal, ref string, role RoleID, change serviceRoleChange,
) error {
	return m.change(ctx, p, ref, "change role of service", func(tx Tx, v ServiceAccount) error {
		st := tx.st
		r, err := m.s.findRole(ctx, st, string(role))
		if err != nil {
			return err
		}
		if err := m.s.checkGive(p, r, ""); err != nil {
			return err
		}
		changed, err := change.write(st, ctx, v.ID, r.ID)
		if err != nil || !changed {
			return err
		}
		return m.s.Audit(ctx, tx, p, change.action, string(v.ID), map[string]any{"role": r.Name})
	})
}

// change finds a service and changes it under the lock of changeRights.
func (m *ServiceAccounts) change(
	ctx context.Context, p *Principal, ref, what string, change func(Tx, ServiceAccount) error,
) error {
	if err := m.s.Authorize(p, ActManageServices, scopes.Target{}); err != nil {
		return err
	}
	err := m.s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		v, err := m.find(ctx, st, p, ref)
		if err != nil {
			return err
		}
		return change(tx, v)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
