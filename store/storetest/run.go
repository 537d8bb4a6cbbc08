package storetest

import (
	"slices"
	"testing"

	"github.com/hallpass-go/hallpass/store"
)

// Open returns an empty, migrated store and cleans up after the test.
type Open = func(t *testing.T) store.Store

// scenario is one promise, or a few that belong together.
type scenario struct {
	name string
	run  func(*world)
}

// Run checks every promise that a single caller can see.
func Run(t *testing.T, open Open) {
	play(t, open, slices.Concat(
		userScenarios, userFieldScenarios, listScenarios, roleScenarios, signInScenarios, sessionScenarios,
		refreshScenarios, loginScenarios, limitScenarios, valueScenarios, keyScenarios, setupScenarios,
		auditScenarios, txScenarios, savepointScenarios, conflictScenarios,
		groupScenarios, roleDefinitionScenarios, serviceScenarios, apiTokenScenarios, generalScenarios, eachScenarios,
		textScenarios,
		flowScenarios, invitationScenarios, deviceScenarios, outboxScenarios, mailTextScenarios,
		resourceScenarios, codeScenarios, shareScenarios, shareListScenarios, exchangeScenarios, sharingScenarios,
		sharingTxScenarios,
	))
}

// RunConcurrent checks what must hold when many callers, usually 16, want the same at once.
func RunConcurrent(t *testing.T, open Open) {
	play(t, open, slices.Concat(winnerScenarios, rightWinnerScenarios, bucketScenarios, lockScenarios,
		crossingScenarios, mailWinnerScenarios,
		sharingWinnerScenarios))
}

func play(t *testing.T, open Open, list []scenario) {
	t.Helper()
	for _, s := range list {
		t.Run(s.name, func(t *testing.T) { t.Parallel(); s.run(setup(t, open)) })
	}
}
