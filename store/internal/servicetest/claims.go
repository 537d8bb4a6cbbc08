package servicetest

import (
	"context"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
)

// verifierFunc is a function that judges.
type verifierFunc func(e auth.RoleEvidence) auth.RoleDecision

// VerifyRole implements auth.RoleVerifier.
func (f verifierFunc) VerifyRole(_ context.Context, e auth.RoleEvidence) (auth.RoleDecision, error) {
	return f(e), nil
}

// claimIsForWhoWasJudged: who takes another name while their evidence is judged does not get
// the role for it. The refusal is recorded.
func claimIsForWhoWasJudged(t *testing.T, open Open) {
	var meanwhile func()
	w := setup(t, open, func(c *auth.Config) {
		c.Roles = append(c.Roles, auth.Role{Name: "celebrity"})
		c.RoleClaims = map[string]auth.RoleClaim{"celebrity": {MediaTypes: []string{"image/png"},
			Verifier: verifierFunc(func(e auth.RoleEvidence) auth.RoleDecision {
				if meanwhile != nil {
					meanwhile()
				}
				return auth.RoleDecision{Accepted: string(e.Data) == e.User.Name}
			})}}
	})
	ada, other := w.signUp("ada"), "Countess"
	claim := func(photo string) error {
		_, err := w.ClaimRole(w.ctx, w.principal("ada"), ada.ID, "celebrity", "image/png", strings.NewReader(photo))
		return err
	}
	name := "Ada"
	_, err := w.UpdateUser(w.ctx, w.op, ada.ID, auth.UserPatch{Name: &name})
	w.must(err)
	meanwhile = func() {
		_, err := w.UpdateUser(w.ctx, w.op, ada.ID, auth.UserPatch{Name: &other})
		w.must(err)
	}
	w.want(claim(name), auth.ErrClaimRefused)
	meanwhile = nil
	w.want(claim(name), auth.ErrClaimRefused) // it is another name's photo by now
	now, err := w.User(w.ctx, w.op, ada.ID)
	w.must(err)
	if len(now.Roles) != 1 {
		t.Fatalf("roles %v", now.Roles)
	}
	w.must(claim(other))
	records, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{Action: "role.claim"})
	w.must(err)
	var outcomes []string
	for _, r := range records.Items {
		outcomes = append(outcomes, string(r.Detail))
	}
	if all := strings.Join(outcomes, "\n"); strings.Count(all, `"refused"`) != 2 ||
		strings.Count(all, `"accepted"`) != 1 || !strings.Contains(all, "changed meanwhile") {
		t.Fatalf("recorded:\n%s", all)
	}
}
