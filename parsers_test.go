package hallpass_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// parserName is how functions that read text from outside are called here.
var parserName = regexp.MustCompile(
	`(?m)^func (?:\([^)]*\) )?((?:Parse|Verify|parse|clean|decode)[A-Za-z0-9]*|EmailKey|asciiUsername|displayName)\(`,
)

// Every parser of text from outside is reached by a fuzz target of its package, and a new one
// needs a line here that says by which.
func TestSec_IO03_ParsersAreFuzzed(t *testing.T) {
	t.Parallel()
	by := map[string]string{
		"scopes Parse": "FuzzParse", "scopes ParseAll": "FuzzParse",
		"auth/token Parse": "FuzzParse", "auth/token Verify": "FuzzVerify", "auth/token parseHeader": "FuzzVerify",
		"auth/token parseClaims":    "FuzzVerify",
		"auth/token decode":         "FuzzVerify",
		"auth/password parsePHC":    "FuzzParsePHC",
		"auth/password parseLegacy": "FuzzParseLegacy",
		"auth/password Verify":      "FuzzVerifyExact",
		"auth/password VerifyDummy": "FuzzVerifyExact",
		"auth EmailKey":             "FuzzEmail",
		"auth asciiUsername":        "FuzzUsername",
		"auth displayName":          "FuzzDisplayName",
		"auth parseSettings":        "", // of our own making
		"auth parseScopes":          "", // scopes.Parse reads them
		"auth VerifyEmail":          "", // token.Parse reads what it is given
		"httpadapter cleanJSON":     "FuzzCleanJSON",
		"httpadapter cleanValue":    "FuzzCleanJSON",
		"httpadapter cleanPath":     "", // a loop over segments
		"httpadapter parseHop":      "", // net/netip reads it
	}
	for _, dir := range []string{"scopes", "auth", "auth/token", "auth/password", "httpadapter"} {
		source, tests := read(t, dir)
		for _, m := range parserName.FindAllStringSubmatch(source, -1) {
			target, known := by[dir+" "+m[1]]
			if dir == "auth/password" && !known && legacyForm(m[1]) {
				target, known = "FuzzParseLegacy", true
			}
			if !known {
				t.Errorf("%s: say here which fuzz target reaches %s", dir, m[1])
			}
			if target != "" && !strings.Contains(tests, "func "+target+"(f *testing.F)") {
				t.Errorf("%s: there is no %s", dir, target)
			}
		}
	}
}

// legacyForm tells the parsers that parseLegacy calls.
func legacyForm(name string) bool {
	return slices.ContainsFunc([]string{
		"parseBcrypt", "parseScrypt", "parsePBKDF2", "parseCosts", "parseUint", "decodeBase64", "decodeHex",
	}, func(p string) bool {
		return strings.HasPrefix(name, p)
	})
}

// read gives the sources and the tests of a package.
func read(t *testing.T, dir string) (source, tests string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(dir, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, "_test.go") {
			tests += string(text)
		} else {
			source += string(text)
		}
	}
	return source, tests
}
