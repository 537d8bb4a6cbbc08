package servicetest_test

import (
	"testing"

	"github.com/hallpass-go/hallpass/store/internal/servicetest"
)

func TestSec_AZ05_UsesAreCounted(t *testing.T) { t.Parallel(); servicetest.UsesAreCounted(t, mem) }
func TestSec_AZ05_AcceptingAgainCountsNothing(t *testing.T) {
	t.Parallel()
	servicetest.AcceptingAgainCountsNothing(t, mem)
}
func TestSec_AZ05_DeadCodesSayNothing(t *testing.T) {
	t.Parallel()
	servicetest.DeadCodesSayNothing(t, mem)
}
func TestSec_AZ05_CodesOfTheFallen(t *testing.T) { t.Parallel(); servicetest.CodesOfTheFallen(t, mem) }
func TestSec_AZ05_RevokedCodesTakeTheirShares(t *testing.T) {
	t.Parallel()
	servicetest.RevokedCodesTakeTheirShares(t, mem)
}
func TestSec_AZ05_TakenSharesStayTaken(t *testing.T) {
	t.Parallel()
	servicetest.TakenSharesStayTaken(t, mem)
}
func TestSec_AZ05_AudiencesAdmit(t *testing.T)   { t.Parallel(); servicetest.AudiencesAdmit(t, mem) }
func TestSec_AZ04_NobodySharesMore(t *testing.T) { t.Parallel(); servicetest.NobodySharesMore(t, mem) }
func TestSec_AZ04_GiversStopAndReturn(t *testing.T) {
	t.Parallel()
	servicetest.GiversStopAndReturn(t, mem)
}
func TestSec_AZ03_SharesCountAsTheModelSays(t *testing.T) {
	t.Parallel()
	servicetest.SharesCountAsTheModelSays(t, mem)
}
