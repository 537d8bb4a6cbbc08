package httpadapter

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
)

// maxOverhead is how many bytes multipart/form-data may need beside the evidence.
const maxOverhead = 64 << 10

func claimRole(c *call, _ none) (userJSON, error) {
	kind, evidence, err := c.evidence()
	if err != nil {
		return userJSON{}, err
	}
	v, err := c.h.accounts.ClaimRole(c.r.Context(), c.p, c.user(), c.r.PathValue("role"), kind, evidence)
	return one(v, err, userOf)
}

// evidence returns the evidence and its declared media type: the part evidence of a form, or
// the whole body.
func (c *call) evidence() (mediaType string, evidence io.Reader, err error) {
	mediaType = c.r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(mediaType); err == nil && media == "multipart/form-data" {
		return FormEvidence(c.w, c.r, "evidence", auth.MaxEvidence)
	}
	return mediaType, evidenceReader{http.MaxBytesReader(c.w, c.r.Body, auth.MaxEvidence+maxOverhead)}, nil
}

// FormEvidence returns the first part with the given name of a form (multipart/form-data, RFC
// 7578), and the media type that the part claims. It is for routes of a host that call
// ClaimRole of package auth. The form is read while the evidence is. Reading fails with
// auth.ErrEvidenceTooLarge after maxBytes, and 64 KiB for the rest of the form.
//
// The error is an auth.FieldsError that says the part is required, if the body is not a form or
// has no such part. It is auth.ErrEvidenceTooLarge if the limit comes before the part.
func FormEvidence(
	w http.ResponseWriter, r *http.Request, part string, maxBytes int64,
) (mediaType string, evidence io.Reader, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBytes+maxOverhead)
	missing := oneField(part, auth.CodeRequired, "The form has no part "+part+".")
	parts, err := r.MultipartReader()
	if err != nil {
		return "", nil, missing
	}
	for {
		p, err := parts.NextPart()
		switch {
		case isLimit(err):
			return "", nil, auth.ErrEvidenceTooLarge
		case err != nil: // the end, or not a form at all
			return "", nil, missing
		case p.FormName() == part:
			return p.Header.Get("Content-Type"), evidenceReader{p}, nil
		}
	}
}

// evidenceReader reports that a body is too large with the error of ClaimRole.
type evidenceReader struct{ io.Reader }

func (r evidenceReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if isLimit(err) {
		err = auth.ErrEvidenceTooLarge
	}
	return n, err
}

func isLimit(err error) bool {
	var limit *http.MaxBytesError
	return errors.As(err, &limit)
}

type exportJSON struct {
	User     userJSON       `json:"user"`
	Sessions []sessionJSON  `json:"sessions"`
	Tokens   []apiTokenJSON `json:"tokens"`
	Logins   []loginJSON    `json:"logins"`
	Audit    []auditJSON    `json:"audit"`

	Resources  []resourceJSON `json:"resources"`
	Given      []shareJSON    `json:"given"`
	ShareCodes []codeJSON     `json:"share_codes"`
	Received   []shareJSON    `json:"received"`
}

// exportSharing adds what package sharing stores about the user.
func (c *call) exportSharing(out *exportJSON) error {
	if c.h.shares == nil {
		return nil
	}
	v, err := c.h.shares.ExportOf(c.r.Context(), out.User.ID)
	if err != nil {
		return err
	}
	n, err := c.namesOf(shown{shares: slices.Concat(v.Given, v.Received), codes: v.Codes})
	out.Resources, out.ShareCodes = each(v.Resources, resourceOf), each(v.Codes, n.code)
	out.Given, out.Received = each(v.Given, n.share), each(v.Received, n.share)
	return err
}

func exportUser(c *call, _ none) (exportJSON, error) {
	v, err := c.h.accounts.ExportUser(c.r.Context(), c.p, c.user())
	if err != nil {
		return exportJSON{}, err
	}
	out := exportJSON{
		User:     userOf(v.User),
		Sessions: each(v.Sessions, func(x auth.Session) sessionJSON { return sessionOf(x, c.p.Session.ID) }),
		Tokens:   each(v.Tokens, apiTokenOf), Logins: each(v.Logins, loginOf), Audit: each(v.Audit, auditOf),
		Resources: []resourceJSON{}, Given: []shareJSON{}, ShareCodes: []codeJSON{}, Received: []shareJSON{},
	}
	if err := c.exportSharing(&out); err != nil {
		return exportJSON{}, err
	}
	c.w.Header().Set("Content-Disposition", `attachment; filename="account.json"`)
	return out, nil
}
