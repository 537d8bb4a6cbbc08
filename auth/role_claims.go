package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
)

// RoleVerifier judges the evidence with which somebody claims a role. It must be safe for
// concurrent use, and should stop when its context ends: after RoleClaim.Timeout nobody waits
// for it any more.
type RoleVerifier interface {
	VerifyRole(ctx context.Context, e RoleEvidence) (RoleDecision, error)
}

// RoleEvidence is what a claim brings. Nothing in it was checked but size and declared type.
type RoleEvidence struct {
	User      User
	Role      string
	MediaType string // as declared, without parameters
	Data      []byte
}

// RoleDecision is a verifier's answer.
type RoleDecision struct {
	Accepted bool
	Reason   string // of a refusal, told to the person
}

// RoleClaim says how a role is earned by proof.
type RoleClaim struct {
	Verifier   RoleVerifier
	MediaTypes []string      // that evidence may have, such as "image/png"; required
	MaxBytes   int           // of evidence; 0 means 1 MiB, at most 10 MiB
	Attempts   limit.Limit   // of one user; default 5, then one an hour
	Timeout    time.Duration // of the verifier; 0 means 10 seconds, at most 1 minute
}

// MaxEvidence is the largest RoleClaim.MaxBytes, in bytes.
const MaxEvidence = 10 << 20

// ClaimError tells why a claim was refused. It matches ErrClaimRefused.
type ClaimError struct{ Reason string }

// Error leaves the reason out: it may say something about the person.
func (e *ClaimError) Error() string { return ErrClaimRefused.Error() }

// Unwrap gives ErrClaimRefused.
func (e *ClaimError) Unwrap() error { return ErrClaimRefused }

func (c RoleClaim) withDefaults(role string) (RoleClaim, error) {
	def(&c.MaxBytes, 1<<20)
	def(&c.Attempts, limit.Limit{Burst: 5, Interval: time.Hour})
	def(&c.Timeout, 10*time.Second)
	if c.Verifier == nil || len(c.MediaTypes) == 0 || c.MaxBytes < 1 || c.MaxBytes > MaxEvidence || c.Timeout < 0 ||
		c.Timeout > time.Minute || c.Attempts.Check() != nil {
		return c, fmt.Errorf("claim of role %q: needs a verifier and media types; at most 10 MiB and a minute", role)
	}
	return c, nil
}

// checkClaims fills in defaults and makes sure that the roles exist.
func (s *Service) checkClaims(claims map[string]RoleClaim) error {
	var errs []error
	s.claims = make(map[string]RoleClaim, len(claims))
	for role, c := range claims {
		c, err := c.withDefaults(role)
		errs = append(errs, err)
		if _, known := s.builtIn[RoleID(role)]; !known || RoleID(role) == RoleGuest {
			errs = append(errs, fmt.Errorf("claim of role %q: there is no such role", role))
		}
		s.claims[role] = c
	}
	return errors.Join(errs...)
}

// ClaimRole gives a user a role that they prove to deserve. The person themselves needs
// account. Every claim that gets as far as its limits is recorded in the audit record. Holding
// the role already is success, and asks nobody. A change of the account while the verifier
// judges is a refusal. A reader that is at its own limit says so with ErrEvidenceTooLarge.
//
// ErrNotFound for an unknown role, ErrNoVerifier, a LimitError, ErrEvidenceType,
// ErrEvidenceTooLarge, a ClaimError for a refusal, and ErrVerifierFailed if the verifier fails
// or takes too long.
func (s *Service) ClaimRole(
	ctx context.Context, p *Principal, id UserID, role, mediaType string, evidence io.Reader,
) (User, error) {
	if err := s.authorizeUser(ctx, s.st, p, ActClaimRole, id); err != nil {
		return User{}, err
	}
	r, err := s.findRole(ctx, s.st, role)
	if err != nil {
		return User{}, err
	}
	a, err := s.account(ctx, s.st, id)
	if err != nil || slices.Contains(a.Roles, r.ID) {
		return a.User, err
	}
	claim := claimAttempt{s: s, p: p, user: a.User, role: r, mediaType: mediaType}
	if err := claim.judge(ctx, evidence); err != nil {
		return User{}, claim.refuse(ctx, err)
	}
	out, err := claim.accept(ctx)
	if errors.Is(err, ErrClaimRefused) {
		return User{}, claim.refuse(ctx, err)
	}
	return out, err
}

type claimAttempt struct {
	s         *Service
	p         *Principal
	user      User
	role      Role
	mediaType string
	size      int
}

