package mail

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
	"time"
)

// maxLine is the longest line that may be sent as it is, without its end (RFC 5322 section
// 2.1.1).
const maxLine = 998

// errHeader: such a text could add header fields to a message.
var errHeader = errors.New("address or subject with a control character")

// Encode returns m as RFC 5322 text: multipart/alternative, with text/plain first. Lines end
// with CRLF. It refuses an address, a subject or an ID with control characters. Lines of ASCII
// are not broken, so links stay whole.
func (m Message) Encode() ([]byte, error) {
	for _, text := range []string{m.ID, m.From, m.To, m.Subject} {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return nil, errHeader
		}
	}
	var out bytes.Buffer
	parts := multipart.NewWriter(&out)
	host := m.From[strings.LastIndexByte(m.From, '@')+1:]
	for _, h := range [][2]string{
		{"From", "<" + m.From + ">"}, {"To", "<" + m.To + ">"}, {"Subject", mime.QEncoding.Encode("utf-8", m.Subject)},
		{"Date", m.At.UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + m.ID + "@" + host + ">"},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834: nobody's out-of-office note answers
		{"MIME-Version", "1.0"}, {"Content-Type", "multipart/alternative; boundary=" + parts.Boundary()},
	} {
		fmt.Fprintf(&out, "%s: %s\r\n", h[0], h[1])
	}
	out.WriteString("\r\n")
	for _, p := range [][2]string{{"text/plain", m.Text}, {"text/html", m.HTML}} {
		if err := part(parts, p[0], p[1]); err != nil {
			return nil, err
		}
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// part adds a part, encoded only if it has to be.
func part(parts *multipart.Writer, kind, text string) error {
	encoding := "7bit"
	if !Plain(text) {
		encoding = "quoted-printable"
	}
	w, err := parts.CreatePart(
		textproto.MIMEHeader{"Content-Type": {kind + "; charset=utf-8"}, "Content-Transfer-Encoding": {encoding}},
	)
	if err != nil {
		return err
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	if encoding == "7bit" {
		_, err = w.Write([]byte(text))
		return err
	}
	q := quotedprintable.NewWriter(w)
	if _, err := q.Write([]byte(text)); err != nil {
		return err
	}
	return q.Close()
}

// Plain reports whether a text can be sent without an encoding (RFC 2045 section 2.7): it is
// ASCII, and no line is too long.
func Plain(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > maxLine || strings.ContainsFunc(
			line, func(r rune) bool { return r > 0x7e || r < ' ' && r != '\t' && r != '\r' },
		) {
			return false
		}
	}
	return true
}
