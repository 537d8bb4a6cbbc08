package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/mail/smtpmail"
)

// mailFlag says where mail goes. There may be a password in it, so it is never shown.
type mailFlag struct {
	Mail string `name:"mail" env:"HALLPASS_MAIL,HALLPASS_SMTP_URL" placeholder:"WHERE" help:"Where mail goes: console, file:DIR, or a smtp:// or smtps:// URL, there with ?from=ADDRESS for the sender. None by default."`
}

// mailer is what the flag means, with the sender's address if it names one; nil without a flag.
func (f mailFlag) mailer(out io.Writer) (m auth.Mailer, from string, err error) {
	dir, isFile := strings.CutPrefix(f.Mail, "file:")
	switch {
	case f.Mail == "":
		return nil, "", nil
	case f.Mail == "console":
		return mail.Console(out), "", nil
	case isFile && dir != "":
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, "", fmt.Errorf("--mail: %w", err)
		}
		return mail.Files{Dir: dir}, "", nil
	case strings.HasPrefix(f.Mail, "smtp://"), strings.HasPrefix(f.Mail, "smtps://"):
		where, from, err := senderOf(f.Mail)
		if err != nil {
			return nil, "", err
		}
		smtp, err := smtpmail.Open(where)
		if err != nil {
			return nil, "", fmt.Errorf("--mail: %w", err)
		}
		return smtp, from, nil
	}
	return nil, "", errors.New("--mail: use console, file:DIR or a smtp:// URL")
}

// senderOf takes the parameter from out of a URL.
func senderOf(rawURL string) (rest, from string, err error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "", "", errors.New("--mail: not a URL of the form smtp://user:password@host:port") // the error would repeat it
	}
	q := u.Query()
	from = q.Get("from")
	q.Del("from")
	u.RawQuery = q.Encode()
	return u.String(), from, nil
}
