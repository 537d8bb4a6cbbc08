package mail

import (
	"errors"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"
	"time"
)

// Template is the wording of a kind. Subject and Text are templates of package text/template,
// HTML is one of package html/template, which escapes. All of them are given a Data.
type Template struct {
	Subject, Text, HTML string
}

// Data is what templates are given. Whoever made the host send the letter has chosen nothing in
// it but Inviter and To.
type Data struct {
	Site    string // the name of the host
	URL     string // Config.URL
	To      string // the address that the letter goes to
	Code    string // XXXX-XXXX; empty for none
	Link    string // a page, with a one-time token in the fragment; empty for none
	Expires string // how long code and link are valid, such as "10 minutes"; empty without them
	IP      string // where the letter was asked for; empty if that is unknown or not kept
	Inviter string // username of whoever invites or shares; empty for the host itself
}

// composer is a parsed Template.
type composer struct {
	subject, text *text.Template
	html          *html.Template
}

// composers parses the host's templates, and the default ones of all other kinds, and tries
// each of them.
func composers(host map[Kind]Template) (map[Kind]composer, error) {
	out := map[Kind]composer{}
	var errs []error
	for kind, w := range wording {
		t, own := host[kind]
		if !own {
			t = w.template()
		}
		c, err := t.compile()
		if err == nil {
			_, err = c.compose(Data{
				Site: "Site", URL: "https://app.example", To: "a@app.example", Code: "BCDF-GHJK",
				Link: "https://app.example/#token=x", Expires: "10 minutes", IP: "192.0.2.1", Inviter: "ada",
			})
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("mail %s: %w", kind, err))
		}
		out[kind] = c
	}
	for kind := range host {
		if _, known := wording[kind]; !known {
			errs = append(errs, fmt.Errorf("mail %q: unknown kind", kind))
		}
	}
	return out, errors.Join(errs...)
}

func (t Template) compile() (c composer, err error) {
	if t.Subject == "" || t.Text == "" || t.HTML == "" {
		return c, errors.New("subject, text and HTML are required")
	}
	var errs [3]error
	c.subject, errs[0] = text.New("subject").Parse(t.Subject)
	c.text, errs[1] = text.New("text").Parse(t.Text)
	c.html, errs[2] = html.New("html").Parse(t.HTML)
	return c, errors.Join(errs[:]...)
}

// compose makes a message from a template.
func (c composer) compose(d Data) (m Message, err error) {
	var subject, body, page strings.Builder
	if err := errors.Join(
		c.subject.Execute(&subject, d), c.text.Execute(&body, d), c.html.Execute(&page, d),
	); err != nil {
		return Message{}, fmt.Errorf("compose mail: %w", err)
	}
	m.Subject, m.Text, m.HTML = OneLine(strings.TrimSpace(subject.String())), body.String(), page.String()
	return m, nil
}

// OneLine makes text from outside fit to be kept and shown: valid UTF-8 in one line, without
// control characters of ASCII, at most 255 bytes.
func OneLine(text string) string {
	const most = 255
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

const day = 24 * time.Hour

// span writes a duration in words, in the largest unit that divides it.
func span(d time.Duration) string {
	unit, name := time.Minute, "minute"
	switch {
	case d >= day && d%day == 0:
		unit, name = day, "day"
	case d >= time.Hour && d%time.Hour == 0:
		unit, name = time.Hour, "hour"
	}
	if n := max(1, int64(d/unit)); n > 1 {
		return fmt.Sprintf("%d %ss", n, name)
	}
	return "1 " + name
}
