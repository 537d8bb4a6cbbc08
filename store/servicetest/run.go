package servicetest

import "testing"

// Run runs every scenario.
func Run(t *testing.T, open Open) {
	for _, s := range []struct {
		name string
		run  func(*testing.T, Open)
	}{
		{"FirstAdminOnce", FirstAdminOnce},
		{"OneRegistrationWins", OneRegistrationWins},
		{"OneAddressOneAccount", OneAddressOneAccount},
		{"LastAdminStays", LastAdminStays},
		{"FreedNameOpensNothing", FreedNameOpensNothing},
		{"FreedNameRests", FreedNameRests},
		{"NewPasswordWins", NewPasswordWins},
		{"RehashOnSignIn", RehashOnSignIn},
		{"OneSuccessor", OneSuccessor},
		{"StolenTokenEndsSession", StolenTokenEndsSession},
		{"GraceReplaysSuccessor", GraceReplaysSuccessor},
		{"LifetimesHold", LifetimesHold},
		{"EveryFamilyEnds", EveryFamilyEnds},
		{"RefreshOnlyNarrows", RefreshOnlyNarrows},
		{"LostResponses", LostResponses},
		{"LabelStays", LabelStays},
		{"HundredFailures", HundredFailures},
		{"ReplicasShareBudget", ReplicasShareBudget},
		{"StrangerCannotLockOut", StrangerCannotLockOut},
		{"DisabledAtOnce", DisabledAtOnce},
		{"NobodyGivesMore", NobodyGivesMore},
		{"SensitiveNeedsFresh", SensitiveNeedsFresh},
		{"SettingsReachReplicas", SettingsReachReplicas},
		{"DeletionLeavesNothing", DeletionLeavesNothing},
		{"HostTransactionRollsBack", HostTransactionRollsBack},
		{"HooksCommitTogether", HooksCommitTogether},
		{"FailingHookLeavesNothing", FailingHookLeavesNothing},
		{"HooksThatLockCrosswise", HooksThatLockCrosswise},
		{"HookMayNotGoOnAfterRollback", HookMayNotGoOnAfterRollback},
		{"FailingHookCostsNoTry", FailingHookCostsNoTry},
		{"ClaimIsForWhoWasJudged", ClaimIsForWhoWasJudged},
		{"CommittedRunsAfterHost", CommittedRunsAfterHost},
		{"ImportIsSafeToRepeat", ImportIsSafeToRepeat},
		{"RefreshAgainstEnd", RefreshAgainstEnd},
		{"RacingRenamesReserveEach", RacingRenamesReserveEach},
		{"ThrottledNamesLeaveNothing", ThrottledNamesLeaveNothing},
		{"DevicesShareBudget", DevicesShareBudget},
		{"ManagerPasswordsHaveACeiling", ManagerPasswordsHaveACeiling},
		{"KeysAreShared", KeysAreShared},
		{"HousekeepingRemovesExpired", HousekeepingRemovesExpired},
		{"RenamesAreFew", RenamesAreFew},
		{"UserPages", UserPages},
		{"RandomHistories", RandomHistories},
		{"RightsAreLive", RightsAreLive},
		{"TokensAreCeilings", TokensAreCeilings},
		{"ServicesActForThemselves", ServicesActForThemselves},
		{"UnknownScopesGiveNothing", UnknownScopesGiveNothing},
		{"GroupManagers", GroupManagers},
		{"GroupsDoNotCapture", GroupsDoNotCapture},
		{"RolesAtRunTime", RolesAtRunTime},
		{"RevokedIsGone", RevokedIsGone},
		{"HostScopesDoNotCapture", HostScopesDoNotCapture},
		{"RolesOfOneName", RolesOfOneName},
		{"NoGhostRoles", NoGhostRoles},
	} {
		t.Run(s.name, func(t *testing.T) { t.Parallel(); s.run(t, open) })
	}
}
