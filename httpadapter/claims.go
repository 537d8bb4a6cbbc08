package httpadapter

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
)

// maxOverhead is what multipart/form-data may need beside the evidence, in bytes.
const maxOverhead = 64 << 10

func claimRole(c *call, _ none) (userJSON, error) {
	kind, evidence, err := c.evidence()
	if err != nil {
		return userJSON{}, err
	}
	v, err := c.h.accounts.ClaimRole(c.r.Context(), c.p, c.user(), c.r.PathValue("role"), kind, evidence)
	return one(v, err, userOf)
}

// evidence finds the evidence and its declared media type: the part evidence of a form, or the
// body.
func (c *call) evidence() (mediaType string, evidence io.Reader, err error) {
	mediaType = c.r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(mediaType); err == nil && media == "multipart/form-data" {
		return FormEvidence(c.w, c.r, "evidence", auth.MaxEvidence)
	}
	return mediaType, evidenceReader{http.MaxBytesReader(c.w, c.r.Body, auth.MaxEvidence+maxOverhead)}, nil
}

// FormEvidence finds the first part of that name in a form (multipart/form-data, RFC 7578), and
// the media type that it says it has, for ClaimRole of package auth in routes of a host's own.
// The form is read as the evidence is, up to maxBytes (in bytes) and 64 KiB for the rest of it;
// what is longer ends the evidence with auth.ErrEvidenceTooLarge.
//
// An auth.FieldsError that names the part as required if the body is no form or has no such
// part, auth.ErrEvidenceTooLarge if the limit comes before it.
func FormEvidence(
	w http.ResponseWriter, r *http.Request, part string, maxBytes int64,
) (mediaType string, evidence io.Reader, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBytes+maxOverhead)
	missing := auth.FieldError{Field: part, Code: auth.CodeRequired, Detail: "The form has no part " + part + "."}.Err()
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

// evidenceReader tells of the end of the body's limit in the words of ClaimRole.
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

// exportSharing adds what was shared.
func (c *call) exportSharing(out *exportJSON) error {
	if c.h.shares == nil {
		return nil
	}
	v, err := c.h.shares.ExportOf(c.r.Context(), out.User.ID)
	if err != nil {
		return err
	}
	n, err := c.namesOf(shown{shares: slices.Concat(v.Given, v.Received), codes: v.Codes})
	out.Resources, out.Given, out.ShareCodes, out.Received = each(v.Resources, resourceOf), each(v.Given,
		n.share), each(v.Codes, n.code), each(v.Received, n.share)
	return err
}

func exportUser(c *call, _ none) (exportJSON, error) {
	v, err := c.h.accounts.ExportUser(c.r.Context(), c.p, c.user())
	if err != nil {
		return exportJSON{}, err
	}
	out := exportJSON{
		User: userOf(v.User), Sessions: each(
			v.Sessions, func(x auth.Session) sessionJSON { return sessionOf(x, c.p.Session.ID) },
		),
		Tokens: each(v.Tokens, apiTokenOf), Logins: each(v.Logins, loginOf), Audit: each(v.Audit, auditOf),
		Resources: []resourceJSON{}, Given: []shareJSON{}, ShareCodes: []codeJSON{}, Received: []shareJSON{},
	}
	if err := c.exportSharing(&out); err != nil {
		return exportJSON{}, err
	}
	c.w.Header().Set("Content-Disposition", `attachment; filename="account.json"`)
	return out, nil
}
