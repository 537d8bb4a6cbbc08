package auth

import (
	"errors"
	"fmt"
	html "html/template"
	"slices"
	"strings"
	text "text/template"
	"time"
)

// MailKind says what a mail is about.
type MailKind string

// The kinds. The first four carry a code, most of them a link beside it.
const (
	MailSignIn          MailKind = "sign_in"          // to sign in
	MailVerifyEmail     MailKind = "verify_email"     // to prove an address
	MailResetPassword   MailKind = "reset_password"   // to set a new password; only a link when a manager sends it
	MailChangeEmail     MailKind = "change_email"     // to prove the address that an account changes to
	MailInvitation      MailKind = "invitation"       // to make an account, or take over one that was made
	MailAccountExists   MailKind = "account_exists"   // somebody wanted an account with an address that has one
	MailEmailChanging   MailKind = "email_changing"   // to the old address, when a change begins
	MailEmailChanged    MailKind = "email_changed"    // to both addresses, when it ends
	MailPasswordChanged MailKind = "password_changed" // after each change
	MailSessionEnded    MailKind = "session_ended"    // a used refresh token came back
	MailApproved        MailKind = "approved"         // a manager approved the account
	MailShareOffered    MailKind = "share_offered"    // somebody shares with an address; the link accepts it
)

// MailTemplate is the wording of a kind: templates of package text/template, and of
// html/template for HTML, which escapes. They are given a MailData.
type MailTemplate struct {
	Subject, Text, HTML string
}

// MailData is what templates are given. Nothing in it was chosen by whoever made the service
// send the mail, but for Inviter.
type MailData struct {
	Site    string // its name
	URL     string // Config.BaseURL
	To      string // the address
	Code    string // XXXX-XXXX; empty for none
	Link    string // a page of Config.Links with a one-time token; empty for none
	Expires string // how long code and link count, such as "10 minutes"
	IP      string // whence it was asked for; empty if that is not known or not kept
	Inviter string // username of who invites; empty for the host itself
}

// words are the parts of a default mail, templates as well.
type words struct{ subject, intro, outro string }

const (
	ignore = "If you did not ask for this, ignore this mail: without the code nothing happens. Never give the code to anybody, and type it only at {{.URL}}."
	alarm  = "If this was not you, set a new password and look at your sessions at {{.URL}}."
)

var wording = map[MailKind]words{
	MailSignIn: {
		"Your code for {{.Site}}", "With this code you sign in to {{.Site}}. It counts for {{.Expires}}.", ignore,
	},
	MailVerifyEmail: {"Confirm your address for {{.Site}}",
		"This code confirms that {{.To}} is yours. It counts for {{.Expires}}.", ignore},
	MailResetPassword: {"Set a new password for {{.Site}}",
		"This lets you set a new password for your account at {{.Site}}. It counts for {{.Expires}}.",

		"If you did not ask for this, ignore this mail: your password stays as it is. Never give code or link to anybody."},
	MailChangeEmail:     {"Confirm your new address for {{.Site}}", "This code makes {{.To}} the address of your account at {{.Site}}. Type it where you asked for the change. It counts for {{.Expires}}.", ignore},
	MailInvitation:      {"Your invitation to {{.Site}}", "{{if .Inviter}}{{.Inviter}} invites you{{else}}You are invited{{end}} to {{.Site}}. The link counts for {{.Expires}}, once.", "If you do not want an account there, ignore this mail."},
	MailAccountExists:   {"Your account at {{.Site}}", "Somebody, perhaps you, wanted to use {{.To}} for an account at {{.Site}}. There is one with this address already: sign in, or set a new password, at {{.URL}}.", "If this was not you, ignore this mail: nothing has changed."},
	MailEmailChanging:   {"Your address at {{.Site}} is to change", "Somebody who is signed in to your account at {{.Site}} wants to change its address from {{.To}} to another one.", alarm},
	MailEmailChanged:    {"The address of your account at {{.Site}} has changed", "The address of your account at {{.Site}} has been changed.", alarm},
	MailPasswordChanged: {"Your password at {{.Site}} has changed", "The password of your account at {{.Site}} has been changed, and other sessions have ended.", alarm},
	MailSessionEnded:    {"A session at {{.Site}} was ended", "A token of one of your sessions at {{.Site}} was used twice, as happens when it is stolen. That session has ended.", alarm},
	MailShareOffered:    {"Something is shared with you at {{.Site}}", "{{if .Inviter}}{{.Inviter}} shares something with you at {{.Site}}{{else}}Something is shared with you at {{.Site}}{{end}}. To take it, sign in with {{.To}} and open this link. It counts for {{.Expires}}.", "If you do not want it, ignore this mail: nothing happens."},
	MailApproved:        {"Your account at {{.Site}} is ready", "Your account at {{.Site}} has been approved: you can sign in at {{.URL}}.", "If you do not know of this account, ignore this mail."},
}

