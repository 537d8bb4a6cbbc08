package password_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth/password"
)

const horse = "correct horse battery"

// vectors are hashes of the password horse, made by other implementations: OpenSSL (PBKDF2,
// scrypt) and libxcrypt (bcrypt).
var vectors = map[string]string{
	"bcrypt 2a":      "$2a$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS",
	"bcrypt 2b":      "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS",
	"bcrypt 2y":      "$2y$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS",
	"passlib sha1":   "$pbkdf2$1000$8PHy8/T19vf4.fr7/P3./w$2DNX40nbdH77gy40BOl7GYl.sJg",
	"passlib sha256": "$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$99bV.pKqUWKQUi1d2HhkR3ILvGqybbv4Jxx1sMp8D6s",

	"passlib sha512":  "$pbkdf2-sha512$1000$8PHy8/T19vf4.fr7/P3./w$hWACBuAy41PVaxHMuJVNcqtn6FQe.C1dQ2Bt7XPgCBGLkHEHHdKxW4fzTWC2O9wKVcIX9e3QYMxwnO23HUbLDg",
	"passlib scrypt":  "$scrypt$ln=10,r=8,p=1$8PHy8/T19vf4+fr7/P3+/w$zdWXfebW48qpDIyV/OsnYx1cVBOtqx9sY7UkdRUaRn8",
	"django sha1":     "pbkdf2_sha1$1000$seasaltseasalt12$itKxfY4viP3G7wu7jvrbge0lerY=",
	"django sha256":   "pbkdf2_sha256$1000$seasaltseasalt12$XgK9hXrmA5BrBWrwKsx4LePh83wL0SdyuAIjT42gvoA=",
	"werkzeug sha1":   "pbkdf2:sha1:1000$Xk3fPq9ZtLm2Rv7c$892c8be2c18f05e453b204976ae6b8459d537c74",
	"werkzeug sha256": "pbkdf2:sha256:1000$Xk3fPq9ZtLm2Rv7c$ed0f4496c8fb967caa6f62ee13a0985a1fdec0611c5d31903df0067c7a3aeb7f",
	"werkzeug sha512": "pbkdf2:sha512:1000$Xk3fPq9ZtLm2Rv7c$cc59612d776f3d09e950c30d4f9df89ccda60ae4bac12423103ada8cd06c91e31d984ac0f4aa52e2735dffc585fab87e34c747f2c1af19765c4397cff04b2d06",
	"werkzeug scrypt": "scrypt:1024:8:1$Xk3fPq9ZtLm2Rv7c$9ce11c5d0a7073b2cc916704b7e37323eab14adf399ebd14cd6670294e33e06222fba6a8111b21eea75f47fe5135376980ac426deb556bd70003df2e54f07857",
}

