// Package smtpmail sends mail over SMTP. It is a module of its own, so that hosts without it
// carry none of its dependencies.
//
// # Start here
//
//	mailer, err := smtpmail.Open("smtp://user:password@mail.example:587")
//	accounts, err := auth.New(st.Auth(), auth.Config{Mailer: mailer, MailFrom: "accounts@app.example"})
//	go accounts.Run(ctx) // sends
//
// # Owns and does not own
//
// The package owns the way to one server: encryption, sign-in, and what its answers mean. What
// mails say, and how often they are tried, is package auth's.
//
// # Concurrency
//
// A [Mailer] is immutable and safe for concurrent use; each mail has a connection of its own.
//
// # What each rule stops
//
//   - Encryption is demanded, by STARTTLS or from the first byte, except on the loopback or
//     where it is switched off by name: nobody on the way reads codes or the password.
//   - Errors carry the server's code and not its text, which likes to repeat the address.
//
// # Stability
//
// The parameters of the URL are stable.
package smtpmail
