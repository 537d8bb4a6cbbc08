package main

import "github.com/hallpass-go/hallpass/httpadapter"

// validatePhoto passes the photo on to be judged. It counts for the caller's own account, which
// the path names.
func validatePhoto(c *call) (any, error) {
	id, err := c.user()
	if err != nil {
		return nil, err
	}
	kind, photo, err := httpadapter.FormEvidence(c.w, c.r, "file", maxPhoto)
	if err != nil {
		return nil, located(err, nil)
	}
	u, err := c.accounts.ClaimRole(c.r.Context(), c.p, id, string(celebrity), kind, photo)
	return shown(u, located(err, map[string][2]string{"evidence": {"body", "file"}}))
}
