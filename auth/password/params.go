package password

import (
	"errors"
	"fmt"
)

// Bounds on the argon2id parameters of new and stored hashes.
const (
	maxMemoryKiB   = 256 << 10
	maxIterations  = 10
	maxParallelism = 8
	minSalt        = 8
	maxSalt        = 64
	minTag         = 16
	maxTag         = 64
)

// Sizes of the salt and tag of new hashes, in bytes.
const (
	saltSize = 16
	tagSize  = 32
)

// Params are the costs of one argon2id hash (RFC 9106).
type Params struct {
	MemoryKiB   uint32 // memory in KiB, from 8*Parallelism to 262144 (256 MiB)
	Iterations  uint32 // passes over the memory, 1 to 10
	Parallelism uint8  // lanes, 1 to 8
}

// DefaultParams returns the parameters used when none are configured: 19 MiB, two passes and
// one lane, as OWASP recommends for interactive sign-in.
func DefaultParams() Params {
	return Params{MemoryKiB: 19456, Iterations: 2, Parallelism: 1}
}

// validate returns an error that joins every parameter that is out of bounds.
func (p Params) validate() error {
	var errs []error
	if p.Iterations < 1 || p.Iterations > maxIterations {
		errs = append(errs, fmt.Errorf("iterations %d not in 1..%d", p.Iterations, maxIterations))
	}
	if p.Parallelism < 1 || p.Parallelism > maxParallelism {
		errs = append(errs, fmt.Errorf("parallelism %d not in 1..%d", p.Parallelism, maxParallelism))
	}
	if least := 8 * max(1, uint32(p.Parallelism)); p.MemoryKiB < least || p.MemoryKiB > maxMemoryKiB {
		errs = append(errs, fmt.Errorf("memory %d KiB not in %d..%d", p.MemoryKiB, least, maxMemoryKiB))
	}
	return errors.Join(errs...)
}

// weak reports whether p is below every combination that OWASP lists as a minimum. The
// smallest, in memory and in total work, is 7 MiB with five passes.
func (p Params) weak() bool {
	return p.MemoryKiB < 7168 || uint64(p.MemoryKiB)*uint64(p.Iterations) < 7168*5
}

// below reports whether a hash with p should be replaced by one with today's parameters.
func (p Params) below(today Params) bool {
	return p.MemoryKiB < today.MemoryKiB || p.Iterations < today.Iterations
}