// published holds vectors from the documents and test suites of their formats.
var published = []struct{ stored, pw string }{
	{"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
	{"$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44", "password"},
	{"$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E", "password"},
	// RFC 7914
	{"$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA", "password"},
	{"argon2$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"},
	{"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
	// better-auth: the password is "ﬁne ① horse" with a ligature and a circled digit.
	{"00112233445566778899aabbccddeeff:64607fd786f34d2e7e8ee45ac279128e3bbc4fdee8b75e9234917805ebcc1e62cd8ff7406311178eba97b715fde03cf3f40c4276ff4ba5404046d2b9611cb26b", "\ufb01ne \u2460 horse"},
	{"00112233445566778899aabbccddeeff:64607fd786f34d2e7e8ee45ac279128e3bbc4fdee8b75e9234917805ebcc1e62cd8ff7406311178eba97b715fde03cf3f40c4276ff4ba5404046d2b9611cb26b", "fine 1 horse"},
}

func TestSec_PW10_LegacyHashesVerifyAndAskForRehash(t *testing.T) {
	t.Parallel()
	h := newHasher(t, password.Config{
		Params: password.Params{MemoryKiB: 256, Iterations: 3, Parallelism: 1}, AllowWeakParams: true,
	})
	cases := slices.Clone(published)
	for _, stored := range vectors {
		cases = append(cases, struct{ stored, pw string }{stored, horse})
	}
	for _, c := range cases {
		if !h.Recognised(c.stored) {
			t.Errorf("%q is not recognised", c.stored)
		}
		if r := verify(t, h, c.stored, c.pw); r != (password.Result{Match: true, Rehash: true}) {
			t.Errorf("%q: %+v", c.stored, r)
		}
		for _, wrong := range []string{"", c.pw + " ", strings.ToUpper(c.pw) + "x", strings.Repeat("x", 1025)} {
			if r := verify(t, h, c.stored, wrong); r != (password.Result{}) {
				t.Errorf("%q matches %.40q: %+v", c.stored, wrong, r)
			}
		}
	}
}

func TestSec_PW10_BcryptNeverMatchesInputThatItWouldCutOff(t *testing.T) {
	t.Parallel()
	h := newHasher(t, cheap)
	pw := strings.Repeat("a", 72)
	stored := "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe"
	if !verify(t, h, stored, pw).Match {
		t.Error("72 bytes do not match")
	}
	for _, more := range []string{"a", "b", strings.Repeat("a", 900)} {
		if r := verify(t, h, stored, pw+more); r != (password.Result{}) {
			t.Errorf("%d bytes: %+v", len(pw+more), r)
		}
	}
}

func TestSec_PW10_LegacyParametersAreBounded(t *testing.T) {
	t.Parallel()
	h := newHasher(t, cheap)
	for _, c := range []struct{ of, old, new string }{
		{"bcrypt 2b", "$04$", "$15$"}, {"bcrypt 2b", "$04$", "$31$"}, {"bcrypt 2b", "$04$", "$03$"}, {"bcrypt 2b", "$04$", "$+4$"},
		{"bcrypt 2b", "$2b$", "$2x$"}, {"bcrypt 2b", "$2b$", "$2$"}, {"bcrypt 2b", "abc", "a c"}, {"bcrypt 2b", "abc", "abcd"},
		{"passlib scrypt", "ln=10", "ln=19"}, {"passlib scrypt", "ln=10", "ln=0"}, {"passlib scrypt", "ln=10", "ln=64"},
		{"passlib scrypt", "r=8", "r=0"}, {"passlib scrypt", "p=1", "p=0"}, {"passlib scrypt", "p=1", "p=513"}, {"passlib scrypt", "r=8", "r=4294967295"},
		{"werkzeug scrypt", ":1024:", ":1023:"}, {"werkzeug scrypt", ":1024:", ":1:"}, {"werkzeug scrypt", ":1024:", ":2147483648:"},
		{"werkzeug scrypt", ":8:1", ":8"}, {"werkzeug scrypt", "9ce1", "9CE1"}, {"werkzeug scrypt", "9ce1", "9c"},
		{"passlib sha256", "$1000$", "$0$"}, {"passlib sha256", "$1000$", "$4000001$"}, {"passlib sha256", "$1000$", "$-1$"},
		{"passlib sha256", "sha256", "md5"}, {"passlib sha256", "8PHy", "8+Hy"}, {"passlib sha256", "99bV", "bV"},
		{"django sha256", "$1000$", "$01000$"}, {"django sha256", "seasaltseasalt12", ""}, {"django sha256", "XgK9", "XgK9XgK9"},
		{"django sha256", "oA=", "oA"}, {"django sha256", "seasalt", strings.Repeat("seasalt", 20)},
		{"werkzeug sha256", "sha256", "sha3_256"}, {"werkzeug sha256", ":1000", ""}, {"werkzeug sha256", "ed0f", "ed0fed0f"},
	} {
		stored := strings.Replace(vectors[c.of], c.old, c.new, 1)
		if stored == vectors[c.of] {
			t.Fatalf("%s does not contain %q", c.of, c.old)
		}
		if _, err := h.Verify(t.Context(), stored, horse); !errors.Is(err, password.ErrUnknownHash) ||
			h.Recognised(stored) {
			t.Errorf("%q: %v", stored, err)
		}
	}
}

func TestLegacyVerifierOfTheHostIsAsked(t *testing.T) {
	t.Parallel()
	cfg := cheap
	cfg.LegacyVerifier = plain{}
	h := newHasher(t, cfg)
	if !h.Recognised("plain:x") || h.Recognised("other:x") {
		t.Error("Recognised does not ask the verifier")
	}
	if r := verify(t, h, "plain:\u00e9", "e\u0301"); r != (password.Result{Match: true, Rehash: true}) {
		t.Errorf("%+v", r)
	}
	if r := verify(t, h, "plain:x", "y"); r != (password.Result{}) {
		t.Errorf("%+v", r)
	}
	if _, err := h.Verify(t.Context(), "plain:x", "fail"); !errors.Is(err, errPlain) {
		t.Errorf("error %v", err)
	}
}
