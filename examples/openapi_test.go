package examples

import (
	"net/http/httptest"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Tools can read the description of the API.
func TestOpenAPIIsValid(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	library().ServeHTTP(w, httptest.NewRequest("GET", "/auth/openapi.json", nil))
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if doc.Paths.Len() < 20 {
		t.Errorf("%d paths", doc.Paths.Len())
	}
}
