package httpadapter

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"strings"
)

//go:embed link.html
var linkHTML string

//go:embed link.css
var linkCSS string

//go:embed link.js
var linkJS string

// linkPage is the page that mailed links open, unless the host has pages of its own.
type linkPage struct {
	body   []byte
	policy string // its Content-Security-Policy
}

// linkRoute serves the page. Opening it does nothing: the token stays in the browser until the
// person presses a button. So programs that follow links in mails do not use them up.
func linkRoute() route {
	return route{method: "GET", path: "/link", access: public, status: 200, raw: true,
		summary: "Page that mailed links open",
		handler: on(func(c *call, _ none) (none, error) {
			header := c.w.Header()
			header.Set("Content-Type", "text/html; charset=utf-8")
			header.Set("Content-Security-Policy", c.h.link.policy)
			header.Set("Referrer-Policy", "no-referrer")
			_, _ = c.w.Write(c.h.link.body) // fails if the client is gone
			return none{}, nil
		})}
}

// newLinkPage renders the page. Its policy allows just its own script and style, by their
// hashes.
func newLinkPage() (linkPage, error) {
	page, err := template.New("link").Parse(linkHTML)
	if err != nil {
		return linkPage{}, err
	}
	var out strings.Builder
	if err := page.Execute(&out, map[string]any{"CSS": template.CSS(linkCSS), "JS": template.JS(linkJS)}); err != nil {
		return linkPage{}, err
	}
	return linkPage{[]byte(out.String()), "default-src 'none'; script-src " + hashOf(linkJS) + "; style-src " +
		hashOf(linkCSS) +
		"; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}, nil
}

// hashOf returns the source expression of an inline script or style (Content Security Policy
// level 3, section 2.3.1).
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
