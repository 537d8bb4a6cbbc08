package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"reflect"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
)

// RoleVerifier judges the evidence of people who claim a role. It must be safe for concurrent
// use. It should return when ctx ends: nobody waits for it longer than RoleClaim.Timeout.
type RoleVerifier interface {
	VerifyRole(ctx context.Context, ev RoleEvidence) (RoleDecision, error)
}

// RoleEvidence is what somebody presents to claim a role. Only its size and its declared media
// type have been checked.
type RoleEvidence struct {
	User      User
	Role      string
	MediaType string // as declared, without parameters
	Data      []byte
}

// RoleDecision is a verifier's answer.
type RoleDecision struct {
	Accepted bool
	Reason   string // why the claim is refused; the person sees it
}

// RoleClaim says how people can get a role by presenting evidence.
type RoleClaim struct {
	Verifier   RoleVerifier
	MediaTypes []string      // accepted types of evidence, such as "image/png"; required
	MaxBytes   int           // largest evidence; 0 means 1 MiB, at most 10 MiB
	Attempts   limit.Limit   // claims of one user; default 5, then one an hour
	Timeout    time.Duration // of one call of Verifier; 0 means 10 seconds, at most 1 minute
}

// MaxEvidence is the upper bound of RoleClaim.MaxBytes, in bytes.
const MaxEvidence = 10 << 20

// ClaimError says why a claim was refused. It matches ErrClaimRefused.
type ClaimError struct{ Reason string }

// Error leaves out the reason, which may say something about the person.
func (e *ClaimError) Error() string { return ErrClaimRefused.Error() }

// Unwrap returns ErrClaimRefused.
func (e *ClaimError) Unwrap() error { return ErrClaimRefused }

func (rc RoleClaim) withDefaults(role string) (RoleClaim, error) {
	def(&rc.MaxBytes, 1<<20)
	def(&rc.Attempts, limit.Limit{Burst: 5, Interval: time.Hour})
	def(&rc.Timeout, 10*time.Second)
	if rc.Verifier == nil || len(rc.MediaTypes) == 0 || rc.MaxBytes < 1 || rc.MaxBytes > MaxEvidence ||
		rc.Timeout < 0 || rc.Timeout > time.Minute || rc.Attempts.Check() != nil {
		return rc, fmt.Errorf("claim of role %q: needs a verifier and media types; at most 10 MiB and 1 minute", role)
	}
	return rc, nil
}

// checkClaims fills in defaults and checks that the roles exist.
func (s *Service) checkClaims(claims map[string]RoleClaim) error {
	var errs []error
	s.claims = make(map[string]RoleClaim, len(claims))
	for role, rc := range claims {
		rc, err := rc.withDefaults(role)
		errs = append(errs, err)
		if _, known := s.builtIn[RoleID(role)]; !known || RoleID(role) == RoleGuest {
			errs = append(errs, fmt.Errorf("claim of role %q: there is no such role", role))
		}
		s.claims[role] = rc
	}
	return errors.Join(errs...)
}

// ClaimRole gives a user a role if the verifier of the role accepts the evidence. It needs the
// scope account for that user. If the user already holds the role, ClaimRole succeeds without
// asking the verifier. If the account changes while the verifier works, the claim is refused.
// Every claim that is counted leaves an audit record. Claims over the limit, and claims of a
// role without a verifier, are recorded at most once a minute.
//
// It returns ErrNotFound if there is no such role or user, ErrNoVerifier if nobody can claim
// the role, a LimitError after too many claims, ErrEvidenceType, ErrEvidenceTooLarge, a
// FieldsError if evidence is empty or can't be read, a ClaimError if the verifier refuses, and
// ErrVerifierFailed if the verifier fails or takes too long. If evidence.Read returns
// ErrEvidenceTooLarge, so does ClaimRole.
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

// judge returns nil if the verifier accepts the claim.
func (c *claimAttempt) judge(ctx context.Context, evidence io.Reader) error {
	rule, ok := c.s.claims[c.role.Name]
	if !ok || c.s.hidden(c.role) {
		return ErrNoVerifier
	}
	limits := c.s.limits
	if err := limits.Take(ctx, limits.Claim(rule.Attempts, string(c.user.ID), string(c.role.ID))); err != nil {
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
	case err != nil: // the client hung up, or its form is cut off
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

// ask calls the verifier and waits at most Timeout. A verifier that ignores its context goes on
// alone; the limit on attempts keeps down how many do. This is the only goroutine that the
// package starts outside of Run.
func (rc RoleClaim) ask(ctx context.Context, ev RoleEvidence) (RoleDecision, error) {
	ctx, cancel := context.WithTimeout(ctx, rc.Timeout)
	defer cancel()
	type answer struct {
		d   RoleDecision
		err error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		a.err = hook("RoleVerifier", func() (err error) {
			a.d, err = rc.Verifier.VerifyRole(ctx, ev)
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

// refuse records why a claim failed. Claims that were throttled, or that nobody could judge,
// are recorded at most once a minute.
func (c *claimAttempt) refuse(ctx context.Context, err error) error {
	outcome := "failed"
	for _, k := range []struct {
		err  error
		name string
	}{
		{ErrNoVerifier, "no_verifier"}, {ErrTooManyAttempts, "throttled"}, {ErrEvidenceType, "wrong_type"},
		{ErrEvidenceTooLarge, "too_large"},
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
	// The try was counted, so the record is written even if the client has hung up.
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

// sameProfile reports whether two states of a user agree in everything that a verifier may have
// compared with the evidence. That is everything except rights, status and times.
func sameProfile(a, b User) bool {
	a.Roles, a.Groups, a.Grants, a.Status = b.Roles, b.Groups, b.Grants, b.Status
	a.CreatedAt, a.UpdatedAt, a.LastLoginAt = b.CreatedAt, b.UpdatedAt, b.LastLoginAt
	return reflect.DeepEqual(a, b)
}

// accept gives the user the role.
func (c *claimAttempt) accept(ctx context.Context) (User, error) {
	out := c.user
	err := c.s.changeRights(ctx, func(tx Tx) error {
		// The verifier took time. A user who was deleted or disabled meanwhile gets nothing,
		// and neither does one whose profile is not the one that was judged.
		before, err := tx.st.UpdateAccount(ctx, c.user.ID, func(a *Account) error {
			switch {
			case a.Status != StatusActive:
				return ErrNotFound
			case !sameProfile(a.User, c.user):
				return &ClaimError{Reason: "The account has changed in the meantime. Claim the role again."}
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
