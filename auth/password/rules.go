package password

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"
)

const (
	defaultMin = 8   // code points; the lowest limit that NIST SP 800-63B allows
	mustAccept = 64  // code points that every configuration must accept
	leastMax   = 256 // bytes of mustAccept code points of four bytes each
)

// Rules decides which passwords may be chosen. It has no composition rules ("one digit, one
// capital"), since they make passwords worse (NIST SP 800-63B section 3.1.1.2). The zero value
// requires 8 code points and refuses common passwords. A Rules value is only read, so it is
// safe for concurrent use.
type Rules struct {
	// Min is the least number of code points after [Normalize], at most 64. 0 means 8. NIST
	// asks for 15 where a password is the only factor. A value below 8 needs AllowShort.
	Min int
	// Max is the greatest number of bytes after [Normalize], from 256 (64 code points in any
	// script) to [MaxBytes]. 0 means MaxBytes.
	Max int
	// AllowShort allows a Min below 8. The list of common passwords only has entries of at
	// least 8 characters, so it does not refuse shorter ones.
	AllowShort bool
	// Breached reports whether pw is known from a breach, for example by sending the first bits
	// of its digest to a range service. It is called last. nil means that nothing is asked.
	Breached func(ctx context.Context, pw string) (bool, error)
	// SiteWords are names of the service, which anybody would guess. Check adds them to its
	// context words.
	SiteWords []string
}

// Validate returns an error that joins every setting that is out of bounds.
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

// Check returns nil if pw may be chosen and a [*RuleError] if not. If Breached fails, Check
// returns a wrapped error.
//
// Context words are names of the user that others know: username, email address or its parts.
// Check refuses a password that consists of such a word, or of a part of at least 3 characters,
// once or twice in a row, in any case, with at most 8 more digits or signs around it. Check
// hashes nothing.
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

// limits returns Min and Max, or their defaults where Validate would refuse the setting.
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
