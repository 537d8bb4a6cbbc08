package host

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/mail/smtpmail"
)

// Mailer is the mailer for a flag --mail: console (which is out), file:DIR, or a smtp:// or
// smtps:// URL with an optional ?from=ADDRESS, which is returned as the sender. It is nil for
// an empty flag. Errors do not repeat the flag, because it may contain a password.
func Mailer(where string, out io.Writer) (m mail.Mailer, from string, err error) {
	dir, isFile := strings.CutPrefix(where, "file:")
	switch {
	case where == "":
		return nil, "", nil
	case where == "console":
		return mail.Console(out), "", nil
	case isFile && dir != "":
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, "", fmt.Errorf("--mail: %w", err)
		}
		return mail.Files{Dir: dir}, "", nil
	case strings.HasPrefix(where, "smtp://"), strings.HasPrefix(where, "smtps://"):
		server, from, err := senderOf(where)
		if err != nil {
			return nil, "", err
		}
		smtp, err := smtpmail.Open(server)
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
		// the error of url.Parse would repeat the URL
		return "", "", errors.New("--mail: not a URL of the form smtp://user:password@host:port")
	}
	q := u.Query()
	from = q.Get("from")
	q.Del("from")
	u.RawQuery = q.Encode()
	return u.String(), from, nil
}
