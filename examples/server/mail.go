package main

import (
	"io"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// mailFlag says where to send mail. It may contain a password, so it is never printed.
type mailFlag struct {
	Mail string `name:"mail" env:"HALLPASS_MAIL,HALLPASS_SMTP_URL" placeholder:"WHERE" help:"Where to send mail: console, file:DIR, or a smtp:// or smtps:// URL, with ?from=ADDRESS for the sender. None by default."`
}

func (f mailFlag) mailer(out io.Writer) (m mail.Mailer, from string, err error) {
	return host.Mailer(f.Mail, out)
}