// template puts the parts together.
func (w words) template() MailTemplate {
	return MailTemplate{
		Subject: w.subject,
		Text: w.intro + "\n\n{{if .Code}}    {{.Code}}\n\n{{end}}{{if .Link}}{{if .Code}}Or open this page, on the device that you want to use:\n{{end}}{{.Link}}\n\n{{end}}" +
			"{{if .IP}}Asked for from {{.IP}}.\n{{end}}" + w.outro + "\n",
		HTML: "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + w.subject + "</title></head><body>\n<p>" + w.intro + "</p>\n" +
			"{{if .Code}}<p style=\"font-size:1.6em\"><b>{{.Code}}</b></p>\n{{end}}" +
			"{{if .Link}}<p>{{if .Code}}Or open this page, on the device that you want to use: {{end}}<a href=\"{{.Link}}\">{{.Link}}</a></p>\n{{end}}" +
			"{{if .IP}}<p>Asked for from {{.IP}}.</p>\n{{end}}<p>" + w.outro + "</p>\n</body></html>\n",
	}
}

// composer is a parsed MailTemplate.
type composer struct {
	subject, text *text.Template
	html          *html.Template
}

// composers parses the wording, the host's where it has one, and tries it out.
func composers(host map[MailKind]MailTemplate) (map[MailKind]composer, error) {
	out := map[MailKind]composer{}
	var errs []error
	for kind, w := range wording {
		t, own := host[kind]
		if !own {
			t = w.template()
		}
		c, err := t.compile()
		if err == nil {
			sample := MailData{"Site", "https://app.example", "a@app.example", "BCDF-GHJK", "https://app.example/#token=x", "10 minutes", "192.0.2.1", "ada"}
			_, err = c.compose(sample)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("mail %s: %w", kind, err))
		}
		out[kind] = c
	}
	for kind := range host {
		if _, known := wording[kind]; !known {
			errs = append(errs, fmt.Errorf("mail %q: there is no such kind", kind))
		}
	}
	return out, errors.Join(errs...)
}

func (t MailTemplate) compile() (c composer, err error) {
	if t.Subject == "" || t.Text == "" || t.HTML == "" {
		return c, errors.New("subject, text and HTML are required")
	}
	var errs [3]error
	c.subject, errs[0] = text.New("subject").Parse(t.Subject)
	c.text, errs[1] = text.New("text").Parse(t.Text)
	c.html, errs[2] = html.New("html").Parse(t.HTML)
	return c, errors.Join(errs[:]...)
}

// compose fills in a mail. A subject is one line, whatever a name in it holds.
func (c composer) compose(d MailData) (m Mail, err error) {
	var subject, body, page strings.Builder
	if err := errors.Join(c.subject.Execute(&subject, d), c.text.Execute(&body, d), c.html.Execute(&page, d)); err != nil {
		return Mail{}, fmt.Errorf("compose mail: %w", err)
	}
	m.Subject, m.Text, m.HTML = clipText(strings.TrimSpace(subject.String())), body.String(), page.String()
	return m, nil
}

// span says a duration in words.
func span(d time.Duration) string {
	units := []struct {
		of   time.Duration
		name string
	}{{day, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}}
	i := slices.IndexFunc(units, func(u struct {
		of   time.Duration
		name string
	}) bool {
		return d >= u.of && d%u.of == 0
	})
	if i < 0 {
		i = len(units) - 1
	}
	n := max(1, int64(d/units[i].of))
	if n == 1 {
		return "1 " + units[i].name
	}
	return fmt.Sprintf("%d %ss", n, units[i].name)
}
