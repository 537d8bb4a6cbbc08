package password

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"
)

const (
	defaultMin = 8   // code points; the least that NIST SP 800-63B admits
	mustAccept = 64  // code points that every configuration must accept
	leastMax   = 256 // bytes of mustAccept code points of four bytes each
)

// Rules decides which passwords may be chosen. There are no rules of composition
// ("one digit, one capital"): they make passwords worse, not better (NIST SP
// 800-63B section 3.1.1.2). The zero value asks for 8 code points and refuses
// common passwords. A Rules value is read only and safe for concurrent use.
type Rules struct {
	// Min is the least number of code points, counted after [Normalize]. 0 means 8.
	// NIST asks for 15 where a password is the only factor. Below 8 needs AllowShort.
	Min int
	// Max is the greatest number of bytes, counted after [Normalize], from 256 (64
	// code points in any script) to [MaxBytes]. 0 means MaxBytes.
	Max int
	// AllowShort lets Min be below 8. The list of common passwords has only entries
	// of 8 characters and more, so it does not help there.
	AllowShort bool
	// Breached reports whether pw is known from a breach, for example by asking a
	// range service with the first bits of its digest. It is asked last. nil: not asked.
	Breached func(ctx context.Context, pw string) (bool, error)
	// SiteWords are names of the service, which everybody would guess. Check adds
	// them to its context words.
	SiteWords []string
}

// Validate returns an error that joins every setting outside its bounds.
func (r Rules) Validate() error {
	var errs []error
	switch {
	case r.Min < 0 || r.Min > mustAccept:
		errs = append(errs, fmt.Errorf("min %d not in 1..%d code points", r.Min, mustAccept))
	case r.Min != 0 && r.Min < defaultMin && !r.AllowShort:
		errs = append(errs, fmt.Errorf("min %d below %d code points needs AllowShort", r.Min, defaultMin))
	}
	if r.Max != 0 && (r.Max < leastMax || r.Max > MaxBytes) {
		errs = append(errs, fmt.Errorf("max %d not in %d..%d bytes", r.Max, leastMax, MaxBytes))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("password rules: %w", err)
	}
	return nil
}

// Check returns nil if pw may be chosen, a [*RuleError] if not, and a wrapped error
// if Breached failed. Context words are names of the user that others know:
// username, email address or its parts. They refuse a password that is such a word,
// or one of its parts of at least 3 characters, once or twice in a row, in any case,
// with at most 8 further digits or signs around it. Check hashes nothing.
func (r Rules) Check(ctx context.Context, pw string, contextWords ...string) error {
	text, err := Normalize(pw)
	if err != nil {
		return err
	}
	least, most := r.limits()
	switch {
	case len(text) > most:
		return &RuleError{CodeTooLong}
	case utf8.RuneCountInString(text) < least:
		return &RuleError{CodeTooShort}
	case guessable(text, r.SiteWords) || guessable(text, contextWords):
		return &RuleError{CodeTooGuessable}
	case isCommon(text):
		return &RuleError{CodeTooCommon}
	case r.Breached == nil:
		return nil
	}
	known, err := r.Breached(ctx, text)
	if err != nil {
		return fmt.Errorf("check for breached password: %w", err)
	}
	if known {
		return &RuleError{CodeBreached}
	}
	return nil
}

// limits returns Min and Max with their defaults, which also stand in for settings
// that Validate refuses.
func (r Rules) limits() (least, most int) {
	least, most = r.Min, r.Max
	if least < 1 || least < defaultMin && !r.AllowShort {
		least = defaultMin
	}
	if most < leastMax || most > MaxBytes {
		most = MaxBytes
	}
	return least, most
}
