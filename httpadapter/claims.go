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
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, auth.MaxEvidence+maxOverhead)
	kind, evidence, err := evidenceOf(c.r)
	if err != nil {
		return userJSON{}, tooLarge(err)
	}
	v, err := c.h.accounts.ClaimRole(c.r.Context(), c.p, c.user(), c.r.PathValue("role"), kind, evidence)
	return one(v, tooLarge(err), userOf)
}

// evidenceOf finds the evidence and its declared media type: the part evidence of a form, or the body.
func evidenceOf(r *http.Request) (kind string, evidence io.Reader, err error) {
	kind = r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(kind); err != nil || media != "multipart/form-data" {
		return kind, r.Body, nil
	}
	missing := &auth.FieldsError{Fields: []auth.FieldError{{Field: "evidence", Code: auth.CodeRequired, Detail: "The form has no part evidence."}}}
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
		case part.FormName() == "evidence":
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
	v, err := c.h.shares.ExportOf(c.r.Context(), string(out.User.ID))
	if err != nil {
		return fromSharing(err)
	}
	n, err := c.namesOf(slices.Concat(v.Given, v.Received), v.Codes)
	out.Resources, out.Given, out.ShareCodes, out.Received = each(v.Resources, resourceOf), each(v.Given, n.share), each(v.Codes, n.code), each(v.Received, n.share)
	return fromSharing(err)
}

func exportUser(c *call, _ none) (exportJSON, error) {
	v, err := c.h.accounts.ExportUser(c.r.Context(), c.p, c.user())
	if err != nil {
		return exportJSON{}, err
	}
	out := exportJSON{
		User: userOf(v.User), Sessions: each(v.Sessions, func(x auth.Session) sessionJSON { return sessionOf(x, c.p.Session.ID) }),
		Tokens: each(v.Tokens, apiTokenOf), Logins: each(v.Logins, loginOf), Audit: each(v.Audit, auditOf),
		Resources: []resourceJSON{}, Given: []shareJSON{}, ShareCodes: []codeJSON{}, Received: []shareJSON{},
	}
	if err := c.exportSharing(&out); err != nil {
		return exportJSON{}, err
	}
	c.w.Header().Set("Content-Disposition", `attachment; filename="account.json"`)
	return out, nil
}
