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
// The rules stop theft of codes from the database (letters are sealed), from logs (a [Letter]
// and a [Message] print no secrets) and from files (only their owner can read them); header
// fields or recipients that a name or an address smuggles in; and finding out by timing which
// addresses have accounts ([Letter].Decoy).
package mail
