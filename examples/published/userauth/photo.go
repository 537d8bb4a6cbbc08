package main

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

const (
	maxPhoto   = 5 << 20 // bytes
	sureEnough = 0.95    // the probability has to be higher
	notInPhoto = "Recognition of the photo provided does not match the user's name."
)

// recogniser tells who is in a photo, with a probability from 0 to 1. It must be safe for
// concurrent use and stop when its context ends. An error means that it can't tell now.
type recogniser interface {
	recognise(ctx context.Context, photo []byte) (name string, probability float64, err error)
}

// photoProof is the claim to be a celebrity: the photo has to show the person with the name of
// the account.
type photoProof struct{ recogniser }

// VerifyRole implements auth.RoleVerifier.
func (p photoProof) VerifyRole(ctx context.Context, e auth.RoleEvidence) (auth.RoleDecision, error) {
	if http.DetectContentType(e.Data) != e.MediaType {
		return auth.RoleDecision{Reason: "The file is not an image of the type that it is said to be."}, nil
	}
	name, probability, err := p.recognise(ctx, e.Data)
	if err != nil {
		return auth.RoleDecision{}, err
	}
	want := names(e.User)
	same := name == want[0]+" "+want[1] && strings.TrimSpace(name) != "" // an empty name matches nobody
	return auth.RoleDecision{Accepted: same && probability > sureEnough, Reason: notInPhoto}, nil
}

// claims says how the role celebrity is earned. Without a recogniser, nobody can earn it.
func claims(r recogniser) map[string]auth.RoleClaim {
	if r == nil {
		return nil
	}
	return map[string]auth.RoleClaim{string(celebrity): {
		Verifier: photoProof{r}, MediaTypes: []string{"image/jpeg", "image/png"}, MaxBytes: maxPhoto,
	}}
}

// standInRecogniser takes the place of a model, and recognises nobody. It believes what the
// file says: the bytes contain "recognise: Tom Cruise 0.99", for example in a comment. If the
// role is to mean anything, put a model of your own here (startCmd.recogniser).
type standInRecogniser struct{}

var caption = regexp.MustCompile(`recognise: ([^\x00-\x1f]{1,256}) ([01](?:\.[0-9]{1,9})?)`)

func (standInRecogniser) recognise(_ context.Context, photo []byte) (name string, probability float64, err error) {
	m := caption.FindSubmatch(photo)
	if m == nil {
		return "", 0, nil
	}
	probability, err = strconv.ParseFloat(string(m[2]), 64)
	return string(m[1]), probability, err
}
