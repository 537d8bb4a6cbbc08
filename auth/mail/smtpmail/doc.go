// Package smtpmail sends mail over SMTP. It is a module of its own, so that other hosts do not
// get its dependencies.
//
//	mailer, err := smtpmail.Open("smtp://user:password@mail.example:587")
//	cfg.Mailer, cfg.MailFrom = mailer, "accounts@app.example" // of auth.Config
//	accounts, err := auth.New(st.Auth(), cfg)
//	go accounts.Run(ctx) // sends
//
// The package owns the connection to one server: encryption, sign-in, and the meaning of the
// server's answers. Package mail decides what mails say and how often they are tried. A
// [Mailer] is immutable and safe for concurrent use. Each mail has its own connection.
//
// Encryption is required, by STARTTLS or from the first byte, so that nobody on the way can
// read codes or the password. The exceptions are the loopback, and a URL that switches it off.
// Errors carry the server's code but not its text, which often repeats the address. The
// parameters of the URL are stable.
package smtpmail
