package password

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// Config configures a [Hasher]. Its zero value is ready for production.
type Config struct {
	// Params are the costs of new hashes. The zero value means DefaultParams().
	Params Params
	// AllowWeakParams accepts Params below the OWASP minimum. It is meant for tests.
	AllowWeakParams bool
	// Slots is the number of hashes that may be computed at once. 0 means GOMAXPROCS.
	Slots int
	// Queue is the number of callers that may wait for a slot. 0 means 256.
	Queue int
	// LegacyVerifier verifies hashes in a format of the host's own. nil means none.
	LegacyVerifier LegacyVerifier
}

// Result is the outcome of [Hasher.Verify].
type Result struct {
	// Match reports whether the password is the one that was hashed.
	Match bool
	// Rehash reports whether the password matched a hash that has another algorithm or weaker
	// parameters than today's. If so, store a new Hash of the password in its place.
	Rehash bool
}

// Hasher hashes and verifies passwords. It is immutable and safe for concurrent use.
type Hasher struct {
	params Params
	gate   *gate
	legacy LegacyVerifier
	heap   heap
}

// NewHasher returns a Hasher, or an error that joins every problem in cfg.
func NewHasher(cfg Config) (*Hasher, error) {
	if cfg.Params == (Params{}) {
		cfg.Params = DefaultParams()
	}
	if cfg.Slots == 0 {
		cfg.Slots = runtime.GOMAXPROCS(0)
	}
	if cfg.Queue == 0 {
		cfg.Queue = 256
	}
	errs := []error{cfg.Params.validate()}
	if errs[0] == nil && cfg.Params.weak() && !cfg.AllowWeakParams {
		errs = append(errs, errors.New("params below the OWASP minimum need AllowWeakParams"))
	}
	if cfg.Slots < 0 {
		errs = append(errs, fmt.Errorf("slots %d is negative", cfg.Slots))
	}
	if cfg.Queue < 0 {
		errs = append(errs, fmt.Errorf("queue %d is negative", cfg.Queue))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("configure password hasher: %w", err)
	}
	return &Hasher{params: cfg.Params, gate: newGate(cfg.Slots, cfg.Queue), legacy: cfg.LegacyVerifier}, nil
}

// Hash returns the PHC string of pw with today's parameters and a random salt. If [Normalize]
// refuses pw, the error is a [*RuleError] and no slot is taken. Otherwise it is a [*BusyError]
// or the context's error. Hash does not apply [Rules].
func (h *Hasher) Hash(ctx context.Context, pw string) (string, error) {
	text, err := Normalize(pw)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	if err := h.gate.enter(ctx); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	defer h.gate.leave()
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	return argonHash{h.params, salt, h.derive(text, salt)}.String(), nil
}

// Verify compares pw with a stored hash. Whatever the outcome, it costs at least one hash with
// today's parameters, even if [Normalize] refuses pw and nothing can match. The error is
// [ErrUnknownHash], a [*BusyError], the context's error, or that of the LegacyVerifier; the
// Result is then zero.
func (h *Hasher) Verify(ctx context.Context, hash, pw string) (Result, error) {
	text, invalid := Normalize(pw)
	if err := h.gate.enter(ctx); err != nil {
		return Result{}, fmt.Errorf("verify password: %w", err)
	}
	defer h.gate.leave()
	if invalid != nil {
		h.dummy()
		return Result{}, nil
	}
	r, err := h.verify(ctx, hash, text)
	if err != nil {
		return Result{}, fmt.Errorf("verify password: %w", err)
	}
	return r, nil
}

// VerifyDummy takes as long as Verify but compares nothing. Call it for users that do not exist
// or have no password, so that response times do not reveal them. The error is a [*BusyError]
// or the context's error.
func (h *Hasher) VerifyDummy(ctx context.Context, pw string) error {
	_, _ = Normalize(pw)
	if err := h.gate.enter(ctx); err != nil {
		return fmt.Errorf("verify password: %w", err)
	}
	defer h.gate.leave()
	h.dummy()
	return nil
}

// Recognised reports whether Verify knows the format of hash. Use it when importing users. It
// computes no hash.
func (h *Hasher) Recognised(hash string) bool {
	if _, ok := parsePHC(hash); ok {
		return true
	}
	if h.legacy != nil && h.legacy.Recognises(hash) {
		return true
	}
	_, ok := parseLegacy(hash)
	return ok
}

// verify compares the normalized text with hash while the caller holds a slot. It pads the work
// up to today's cost unless hash has today's parameters.
func (h *Hasher) verify(ctx context.Context, hash, text string) (r Result, err error) {
	start := time.Now()
	own, isOwn := parsePHC(hash)
	switch {
	case isOwn:
		r.Match = own.match(text)
		r.Rehash = r.Match && own.below(h.params)
		h.heap.freed(own.memoryKiB())
	case h.legacy != nil && h.legacy.Recognises(hash):
		r.Match, err = h.legacy.Verify(ctx, hash, text)
		r.Rehash = r.Match
	default:
		old, ok := parseLegacy(hash)
		if !ok {
			err = ErrUnknownHash
			break
		}
		r.Match = old.match(text)
		r.Rehash = r.Match
		h.heap.freed(old.memoryKiB())
	}
	if isOwn && own.Params == h.params {
		h.gate.observe(time.Since(start))
	} else {
		h.pad(time.Since(start))
	}
	return r, err
}

// dummy computes one hash with today's parameters and discards it.
func (h *Hasher) dummy() { h.derive("", make([]byte, saltSize)) }

// derive computes one hash with today's parameters.
func (h *Hasher) derive(text string, salt []byte) []byte {
	start := time.Now()
	tag := h.params.derive(text, salt, tagSize)
	h.gate.observe(time.Since(start))
	h.heap.freed(h.params.MemoryKiB)
	return tag
}

// pad brings work that took spent up to the cost of today's parameters. The time of argon2 is
// proportional to its memory, so pad runs it with the missing share of the memory.
func (h *Hasher) pad(spent time.Duration) {
	cost := time.Duration(h.gate.cost.Load())
	if cost == 0 || spent <= 0 {
		h.dummy()
		return
	}
	rest := h.params
	rest.MemoryKiB = uint32(float64(rest.MemoryKiB) * (1 - min(1, float64(spent)/float64(cost))))
	if rest.validate() == nil {
		rest.derive("", make([]byte, saltSize), tagSize)
		h.heap.freed(rest.MemoryKiB)
	}
}
