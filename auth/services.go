package auth

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/scopes"
)

// NewService is what a service is made from.
type NewService struct {
	Name        string // 1 to 64 ASCII letters, digits and . _ -, unique without case
	Description string // at most 1024 characters
}

// ServicePatch changes a service; nil fields stay as they are.
type ServicePatch struct {
	Name        *string
	Description *string
	// StatusActive or StatusDisabled; the tokens of a disabled service are refused until it is
	// active again
	Status *Status
}

// CreateService makes an account for a program, without roles. It needs services. A FieldsError
// or ErrNameTaken.
func (s *Service) CreateService(ctx context.Context, p *Principal, in NewService) (ServiceAccount, error) {
	if err := s.Authorize(p, ActManageServices, scopes.Target{}); err != nil {
		return ServiceAccount{}, err
	}
	at := s.now()
	v := ServiceAccount{ID: ServiceID(newID(at)), Status: StatusActive, CreatedAt: at}
	var f FieldErrors
	setObjectName(&f, &v.Name, &v.NameKey, in.Name)
	setDescription(&f, &v.Description, in.Description)
	if err := f.Err(); err != nil {
		return ServiceAccount{}, err
	}
	err := s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		if err := st.CreateService(ctx, v); err != nil {
			return err
		}
		return s.Audit(ctx, tx, p, "service.create", string(v.ID), map[string]any{"name": v.Name})
	})
	if err != nil {
		return ServiceAccount{}, fmt.Errorf("create service: %w", err)
	}
	return v, nil
}

// ServiceAccount finds a service by id or name. It needs services.
func (s *Service) ServiceAccount(ctx context.Context, p *Principal, ref string) (ServiceAccount, error) {
	return s.serviceFor(ctx, s.st, p, ref)
}

func (s *Service) serviceFor(ctx context.Context, st Store, p *Principal, ref string) (ServiceAccount, error) {
	if err := s.Authorize(p, ActManageServices, scopes.Target{}); err != nil {
		return ServiceAccount{}, err
	}
	return st.Service(ctx, refKey(ref))
}

// ServiceAccounts lists services by id. It needs services.
func (s *Service) ServiceAccounts(ctx context.Context, p *Principal, q PageQuery) (Page[ServiceAccount], error) {
	if err := s.Authorize(p, ActManageServices, scopes.Target{}); err != nil {
		return Page[ServiceAccount]{}, err
	}
	limit, err := q.Size()
	if err != nil {
		return Page[ServiceAccount]{}, err
	}
	list, err := s.st.Services(ctx, ServiceQuery{After: ServiceID(q.Cursor), Limit: limit + 1})
	return NewPage(list, limit, err, func(v ServiceAccount) string { return string(v.ID) })
}

// UpdateService changes a service. It needs services and all that the service may do, else it
// is a CeilingError. A FieldsError or ErrNameTaken.
func (s *Service) UpdateService(
	ctx context.Context, p *Principal, ref string, patch ServicePatch,
) (ServiceAccount, error) {
	var out ServiceAccount
	err := s.changeService(ctx, p, ref, "update service", func(tx Tx, v ServiceAccount) error {
		st := tx.st
		if err := s.checkService(p, v); err != nil {
			return err
		}
		var detail map[string]any
		var err error
		out, err = st.UpdateService(ctx, v.ID, func(now *ServiceAccount) (err error) {
			detail, err = patch.edit(now)
			return err
		})
		if err != nil || len(detail) == 0 {
			return err
		}
		return s.Audit(ctx, tx, p, "service.update", string(v.ID), detail)
	})
	return out, err
}

// edit changes v and says what it changed.
func (patch ServicePatch) edit(v *ServiceAccount) (map[string]any, error) {
	var f FieldErrors
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

// DeleteService removes a service with its API tokens. It needs services and all that the
// service may do, else it is a CeilingError.
func (s *Service) DeleteService(ctx context.Context, p *Principal, ref string) error {
	return s.changeService(ctx, p, ref, "delete service", func(tx Tx, v ServiceAccount) error {
		st := tx.st
		if err := s.checkService(p, v); err != nil {
			return err
		}
		if err := st.DeleteService(ctx, v.ID); err != nil {
			return err
		}
		return s.Audit(ctx, tx, p, "service.delete", string(v.ID), map[string]any{"name": v.Name})
	})
}

// AddServiceRole gives a role, by name or id, to a service; no error if it holds it. It needs
// services and all that the role gives, else it is a CeilingError. Bare filters of the role,
// such as "!user", stand for nobody.
func (s *Service) AddServiceRole(ctx context.Context, p *Principal, ref, role string) error {
	return s.changeServiceRole(ctx, p, ref, role, "service_role.add", Store.AddServiceRole)
}

// RemoveServiceRole takes a role from a service; no error if it does not hold it. It needs
// services and all that the role gives, else it is a CeilingError.
func (s *Service) RemoveServiceRole(ctx context.Context, p *Principal, ref, role string) error {
	return s.changeServiceRole(ctx, p, ref, role, "service_role.remove", Store.RemoveServiceRole)
}

func (s *Service) changeServiceRole(
	ctx context.Context, p *Principal, ref, role, action string, change func(
		Store, context.Context, ServiceID, RoleID,
	) (bool, error),
) error {
	return s.changeService(ctx, p, ref, "change role of service", func(tx Tx, v ServiceAccount) error {
		st := tx.st
		r, err := s.findRole(ctx, st, role)
		if err != nil {
			return err
		}
		if err := s.checkGive(p, r, ""); err != nil {
			return err
		}
		changed, err := change(st, ctx, v.ID, r.ID)
		if err != nil || !changed {
			return err
		}
		return s.Audit(ctx, tx, p, action, string(v.ID), map[string]any{"role": r.Name})
	})
}

// changeService runs a change of a service under the lock for rights.
func (s *Service) changeService(
	ctx context.Context, p *Principal, ref, what string, change func(Tx, ServiceAccount) error,
) error {
	if err := s.Authorize(p, ActManageServices, scopes.Target{}); err != nil {
		return err
	}
	err := s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		v, err := s.serviceFor(ctx, st, p, ref)
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
