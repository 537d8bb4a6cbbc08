package servicetest_test

import (
	"testing"

	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/internal/servicetest"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// The scenarios of servicetest run here on memstore under the names of the security
// requirements, and on each database in the tests of its store.

func mem(*testing.T) store.Store { return memstore.New() }

func TestSec_PW09_NewPasswordWins(t *testing.T) { t.Parallel(); servicetest.NewPasswordWins(t, mem) }
func TestSec_PW10_ImportedHashReplaced(t *testing.T) {
	t.Parallel()
	servicetest.RehashOnSignIn(t, mem)
}
func TestSec_PW15_FirstAdminOnce(t *testing.T)  { t.Parallel(); servicetest.FirstAdminOnce(t, mem) }
func TestSec_RL01_HundredFailures(t *testing.T) { t.Parallel(); servicetest.HundredFailures(t, mem) }
func TestSec_RL02_ReplicasShareBudget(t *testing.T) {
	t.Parallel()
	servicetest.ReplicasShareBudget(t, mem)
}
func TestSec_RL03_StrangerCannotLockOut(t *testing.T) {
	t.Parallel()
	servicetest.StrangerCannotLockOut(t, mem)
}
func TestSec_TK06_DisabledAtOnce(t *testing.T) { t.Parallel(); servicetest.DisabledAtOnce(t, mem) }
func TestSec_RT01_OneSuccessor(t *testing.T)   { t.Parallel(); servicetest.OneSuccessor(t, mem) }
func TestSec_RT02_StolenTokenEndsSession(t *testing.T) {
	t.Parallel()
	servicetest.StolenTokenEndsSession(t, mem)
}
func TestSec_RT03_GraceReplaysSuccessor(t *testing.T) {
	t.Parallel()
	servicetest.GraceReplaysSuccessor(t, mem)
}
func TestSec_RT04_GraceIsCounted(t *testing.T) {
	t.Parallel()
	servicetest.GraceReplaysSuccessor(t, mem)
}
func TestSec_RT05_LifetimesHold(t *testing.T)   { t.Parallel(); servicetest.LifetimesHold(t, mem) }
func TestSec_RT06_EveryFamilyEnds(t *testing.T) { t.Parallel(); servicetest.EveryFamilyEnds(t, mem) }
func TestSec_RT07_RefreshOnlyNarrows(t *testing.T) {
	t.Parallel()
	servicetest.RefreshOnlyNarrows(t, mem)
}
func TestSec_JW07_FreedNameOpensNothing(t *testing.T) {
	t.Parallel()
	servicetest.FreedNameOpensNothing(t, mem)
}
func TestSec_JW09_CutOffIsInstant(t *testing.T) { t.Parallel(); servicetest.EveryFamilyEnds(t, mem) }
func TestSec_TK05_TokensAreCeilings(t *testing.T) {
	t.Parallel()
	servicetest.TokensAreCeilings(t, mem)
}
func TestSec_AZ03_RandomHistories(t *testing.T) { t.Parallel(); servicetest.RandomHistories(t, mem) }
func TestSec_AZ04_RightsAreLive(t *testing.T)   { t.Parallel(); servicetest.RightsAreLive(t, mem) }
func TestSec_AZ06_LastAdminStays(t *testing.T)  { t.Parallel(); servicetest.LastAdminStays(t, mem) }
func TestSec_AZ07_SensitiveNeedsFresh(t *testing.T) {
	t.Parallel()
	servicetest.SensitiveNeedsFresh(t, mem)
}
func TestSec_ID03_OneAddressOneAccount(t *testing.T) {
	t.Parallel()
	servicetest.OneAddressOneAccount(t, mem)
}
func TestSec_CK02_ReauthChangesSecret(t *testing.T) {
	t.Parallel()
	servicetest.SensitiveNeedsFresh(t, mem)
}

func TestService(t *testing.T) { t.Parallel(); servicetest.Run(t, mem) }

func TestSec_PW11_FloodMemory(t *testing.T) { servicetest.FloodMemory(t, mem) }

func TestSec_RT08_LabelStays(t *testing.T)    { t.Parallel(); servicetest.LabelStays(t, mem) }
func TestSec_RT09_LostResponses(t *testing.T) { t.Parallel(); servicetest.LostResponses(t, mem) }
