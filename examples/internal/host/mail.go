package host

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

// Mailer is what the flag --mail means, with the sender's address if it names one; nil for an empty one. There may be a password in it, so errors
// do not repeat it.
func Mailer(where string, console io.Writer) (m auth.Mailer, from string, err error) {
	dir, isFile := strings.CutPrefix(where, "file:")
	switch {
	case where == "":
		return nil, "", nil
	case where == "console":
		return mail.Console(console), "", nil
	case isFile && dir != "":
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, "", fmt.Errorf("--mail: %w", err)
		}
		return mail.Files{Dir: dir}, "", nil
	case strings.HasPrefix(where, "smtp://"), strings.HasPrefix(where, "smtps://"):
		where, from, err := senderOf(where)
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
