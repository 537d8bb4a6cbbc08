package password_test

import (
	"testing"

	"golang.org/x/crypto/argon2"

	"github.com/hallpass-go/hallpass/auth/password"
)

// BenchmarkHash compares hashing and verifying through the gate with the bare function.
func BenchmarkHash(b *testing.B) {
	p := password.DefaultParams()
	h := newHasher(b, password.Config{})
	stored := hash(b, h, "correct horse")
	b.Run("bare", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				argon2.IDKey([]byte("correct horse"), make([]byte, 16), p.Iterations, p.MemoryKiB, p.Parallelism, 32)
			}
		})
	})
	b.Run("hash", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				hash(b, h, "correct horse")
			}
		})
	})
	b.Run("verify", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				verify(b, h, stored, "correct horse")
			}
		})
	})
}
