package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
)

// ImportUser is a user of another system. It can be read from JSON.
type ImportUser struct {
	Username      string `json:"username"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
	Name          string `json:"name"`
	// the id in the other system; importing it again finds the same account
	ExternalID   string          `json:"external_id"`
	PasswordHash string          `json:"password_hash"` // of any kind that auth/password recognises; empty for none
	Attributes   json.RawMessage `json:"attributes"`
	Roles        []string        `json:"roles"`      // by name or id; nil means the default roles
	Status       Status          `json:"status"`     // empty means active
	CreatedAt    time.Time       `json:"created_at"` // zero means now
}

// ImportOutcome says what happened to one row.
type ImportOutcome string

// The outcomes.
const (
	ImportCreated ImportOutcome = "created"
	ImportExists  ImportOutcome = "exists" // the account existed already; nothing was changed
	ImportFailed  ImportOutcome = "failed"
)

// ImportResult is the report on one row.
type ImportResult struct {
	Row     int // from 1
	Outcome ImportOutcome
	User    UserID // empty for a failed row
	Err     error  // why the row failed: a FieldsError, a conflict, a CeilingError or an error of the source
}

// ImportSummary counts rows by outcome.
type ImportSummary struct{ Created, Exists, Failed int }

// importBatch is the number of rows that one transaction imports.
const importBatch = 100

// ImportUsers makes accounts for the users of another system. It keeps the hashes of their
// passwords. The first sign-in of each user replaces an old hash by a new one. Rows are read
// one at a time, so an import of any size needs little memory.
//
// A bad row, or a row for which the source yields an error, is reported and does not stop the
// import. Accounts that exist already are left alone, so an import can be repeated. ImportUsers
// calls report for each row, in order, once the batch of the row is committed. report may be
// nil.
//
// It needs the scope users for everybody, and every scope that the roles in the rows give. The
// error, if any, comes from the store or from ctx. The rows reported before it are imported.
func (s *Service) ImportUsers(
	ctx context.Context, p *Principal, rows iter.Seq2[ImportUser, error], report func(ImportResult),
) (ImportSummary, error) {
	if err := s.Authorize(p, ActCreateUser, scopes.Target{}); err != nil {
		return ImportSummary{}, err
	}
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return ImportSummary{}, err
	}
	im := importer{s: s, p: p, settings: settings, report: report}
	for u, err := range rows {
		im.batch = append(im.batch, importRow{u, err})
		if len(im.batch) == importBatch {
			if err := im.flush(ctx); err != nil {
				return im.sum, err
			}
		}
	}
	return im.sum, im.flush(ctx)
}

type importRow struct {
	user ImportUser
	err  error
}

type importer struct {
	s        *Service
	p        *Principal
	settings policy.Settings
	report   func(ImportResult)
	batch    []importRow
	sum      ImportSummary
	row      int
}

// flush imports the batch in one transaction, with a savepoint for each row.
func (im *importer) flush(ctx context.Context) error {
	results := make([]ImportResult, len(im.batch))
	err := im.s.Tx(ctx, func(tx Tx) error {
		for i, row := range im.batch {
			var err error
			if results[i], err = im.one(ctx, tx, row); err != nil {
				return err
			}
			results[i].Row = im.row + i + 1
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("import users: %w", err)
	}
	for _, r := range results {
		switch r.Outcome {
		case ImportCreated:
			im.sum.Created++
		case ImportExists:
			im.sum.Exists++
		default:
			im.sum.Failed++
		}
		if im.report != nil {
			im.report(r)
		}
	}
	im.row += len(im.batch)
	im.batch = im.batch[:0]
	return nil
}

// one imports a row. It returns an error only if the whole batch must fail.
func (im *importer) one(ctx context.Context, tx Tx, row importRow) (ImportResult, error) {
	fail := func(err error) (ImportResult, error) {
		if errors.Is(err, ErrUnavailable) || errors.Is(err, ErrSerialization) || ctx.Err() != nil {
			return ImportResult{}, err
		}
		return ImportResult{Outcome: ImportFailed, Err: err}, nil
	}
	if row.err != nil {
		return ImportResult{Outcome: ImportFailed, Err: row.err}, nil
	}
	a, err := im.account(ctx, tx.st, row.user)
	if err != nil {
		return fail(err)
	}
	if old, err := im.find(ctx, tx.st, a); err != nil || old != "" {
		if err != nil {
			return fail(err)
		}
		return ImportResult{Outcome: ImportExists, User: old}, nil
	}
	err = tx.Savepoint(ctx, func(tx Tx) error {
		if err := im.s.insertAccount(ctx, tx, &a); err != nil {
			return err
		}
		return im.s.Audit(ctx, tx, im.p, "user.import", string(a.ID), map[string]any{"roles": a.RoleNames()})
	})
	if err != nil {
		return fail(err)
	}
	return ImportResult{Outcome: ImportCreated, User: a.ID}, nil
}

// account checks a row and makes an account from it.
func (im *importer) account(ctx context.Context, st Store, u ImportUser) (Account, error) {
	a, err := im.s.newAccount(ctx, st, im.settings, UserInput{
		Username: u.Username, Email: u.Email, Name: u.Name, Attributes: u.Attributes, Roles: u.Roles,
		ExternalID: u.ExternalID,
	}, true)
	var f FieldsError
	if bad := (*FieldsError)(nil); errors.As(err, &bad) {
		f = *bad
	} else if err != nil {
		return a, err
	}
	if u.Status != "" {
		oneOf(&f, "status", u.Status, StatusActive, StatusPending, StatusDisabled)
		a.Status = u.Status
	}
	if u.PasswordHash != "" && (!plainText(u.PasswordHash) || !im.s.hasher.Recognised(u.PasswordHash)) {
		f.Add("password_hash", CodeUnknown, "This kind of password hash is not supported.")
	}
	if !u.CreatedAt.IsZero() {
		if u.CreatedAt.After(a.CreatedAt) || u.CreatedAt.Year() < 1970 {
			f.Add("created_at", CodeInvalid, "Use a time between 1970 and now.")
		}
		a.CreatedAt = storable(u.CreatedAt)
	}
	if err := f.Err(); err != nil {
		return a, err
	}
	a.PasswordHash, a.EmailVerified = u.PasswordHash, u.EmailVerified && a.EmailKey != ""
	// The default roles are the settings' to give, but not with a password that the giver
	// knows.
	if u.Roles != nil || u.PasswordHash != "" {
		return a, im.s.checkCeiling(im.p, a.User)
	}
	return a, nil
}

// find looks for the account that an earlier import of the row made: by external id if the row
// has one, else by username or email.
func (im *importer) find(ctx context.Context, st Store, a Account) (UserID, error) {
	if a.ExternalID != "" {
		found, err := st.Users(ctx, UserQuery{ExternalID: a.ExternalID, Limit: 1})
		if err != nil || len(found) == 0 {
			return "", err
		}
		return found[0].ID, nil
	}
	key := a.UsernameKey
	if key == "" {
		key = a.EmailKey
	}
	old, err := st.AccountByLogin(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return old.ID, err
}
