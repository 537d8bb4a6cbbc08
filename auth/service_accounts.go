package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/scopes"
)

// ServiceAccount is an account of a program, a service for short. It has no password, only API
// tokens.
type ServiceAccount struct {
	ID          ServiceID
	Name        string // as typed
	NameKey     string // canonical name, unique
	Description string
	Status      Status   // StatusActive or StatusDisabled
	Roles       []RoleID // sorted
	Grants      []Grant  // those of Roles that were made at run time
	CreatedAt   time.Time
}

// RoleNames returns the names of the service's roles, sorted.
func (v ServiceAccount) RoleNames() []string { return roleNames(v.Roles, v.Grants) }

// ServiceQuery selects services, by id ascending.
type ServiceQuery struct {
	Only  []ServiceID // nil for all
	After ServiceID   // ids greater than this
	Limit int
}

// ServiceInput is the input of ServiceAccounts.Create.
type ServiceInput struct {
	Name        string // 1 to 64 ASCII letters, digits and . _ -, unique without case
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

// ServiceAccounts makes and changes services and their roles. All of it needs the scope
// services. A change of a service that exists also needs all that the service may do; otherwise
// it is a CeilingError. ServiceAccounts is safe for concurrent use.
type ServiceAccounts struct{ s *Service }

// Create makes a service without roles. It needs services. It returns a FieldsError or
// ErrNameTaken.
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

// ServiceAccount finds a service by id or name. It needs services.
func (m *ServiceAccounts) ServiceAccount(ctx context.Context, p *Principal, ref string) (ServiceAccount, error) {
	return m.find(ctx, m.s.st, p, ref)
}

func (m *ServiceAccounts) find(ctx context.Context, st Store, p *Principal, ref string) (ServiceAccount, error) {
	if err := m.s.Authorize(p, ActManageServices, scopes.Target{}); err != nil {
		return ServiceAccount{}, err
	}
	return st.Service(ctx, refKey(ref))
}

// List lists services by id. It needs services.
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

// Update changes a service. It needs services and all that the service may do; otherwise it is
// a CeilingError. It also returns a FieldsError or ErrNameTaken.
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

// edit changes v and returns what the audit record says about it.
func (patch ServicePatch) edit(v *ServiceAccount) (map[string]any, error) {
	var f FieldsError
	var fields []string
	detail := map[string]any{}
	if patch.Name != nil && *patch.Name != v.Name {
		setObjectName(&f, &v.Name, &v.NameKey, *patch.Name)
		fields = append(fields, "name")
	}
	if patch.Description != nil && *patch.Description != v.Description {
		setDescription(&f, &v.Description, *patch.Description)
		fields = append(fields, "description")
	}
	if patch.Status != nil && *patch.Status != v.Status {
		oneOf(&f, "status", *patch.Status, StatusActive, StatusDisabled)
		v.Status = *patch.Status
		detail["status"] = v.Status
	}
	if len(fields) > 0 {
		detail["fields"] = fields
	}
	return detail, f.Err()
}

// Delete removes a service with its API tokens. It needs services and all that the service may
// do; otherwise it is a CeilingError.
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

// AddRole gives a role, by name or id, to a service. It is no error if the service holds it
// already. It needs services and all that the role gives; otherwise it is a CeilingError. Bare
// filters of the role, such as "!user", stand for nobody.
func (m *ServiceAccounts) AddRole(ctx context.Context, p *Principal, ref string, role RoleID) error {
	return m.changeRole(ctx, p, ref, role, serviceRoleChange{"service_role.add", Store.AddServiceRole})
}

// RemoveRole takes a role, by name or id, from a service. It is no error if the service does
// not hold it. It needs services and all that the role gives; otherwise it is a CeilingError.
func (m *ServiceAccounts) RemoveRole(ctx context.Context, p *Principal, ref string, role RoleID) error {
	return m.changeRole(ctx, p, ref, role, serviceRoleChange{"service_role.remove", Store.RemoveServiceRole})
}

// serviceRoleChange is how a service gets a role or loses it.
type serviceRoleChange struct {
	action string // in the audit record
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

// change runs a change of a service under the lock of rights.
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
