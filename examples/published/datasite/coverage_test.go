package main

import (
	"testing"

	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
)

// others lists behaviours that are not the business of an auth library, with the reasons.
var others = map[string]string{
	"pysyft-130": "which notifications somebody wants, over which channels, is a choice of the application that sends them; the library's own mails are about credentials and can't be switched off",
	"pysyft-131": "the same: there is no flag to flip",
	"pysyft-132": "the same: mail about credentials goes out whenever there is a mailer",
	"pysyft-133": "how mail is sent is set up by the operator's configuration, not by an admin at run time",
	"pysyft-134": "the same",
}

// TestBehavioursAreCovered checks that each line of the list has a test.
func TestBehavioursAreCovered(t *testing.T) {
	t.Parallel()
	behaviours.Covered(t, "pysyft_behaviours*.jsonl", others)
}
