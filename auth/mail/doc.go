// Package mail is everything about letters to people: their kinds, their wording, the outbox
// that keeps them until they are sent, and the mailers that send them.
//
// A host picks a [Mailer] for auth.Config, and may replace the wording of each [Kind] by a
// [Template]:
//
//	mail.Console(os.Stdout)  // development: prints letters, codes included
//	mail.Files{Dir: "mail"}  // writes each letter to a file
//	smtpmail.Open(url)       // sends by SMTP; a module of its own, auth/mail/smtpmail
//	mail.NewMemory()         // tests
//
// Package auth decides who gets which letter and how many. It calls [Outbox.Post] in the
// transaction that the letter is about, and [Outbox.Run] sends. This package knows no accounts
// and opens no transactions.
//
// A letter is sent at least once, in no particular order, and every attempt has the same ID.
// Any number of replicas may send from one store; each attempt is made by one of them.
//
// Letters hold codes, so they are sealed in the database, a [Letter] or [Message] prints no
// secrets, and only the owner of a file can read it. A name or an address can't add header
// fields or recipients. [Letter].Decoy keeps response times from telling which addresses have
// accounts.
package mail
