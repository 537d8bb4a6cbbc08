package host

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// The page of Swagger UI can run the scripts that its policy names, and no others.
func TestSwaggerPolicy(t *testing.T) {
	t.Parallel()
	h, err := SwaggerUI("hallpass", "/auth/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/docs", nil))
	var scripts string
	for part := range strings.SplitSeq(w.Header().Get("Content-Security-Policy"), "; ") {
		if rest, ok := strings.CutPrefix(part, "script-src "); ok {
			scripts = rest
		}
	}
	inline := inlineScript.FindAllStringSubmatch(w.Body.String(), -1)
	if len(inline) == 0 || strings.Count(scripts, "'sha256-") != len(inline) || strings.Contains(scripts, "unsafe") {
		t.Errorf("%d scripts in the page, policy %s", len(inline), scripts)
	}
	if regexp.MustCompile(`(?i)<script [^>]*src="https?:|\son[a-z]+="|javascript:`).MatchString(w.Body.String()) {
		t.Error("the page has a script that the policy does not name")
	}
	if !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("the policy is open by default")
	}
}
