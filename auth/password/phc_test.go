package password

import (
	"strings"
	"testing"
)

const goodPHC = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

var badPHC = []string{
	"", "$", "$$$$$", "$argon2id$v=19$", strings.Repeat("$", 1000),
	strings.Replace(goodPHC, "argon2id", "argon2i", 1), strings.Replace(goodPHC, "argon2id", "argon2d", 1),
	strings.Replace(goodPHC, "v=19", "v=16", 1), strings.Replace(goodPHC, "v=19$", "", 1),
	strings.Replace(goodPHC, "t=2", "t=0", 1), strings.Replace(goodPHC, "p=1", "p=0", 1),
	strings.Replace(goodPHC, "m=256", "m=0", 1),
	strings.Replace(goodPHC, "t=2", "t=11", 1), strings.Replace(goodPHC, "p=1", "p=9", 1),
	strings.Replace(goodPHC, "p=1", "p=257", 1),
	strings.Replace(
		goodPHC, "m=256", "m=262145", 1,
	), strings.Replace(goodPHC, "m=256", "m=7", 1), strings.Replace(goodPHC, "m=256", "m=4294967552", 1),
	strings.Replace(goodPHC, "m=256,t=2,p=1", "m=63,t=2,p=8", 1), strings.Replace(goodPHC, "m=256,t=2", "t=2,m=256", 1),
	strings.Replace(goodPHC, "m=256", "m=0256", 1), strings.Replace(goodPHC, "m=256", "m=+256", 1),
	strings.Replace(goodPHC, "m=256", "m=", 1),
	strings.Replace(goodPHC, "p=1", "p=1,keyid=AA", 1), strings.Replace(goodPHC, "t=2", "t=2 ", 1),
	strings.Replace(
		goodPHC, "c29tZXNhbHQ", "c29tZXNhbHQ=", 1,
	), strings.Replace(goodPHC, "c29tZXNhbHQ", "c29tZXNhbHR", 1),
	strings.Replace(
		goodPHC, "c29tZXNhbHQ", "c29tZ\nXNhbHQ", 1,
	), strings.Replace(goodPHC, "c29tZXNhbHQ", "c29tZXNhbA", 1),
	strings.Replace(goodPHC, "c29tZXNhbHQ", strings.Repeat("AAAA", 22), 1), strings.Replace(goodPHC, "nf65", "!f65", 1),
	goodPHC[:strings.LastIndex(goodPHC, "$")+1] + "AAAAAAAAAAAAAAAAAAAA", goodPHC + "\n", " " + goodPHC, goodPHC + "$",
}

func TestSec_PW08_StoredParametersAreBoundedBeforeAnyWork(t *testing.T) {
	t.Parallel()
	h, ok := parsePHC(goodPHC)
	if !ok || !h.match("password") || h.match("passwort") {
		t.Fatalf("reference vector: parsed %v", ok)
	}
	for _, s := range badPHC {
		if _, ok := parsePHC(s); ok {
			t.Errorf("accepted %q", s)
		}
	}
	most := argonHash{Params{maxMemoryKiB, maxIterations, maxParallelism}, make([]byte, maxSalt), make([]byte, maxTag)}
	if _, ok := parsePHC(most.String()); !ok {
		t.Error("refused the upper bounds")
	}
	if _, ok := parsePHC("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"); !ok {
		t.Error("refused the lower bounds")
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add(goodPHC)
	for _, s := range badPHC {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, ok := parsePHC(s)
		if !ok {
			return
		}
		if h.String() != s {
			t.Fatalf("%q is read as %q", s, h)
		}
		if err := h.validate(); err != nil {
			t.Fatal(err)
		}
		if h.MemoryKiB <= 64 {
			h.match("x") // must not panic
		}
	})
}

func FuzzParseLegacy(f *testing.F) {
	for _, s := range []string{
		"$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS",
		"$scrypt$ln=10,r=8,p=1$8PHy8/T19vf4+fr7/P3+/w$zdWXfebW48qpDIyV/OsnYx1cVBOtqx9sY7UkdRUaRn8",
		"scrypt:1024:8:1$salt$" + strings.Repeat("0", 128), strings.Repeat("0", 32) + ":" + strings.Repeat("0", 128),
		"pbkdf2_sha1$1000$seasaltseasalt12$itKxfY4viP3G7wu7jvrbge0lerY=",
		"$pbkdf2$1000$8PHy8/T19vf4.fr7/P3./w$2DNX40nbdH77gy40BOl7GYl.sJg",
		"pbkdf2:sha1:1000$Xk3fPq9ZtLm2Rv7c$892c8be2c18f05e453b204976ae6b8459d537c74", "argon2" + goodPHC,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		old, ok := parseLegacy(s)
		if !ok {
			return
		}
		switch h := old.(type) {
		case scryptHash:
			if 128*h.n*h.r > maxScryptMemory || !h.bounded() {
				t.Fatalf("%q: %+v", s, h)
			}
			if 128*h.n*h.r*h.p > 1<<20 {
				return
			}
		case pbkdf2Hash:
			if h.rounds < 1 || h.rounds > maxRounds {
				t.Fatalf("%q: %d rounds", s, h.rounds)
			}
			if h.rounds > 1000 {
				return
			}
		case argonHash:
			if h.MemoryKiB > 64 {
				return
			}
		case bcryptHash:
			if h[4] != '0' || h[5] > '4' {
				return
			}
		}
		old.match("x") // must not panic
	})
}
