package mail

// Kind says what a letter is about.
type Kind string

// The kinds of letters. Those with a code also have a link, except ChangeEmail.
const (
	SignIn          Kind = "sign_in"          // code: to sign in
	VerifyEmail     Kind = "verify_email"     // code: to prove an address
	ResetPassword   Kind = "reset_password"   // code: to set a new password; only a link if a manager sends it
	ChangeEmail     Kind = "change_email"     // code: to prove the new address of an account
	Invitation      Kind = "invitation"       // link: to make an account, or to take over one that was made
	ShareOffered    Kind = "share_offered"    // link: somebody shares something with an address
	AccountExists   Kind = "account_exists"   // somebody tried to sign up with an address that has an account
	EmailChanging   Kind = "email_changing"   // to the old address, when a change begins
	EmailChanged    Kind = "email_changed"    // to both addresses, when a change is done
	PasswordChanged Kind = "password_changed" // after each change
	SessionEnded    Kind = "session_ended"    // a refresh token was used again
	Approved        Kind = "approved"         // a manager has approved the account
)

// words are the parts of a default letter. Each is a template that is given a Data. Code and
// link stand between intro and outro.
type words struct{ subject, intro, outro string }

// How letters end that nobody may have asked for.
const (
	ignore = "If you did not ask for this, you can ignore this mail. Nothing happens without the code. " +
		"Never give the code to anybody, and type it only at {{.URL}}."
	alarm = "If this was not you, set a new password and check your sessions at {{.URL}}."
)

// wording is the default text of each kind.
var wording = map[Kind]words{
	SignIn: {
		"Your code for {{.Site}}",
		"Use this code to sign in to {{.Site}}. It is valid for {{.Expires}}.",
		ignore,
	},
	VerifyEmail: {
		"Confirm your address for {{.Site}}",
		"This code confirms that {{.To}} is your address. It is valid for {{.Expires}}.",
		ignore,
	},
	ResetPassword: {
		"Set a new password for {{.Site}}",
		"You can now set a new password for your account at {{.Site}}. This is valid for {{.Expires}}.",
		"If you did not ask for this, you can ignore this mail. Your password stays as it is. " +
			"Never give the code or the link to anybody.",
	},
	ChangeEmail: {
		"Confirm your new address for {{.Site}}",
		"This code makes {{.To}} the address of your account at {{.Site}}. " +
			"Type it where you asked for the change. It is valid for {{.Expires}}.",
		ignore,
	},
	Invitation: {
		"Your invitation to {{.Site}}",
		"{{if .Inviter}}{{.Inviter}} invites you{{else}}You are invited{{end}} to {{.Site}}. " +
			"The link works once and is valid for {{.Expires}}.",
		"If you do not want an account, you can ignore this mail.",
	},
	ShareOffered: {
		"Something is shared with you at {{.Site}}",
		"{{if .Inviter}}{{.Inviter}} has shared something with you" +
			"{{else}}Something has been shared with you{{end}} at {{.Site}}. " +
			"To accept it, sign in with {{.To}} and open this link. It is valid for {{.Expires}}.",
		"If you do not want it, you can ignore this mail.",
	},
	AccountExists: {
		"Your account at {{.Site}}",
		"Somebody, perhaps you, tried to use {{.To}} for a new account at {{.Site}}. " +
			"You already have an account with this address. " +
			"You can sign in, or set a new password, at {{.URL}}.",
		"If this was not you, you can ignore this mail. Nothing has changed.",
	},
	EmailChanging: {
		"The address of your account at {{.Site}} is about to change",
		"Somebody who is signed in to your account at {{.Site}} " +
			"has asked to change its address from {{.To}} to another one.",
		alarm,
	},
	EmailChanged: {
		"The address of your account at {{.Site}} has changed",
		"The address of your account at {{.Site}} has been changed.",
		alarm,
	},
	PasswordChanged: {
		"Your password at {{.Site}} has changed",
		"The password of your account at {{.Site}} has been changed. Your other sessions have ended.",
		alarm,
	},
	SessionEnded: {
		"A session at {{.Site}} was ended",
		"A token of one of your sessions at {{.Site}} was used twice. This can mean that it was stolen, " +
			"so the session has been ended.",
		alarm,
	},
	Approved: {
		"Your account at {{.Site}} is ready",
		"Your account at {{.Site}} has been approved. You can sign in at {{.URL}}.",
		"If you do not know of this account, you can ignore this mail.",
	},
}

// device introduces the link of a letter that also has a code.
const device = "Or open this page on the device that you want to use:"

// template puts the parts together, as text and as HTML.
func (w words) template() Template {
	return Template{
		Subject: w.subject,
		Text: w.intro + "\n\n" +
			"{{if .Code}}    {{.Code}}\n\n{{end}}" +
			"{{if .Link}}{{if .Code}}" + device + "\n{{end}}{{.Link}}\n\n{{end}}" +
			"{{if .IP}}This was asked for from {{.IP}}.\n{{end}}" +
			w.outro + "\n",
		HTML: "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + w.subject +
			"</title></head><body>\n<p>" + w.intro + "</p>\n" +
			"{{if .Code}}<p style=\"font-size:1.6em\"><b>{{.Code}}</b></p>\n{{end}}" +
			"{{if .Link}}<p>{{if .Code}}" + device + " {{end}}" +
			"<a href=\"{{.Link}}\">{{.Link}}</a></p>\n{{end}}" +
			"{{if .IP}}<p>This was asked for from {{.IP}}.</p>\n{{end}}" +
			"<p>" + w.outro + "</p>\n</body></html>\n",
	}
}
