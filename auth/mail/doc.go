// Package mail is where mail goes when no server sends it: to a terminal, to a folder, or to
// memory.
//
// # Start here
//
//	auth.Config{Mailer: mail.Console(os.Stdout)}     // development: codes appear in the terminal
//	auth.Config{Mailer: mail.Files{Dir: "mail"}}     // one file for each mail
//	box := mail.NewMemory()                          // tests: box.Last("ada@example.org")
//
// Mail over SMTP is the module auth/mail/smtpmail. A host's own mail.Mailer needs nothing from
// here; [Message] gives it the bytes that mail servers take.
//
// # Owns and does not own
//
// The package owns the form of a message (RFC 5322) and where it is put. What mails say, when
// they are sent and how often they are tried is package auth's.
//
// # Concurrency
//
// Every Mailer here is safe for concurrent use.
//
// # What each rule stops
//
//   - Header fields are encoded (RFC 2047) and an address or a subject with a line break is
//     refused: nobody adds header fields or recipients by a name or an address.
//   - Files are readable by their owner alone and appear whole under their name: codes are
//     secrets, and half a mail is none.
//
// # Stability
//
// The text of mails is made for people; the text/plain part comes first, and its lines are not
// broken as long as they are ASCII.
package mail
