package mail

// Kind says what a letter is about.
type Kind string

// The kinds. Those with a code have a link beside it, except ChangeEmail.
const (
	SignIn          Kind = "sign_in"          // code: to sign in
	VerifyEmail     Kind = "verify_email"     // code: to prove an address
	ResetPassword   Kind = "reset_password"   // code: to set a new password; only a link when a manager sends it
	ChangeEmail     Kind = "change_email"     // code: to prove the address that an account changes to
	Invitation      Kind = "invitation"       // link: to make an account, or take over one that was made
	ShareOffered    Kind = "share_offered"    // link: somebody shares with an address
	AccountExists   Kind = "account_exists"   // somebody wanted an account with an address that has one
	EmailChanging   Kind = "email_changing"   // to the old address, when a change begins
	EmailChanged    Kind = "email_changed"    // to both addresses, when it ends
	PasswordChanged Kind = "password_changed" // after each change
	SessionEnded    Kind = "session_ended"    // a used refresh token came back
	Approved        Kind = "approved"         // a manager approved the account
)

// words are the parts of a default letter: templates that are given a Data. Code and link come
// between intro and outro.
type words struct{ subject, intro, outro string }

// What letters say when nobody asked for them.
const (
	ignore = "If you did not ask for this, ignore this mail: without the code nothing happens. " +
		"Never give the code to anybody, and type it only at {{.URL}}."
	alarm = "If this was not you, set a new password and look at your sessions at {{.URL}}."
)

// wording is the text of each kind.
var wording = map[Kind]words{
	SignIn: {
		"Your code for {{.Site}}",
		"With this code you sign in to {{.Site}}. It counts for {{.Expires}}.",
		ignore,
	},
	VerifyEmail: {
		"Confirm your address for {{.Site}}",
		"This code confirms that {{.To}} is yours. It counts for {{.Expires}}.",
		ignore,
	},
	ResetPassword: {
		"Set a new password for {{.Site}}",
		"This lets you set a new password for your account at {{.Site}}. It counts for {{.Expires}}.",
		"If you did not ask for this, ignore this mail: your password stays as it is. " +
			"Never give code or link to anybody.",
	},
	ChangeEmail: {
		"Confirm your new address for {{.Site}}",
		"This code makes {{.To}} the address of your account at {{.Site}}. " +
			"Type it where you asked for the change. It counts for {{.Expires}}.",
		ignore,
	},
	Invitation: {
		"Your invitation to {{.Site}}",
		"{{if .Inviter}}{{.Inviter}} invites you{{else}}You are invited{{end}} to {{.Site}}. " +
			"The link counts for {{.Expires}}, once.",
		"If you do not want an account there, ignore this mail.",
	},
	ShareOffered: {
		"Something is shared with you at {{.Site}}",
		"{{if .Inviter}}{{.Inviter}} shares something with you{{else}}Something is shared with you{{end}} at {{.Site}}. " +
			"To take it, sign in with {{.To}} and open this link. It counts for {{.Expires}}.",
		"If you do not want it, ignore this mail: nothing happens.",
	},
	AccountExists: {
		"Your account at {{.Site}}",
		"Somebody, perhaps you, wanted to use {{.To}} for an account at {{.Site}}. " +
			"There is one with this address already: sign in, or set a new password, at {{.URL}}.",
		"If this was not you, ignore this mail: nothing has changed.",
	},
	EmailChanging: {
		"Your address at {{.Site}} is to change",
		"Somebody who is signed in to your account at {{.Site}} wants to change its address from {{.To}} to another one.",
		alarm,
	},
	EmailChanged: {
		"The address of your account at {{.Site}} has changed",
		"The address of your account at {{.Site}} has been changed.",
		alarm,
	},
	PasswordChanged: {
		"Your password at {{.Site}} has changed",
		"The password of your account at {{.Site}} has been changed, and other sessions have ended.",
		alarm,
	},
	SessionEnded: {
		"A session at {{.Site}} was ended",
		"A token of one of your sessions at {{.Site}} was used twice, as happens when it is stolen. " +
			"That session has ended.",
		alarm,
	},
	Approved: {
		"Your account at {{.Site}} is ready",
		"Your account at {{.Site}} has been approved: you can sign in at {{.URL}}.",
		"If you do not know of this account, ignore this mail.",
	},
}

// template puts the parts together, as text and as HTML.
func (w words) template() Template {
	return Template{
		Subject: w.subject,
		Text: w.intro + "\n\n" +
			"{{if .Code}}    {{.Code}}\n\n{{end}}" +
			"{{if .Link}}{{if .Code}}Or open this page, on the device that you want to use:\n{{end}}{{.Link}}\n\n{{end}}" +
			"{{if .IP}}Asked for from {{.IP}}.\n{{end}}" +
			w.outro + "\n",
		HTML: "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + w.subject +
			"</title></head><body>\n<p>" + w.intro + "</p>\n" +
			"{{if .Code}}<p style=\"font-size:1.6em\"><b>{{.Code}}</b></p>\n{{end}}" +
			"{{if .Link}}<p>{{if .Code}}Or open this page, on the device that you want to use: {{end}}" +
			"<a href=\"{{.Link}}\">{{.Link}}</a></p>\n{{end}}" +
			"{{if .IP}}<p>Asked for from {{.IP}}.</p>\n{{end}}" +
			"<p>" + w.outro + "</p>\n</body></html>\n",
	}
}