// judge is nil for a claim that the verifier accepts.
func (c *claimAttempt) judge(ctx context.Context, evidence io.Reader) error {
	rule, ok := c.s.claims[c.role.Name]
	if !ok || c.s.hidden(c.role) {
		return ErrNoVerifier
	}
	if err := c.s.limits.Take(
		ctx, c.s.limits.Claim(rule.Attempts, string(c.user.ID), string(c.role.ID)),
	); err != nil {
		return err
	}
	kind, _, err := mime.ParseMediaType(c.mediaType)
	if err != nil || !slices.Contains(rule.MediaTypes, kind) {
		return ErrEvidenceType
	}
	c.mediaType = kind
	data, err := io.ReadAll(io.LimitReader(evidence, int64(rule.MaxBytes)+1))
	switch c.size = len(data); {
	case errors.Is(err, ErrEvidenceTooLarge):
		return err
	case err != nil: // the client broke off, or its form has no end
		bad := FieldError{Field: "evidence", Code: CodeInvalid, Detail: "The evidence can't be read."}.Err()
		return errors.Join(bad, err)
	case len(data) > rule.MaxBytes:
		return ErrEvidenceTooLarge
	case len(data) == 0:
		return FieldError{Field: "evidence", Code: CodeRequired, Detail: "There is no evidence."}.Err()
	}
	d, err := rule.ask(ctx, RoleEvidence{User: c.user, Role: c.role.Name, MediaType: kind, Data: data})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrVerifierFailed, err)
	}
	if !d.Accepted {
		return &ClaimError{Reason: d.Reason}
	}
	return nil
}

// ask runs the verifier and waits no longer than Timeout. One that does not heed its context
// goes on by itself; the limit on attempts bounds how many can. This is the one goroutine that
// the package starts.
func (r RoleClaim) ask(ctx context.Context, e RoleEvidence) (RoleDecision, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	type answer struct {
		d   RoleDecision
		err error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		a.err = hook("RoleVerifier", func() (err error) {
			a.d, err = r.Verifier.VerifyRole(ctx, e)
			return err
		})
		done <- a
	}()
	select {
	case a := <-done:
		return a.d, a.err
	case <-ctx.Done():
		return RoleDecision{}, ctx.Err()
	}
}

// refuse records why a claim came to nothing; one that was throttled once a minute.
func (c *claimAttempt) refuse(ctx context.Context, err error) error {
	outcome := "failed"
	for _, k := range []struct {
		err  error
		name string
	}{
		{ErrNoVerifier, "no_verifier"}, {
			ErrTooManyAttempts, "throttled",
		}, {ErrEvidenceType, "wrong_type"}, {ErrEvidenceTooLarge, "too_large"},
		{ErrInvalidInput, "unreadable"}, {ErrVerifierFailed, "verifier_failed"}, {ErrClaimRefused, "refused"},
	} {
		if errors.Is(err, k.err) {
			outcome = k.name
			break
		}
	}
	if outcome == "throttled" || outcome == "no_verifier" {
		if c.s.limits.Take(ctx, c.s.limits.NoteClaim(string(c.user.ID), outcome)) != nil {
			return err
		}
	}
	detail := c.detail(outcome)
	var refused *ClaimError
	if errors.As(err, &refused) {
		detail["reason"] = mail.OneLine(refused.Reason)
	}
	// The record is written although the client may be gone: it is what the limits are
	// explained by.
	ctx = context.WithoutCancel(ctx)
	noted := c.s.Tx(ctx, func(tx Tx) error {
		return c.s.Audit(ctx, tx, c.p, "role.claim", string(c.user.ID), detail)
	})
	return orElse(noted, err)
}

func (c *claimAttempt) detail(outcome string) map[string]any {
	return map[string]any{
		"role": c.role.Name, "outcome": outcome, "media_type": mail.OneLine(c.mediaType), "bytes": c.size,
	}
}

// sameProfile tells whether all that a verifier may have compared the evidence with is the
// same.
func sameProfile(a, b User) bool {
	return a.Username == b.Username && a.Name == b.Name && a.Email == b.Email && a.EmailVerified == b.EmailVerified &&
		a.ExternalID == b.ExternalID && string(a.Attributes) == string(b.Attributes)
}

// accept gives the role.
func (c *claimAttempt) accept(ctx context.Context) (User, error) {
	out := c.user
	err := c.s.changeRights(ctx, func(tx Tx) error {
		// The verifier took its time: who has gone or was disabled meanwhile gets nothing, nor
		// who is another one by now than the one that was judged.
		before, err := tx.st.UpdateAccount(ctx, c.user.ID, func(a *Account) error {
			switch {
			case a.Status != StatusActive:
				return ErrNotFound
			case !sameProfile(a.User, c.user):
				return &ClaimError{Reason: "The account has changed meanwhile; claim again."}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if _, err := tx.st.AddRole(ctx, c.user.ID, c.role.ID); err != nil {
			return err
		}
		a, err := tx.st.Account(ctx, c.user.ID)
		if err != nil {
			return err
		}
		out = a.User
		if err := c.s.rolesChanged(ctx, tx, before.User); err != nil {
			return err
		}
		return c.s.Audit(ctx, tx, c.p, "role.claim", string(c.user.ID), c.detail("accepted"))
	})
	if err != nil {
		return User{}, fmt.Errorf("claim role: %w", err)
	}
	return out, nil
}
