package main

import (
	"errors"
	"io"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
)

// maxOverhead is what a form may need beside the photo, in bytes.
const maxOverhead = 64 << 10

// validatePhoto gives the photo to whoever judges it. It is for the own account: the path says whose.
func validatePhoto(c *call) (any, error) {
	id, err := c.user()
	if err != nil {
		return nil, err
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, maxPhoto+maxOverhead)
	kind, photo, err := photoOf(c.r)
	if err != nil {
		return nil, tooLarge(err)
	}
	u, err := c.accounts.ClaimRole(c.r.Context(), c.p, id, string(celebrity), kind, photo)
	return shown(u, located(tooLarge(err), map[string][2]string{"evidence": {"body", "file"}}))
}

// photoOf finds the part "file" of the form, and the media type that it says it has.
func photoOf(r *http.Request) (kind string, photo io.Reader, err error) {
	missing := badInput{{Type: "missing", Loc: []string{"body", "file"}, Msg: "Field required"}}
	parts, err := r.MultipartReader()
	if err != nil {
		return "", nil, missing
	}
	for {
		part, err := parts.NextPart()
		switch {
		case err != nil && tooLarge(err) != err:
			return "", nil, err
		case err != nil: // the end, or not a form at all
			return "", nil, missing
		case part.FormName() == "file":
			return part.Header.Get("Content-Type"), part, nil
		}
	}
}

// tooLarge turns the end of the body's limit into the error for it.
func tooLarge(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return auth.ErrEvidenceTooLarge
	}
	return err
}
