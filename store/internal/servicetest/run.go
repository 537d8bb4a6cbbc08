package servicetest

import (
	"strings"
	"testing"
)

// scenario tests one promise of the services. ids are the requirements in requirements.txt that
// it covers.
type scenario struct {
	ids  string
	name string
	run  func(*testing.T, Open)
}

// Run runs every scenario. The names of its subtests begin with the requirements, so
//
//	go test ./store/... -run '/.*AZ06'
//
// runs the scenarios about the last admin.
func Run(t *testing.T, open Open) {
	for _, s := range scenarios {
		t.Run(strings.TrimSpace(s.ids+" "+s.name), func(t *testing.T) { t.Parallel(); s.run(t, open) })
	}
}

var scenarios = []scenario{
	// Accounts and usernames.
	{"PW15", "FirstAdminOnce", firstAdminOnce},
	{"", "OneRegistrationWins", oneRegistrationWins},
	{"ID03", "OneAddressOneAccount", oneAddressOneAccount},
	{"", "UserPages", userPages},
	{"AZ06", "LastAdminStays", lastAdminStays},
	{"JW07", "FreedNameOpensNothing", freedNameOpensNothing},
	{"", "FreedNameRests", freedNameRests},
	{"", "RenamesAreFew", renamesAreFew},
	{"", "RacingRenamesReserveEach", racingRenamesReserveEach},
	{"TK06", "DisabledAtOnce", disabledAtOnce},
	{"", "DeletionLeavesNothing", deletionLeavesNothing},
	{"", "ImportIsSafeToRepeat", importIsSafeToRepeat},

	// Sign-in with a password.
	{"PW09", "NewPasswordWins", newPasswordWins},
	{"PW10", "RehashOnSignIn", rehashOnSignIn},
	{"RL01", "HundredFailures", hundredFailures},
	{"RL02", "ReplicasShareBudget", replicasShareBudget},
	{"RL03", "StrangerCannotLockOut", strangerCannotLockOut},
	{"", "ThrottledNamesLeaveNothing", throttledNamesLeaveNothing},
	{"", "DevicesShareBudget", devicesShareBudget},
	{"AZ07 CK02", "SensitiveNeedsFresh", sensitiveNeedsFresh},

	// Sessions and their tokens.
	{"RT01", "OneSuccessor", oneSuccessor},
	{"RT02", "StolenTokenEndsSession", stolenTokenEndsSession},
	{"RT03 RT04", "GraceReplaysSuccessor", graceReplaysSuccessor},
	{"RT07", "RefreshOnlyNarrows", refreshOnlyNarrows},
	{"RT09", "LostResponses", lostResponses},
	{"RT08", "LabelStays", labelStays},
	{"", "RefreshAgainstEnd", refreshAgainstEnd},
	{"RT05", "LifetimesHold", lifetimesHold},
	{"RT06 JW09", "EveryFamilyEnds", everyFamilyEnds},
	{"", "KeysAreShared", keysAreShared},
	{"", "HousekeepingRemovesExpired", housekeepingRemovesExpired},

	// Rights.
	{"AZ03", "NobodyGivesMore", nobodyGivesMore},
	{"", "ManagerPasswordsHaveACeiling", managerPasswordsHaveACeiling},
	{"AZ04", "RightsAreLive", rightsAreLive},
	{"AZ03", "RandomHistories", randomHistories},
	{"", "UnknownScopesGiveNothing", unknownScopesGiveNothing},
	{"", "HostScopesDoNotCapture", hostScopesDoNotCapture},
	{"TK05", "TokensAreCeilings", tokensAreCeilings},
	{"", "RevokedIsGone", revokedIsGone},
	{"", "ServicesActForThemselves", servicesActForThemselves},
	{"", "GroupManagers", groupManagers},
	{"", "GroupsDoNotCapture", groupsDoNotCapture},
	{"", "RolesAtRunTime", rolesAtRunTime},
	{"", "RolesOfOneName", rolesOfOneName},
	{"", "NoGhostRoles", noGhostRoles},
	{"", "ClaimIsForWhoWasJudged", claimIsForWhoWasJudged},
	{"", "SettingsReachReplicas", settingsReachReplicas},

	// Transactions and hooks.
	{"", "HostTransactionRollsBack", hostTransactionRollsBack},
	{"", "CommittedRunsAfterHost", committedRunsAfterHost},
	{"", "HooksCommitTogether", hooksCommitTogether},
	{"", "FailingHookLeavesNothing", failingHookLeavesNothing},
	{"", "DeletedRoleRunsHooks", deletedRoleRunsHooks},
	{"", "HooksThatLockCrosswise", hooksThatLockCrosswise},
	{"", "HookMayNotGoOnAfterRollback", hookMayNotGoOnAfterRollback},
	{"", "FailingHookCostsNoTry", failingHookCostsNoTry},

	// Mailed codes and what they prove.
	{"", "CodeSignsInOnce", codeSignsInOnce},
	{"RL04", "GuessesCostExactlyFive", guessesCostExactlyFive},
	{"RL04", "OneSessionPerCode", oneSessionPerCode},
	{"RL04", "StrangersFlowDisturbsNothing", strangersFlowDisturbsNothing},
	{"RL04", "CodesHaveOnePurpose", codesHaveOnePurpose},
	{"RL04", "CodesExpire", codesExpire},
	{"RL04", "MailIsLimited", mailIsLimited},
	{"RL05", "TypedCodesAreLimited", typedCodesAreLimited},
	{"EN05", "DecoysOpenNothing", decoysOpenNothing},
	{"", "StatusIsToldAfterTheCode", statusIsToldAfterTheCode},
	{"", "AccountsAppearAtVerify", accountsAppearAtVerify},
	{"", "FirstProofTakesTheAccount", firstProofTakesTheAccount},
	{"", "ProofInTheSessionKeepsIt", proofInTheSessionKeepsIt},
	{"", "RacingProofs", racingProofs},
	{"", "LinkInTheSessionEndsIt", linkInTheSessionEndsIt},
	{"", "EndedSessionsLeaveNothing", endedSessionsLeaveNothing},
	{"AZ09", "EmailChangeNeedsProof", emailChangeNeedsProof},
	{"", "OldAddressOpensNothing", oldAddressOpensNothing},
	{"", "ResetEndsEverything", resetEndsEverything},
	{"PW13", "ManagersMailResets", managersMailResets},
	{"", "ReauthByCode", reauthByCode},

	// Sign-up, invitations and devices.
	{"EN04", "SignUpProvesTheAddress", signUpProvesTheAddress},
	{"", "ModesOfSignUp", modesOfSignUp},
	{"AZ03", "InvitationsMakeAccounts", invitationsMakeAccounts},
	{"", "InvitationsJoinGroups", invitationsJoinGroups},
	{"PW13", "ManagersInviteWhomTheyMake", managersInviteWhomTheyMake},
	{"", "ServicesGetNoLinks", servicesGetNoLinks},
	{"", "DeviceIsAllowedOnce", deviceIsAllowedOnce},
	{"AZ03", "DevicesGetNoMore", devicesGetNoMore},
	{"AZ07", "DevicesProveNothing", devicesProveNothing},

	// Mail.
	{"F21", "MailSurvives", mailSurvives},
	{"F21", "LostAttemptIsRepeated", lostAttemptIsRepeated},
	{"", "PeopleAreTold", peopleAreTold},
	{"F21", "NoMailForWhatRolledBack", noMailForWhatRolledBack},
	{"F21", "RunSendsMail", runSendsMail},

	// Sharing.
	{"AZ05", "UsesAreCounted", usesAreCounted},
	{"AZ05", "AcceptingAgainCountsNothing", acceptingAgainCountsNothing},
	{"AZ05", "TakenSharesStayTaken", takenSharesStayTaken},
	{"AZ05", "DeadCodesSayNothing", deadCodesSayNothing},
	{"AZ05", "AudiencesAdmit", audiencesAdmit},
	{"", "BadCodesLeaveNothing", badCodesLeaveNothing},
	{"AZ05", "RevokedCodesTakeTheirShares", revokedCodesTakeTheirShares},
	{"AZ04", "GiversStopAndReturn", giversStopAndReturn},
	{"AZ05", "CodesOfTheFallen", codesOfTheFallen},
	{"", "RevocationsEndJustThat", revocationsEndJustThat},
	{"", "SharesOnlyNarrow", sharesOnlyNarrow},
	{"AZ03 AZ04", "NobodySharesMore", nobodySharesMore},
	{"", "UsedIDsBeginUnshared", usedIDsBeginUnshared},
	{"", "OneOwnerRegisters", oneOwnerRegisters},
	{"", "ListsShowTheCallersPart", listsShowTheCallersPart},
	{"", "GroupsReceive", groupsReceive},
	{"", "SharesJoinTheTransaction", sharesJoinTheTransaction},
	{"", "SharingByEmailIsWhole", sharingByEmailIsWhole},
	{"AZ05", "ShareCodesAreTried", shareCodesAreTried},
	{"AZ03", "SharesCountAsTheModelSays", sharesCountAsTheModelSays},
}
