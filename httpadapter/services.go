package httpadapter

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

type serviceJSON struct {
	ID          auth.ServiceID `json:"id"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Roles       []string       `json:"roles"`
	Status      auth.Status    `json:"status"`
	CreatedAt   time.Time      `json:"created_at"`
}

func serviceOf(v auth.ServiceAccount) serviceJSON {
	return serviceJSON{v.ID, v.Name, v.Description, v.RoleNames(), v.Status, v.CreatedAt}
}

func listServices(c *call, _ none) (list[serviceJSON], error) {
	page, err := c.page()
	if err != nil {
		return list[serviceJSON]{}, err
	}
	p, err := c.h.accounts.Services.List(c.r.Context(), c.p, page)
	return listOf(p, err, serviceOf)
}

func createService(c *call, in namedBody) (serviceJSON, error) {
	v, err := c.h.accounts.Services.Create(c.r.Context(), c.p, auth.ServiceInput(in))
	return one(v, err, serviceOf)
}

func readService(c *call, _ none) (serviceJSON, error) {
	v, err := c.h.accounts.Services.ServiceAccount(c.r.Context(), c.p, c.r.PathValue("service"))
	return one(v, err, serviceOf)
}

type servicePatch struct {
	Name        *string      `json:"name"`
	Description *string      `json:"description"`
	Status      *auth.Status `json:"status"`
}

func updateService(c *call, in servicePatch) (serviceJSON, error) {
	v, err := c.h.accounts.Services.Update(c.r.Context(), c.p, c.r.PathValue("service"), auth.ServicePatch(in))
	return one(v, err, serviceOf)
}

func deleteService(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.Services.Delete(c.r.Context(), c.p, c.r.PathValue("service"))
}

func addServiceRole(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.Services.AddRole(c.r.Context(), c.p, c.r.PathValue("service"), c.role())
}

func removeServiceRole(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.Services.RemoveRole(c.r.Context(), c.p, c.r.PathValue("service"), c.role())
}
