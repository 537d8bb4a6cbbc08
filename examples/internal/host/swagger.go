package host

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"

	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"
)

var inlineScript = regexp.MustCompile(`(?s)<script>(.*?)</script>`)

// SwaggerUI serves Swagger UI at /docs for the description at the path spec. Its page has
// inline scripts. The policy names their hashes and allows no other script. The styles are set
// on single elements, which hashes can't name.
func SwaggerUI(title, spec string) (http.Handler, error) {
	ui := v5emb.NewHandlerWithConfig(swgui.Config{Title: title, SwaggerJSON: spec, BasePath: "/docs/", HideCurl: true})
	page := httptest.NewRecorder()
	ui.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/docs/", nil))
	html := page.Body.String()
	scripts := hashes(inlineScript, html)
	if scripts == "" {
		return nil, fmt.Errorf("page of Swagger UI has no script: status %d", page.Code)
	}
	policy := "default-src 'none'; connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; " +
		"form-action 'none'; frame-ancestors 'none'" +
		"; script-src 'self'" + scripts + "; style-src 'self' 'unsafe-inline'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		switch r.URL.Path {
		case "/docs":
			r.URL.Path = "/docs/"
		case "/docs/oauth2-redirect":
			r.URL.Path += ".html"
		}
		ui.ServeHTTP(w, r)
	}), nil
}

func hashes(tag *regexp.Regexp, html string) string {
	var out strings.Builder
	for _, m := range tag.FindAllStringSubmatch(html, -1) {
		sum := sha256.Sum256([]byte(m[1]))
		out.WriteString(" 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	return out.String()
}
