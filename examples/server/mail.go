package main

import (
	"io"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// mailFlag says where mail goes. There may be a password in it, so it is never shown.
type mailFlag struct {
	Mail string `name:"mail" env:"HALLPASS_MAIL,HALLPASS_SMTP_URL" placeholder:"WHERE" help:"Where mail goes: console, file:DIR, or a smtp:// or smtps:// URL, there with ?from=ADDRESS for the sender. None by default."`
}

func (f mailFlag) mailer(out io.Writer) (m mail.Mailer, from string, err error) {
	return host.Mailer(f.Mail, out)
}
