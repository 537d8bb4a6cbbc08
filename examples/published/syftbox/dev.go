package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/limit"
)

// devCode is the member that development adds to the answer with which a flow begins.
const devCode = "dev_code"

// mailWait is how long an answer waits for its mail, which goes no further than this process.
const mailWait = 5 * time.Second

// maxStart is more than the library reads of a body.
const maxStart = 128 << 10

var shownCode = regexp.MustCompile(`\b[` + emailcode.Alphabet + `]{4}-[` + emailcode.Alphabet + `]{4}\b`)

// devLimits let a developer begin as often as tests do.
func devLimits() limit.Limits {
	often := limit.Limit{Burst: 100_000, Interval: time.Millisecond}
	return limit.Limits{Mail: often, MailLong: often, MailNetwork: often}
}

// devMail sends by another mailer, and keeps the newest codes to sign in for whoever waits.
type devMail struct {
	auth.Mailer
	codes chan string
}

func newDevMail(m auth.Mailer) *devMail { return &devMail{m, make(chan string, 64)} }

// SendMail implements auth.Mailer.
func (d *devMail) SendMail(ctx context.Context, m auth.Mail) error {
	if err := d.Mailer.SendMail(ctx, m); err != nil {
		return err
	}
	if m.Subject == "Your code for "+siteName { // which no other kind has
		select {
		case d.codes <- shownCode.FindString(m.Text):
		default: // nobody waits
		}
	}
	return nil
}

// drain forgets the codes that nobody waits for any more.
func (d *devMail) drain() {
	for {
		select {
		case <-d.codes:
		default:
			return
		}
	}
}

// next is the next code; empty if there is none in time.
func (d *devMail) next(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, mailWait)
	defer cancel()
	select {
	case code := <-d.codes:
		return code
	case <-ctx.Done():
		return ""
	}
}

// devHandler adds to the answer with which a flow begins the code that was mailed for it. The
// library has no such thing: the code is taken from the mail. Requests that did not begin on
// this machine are refused.
type devHandler struct {
	next     http.Handler
	accounts *auth.Service
	mail     *devMail
	mu       sync.Mutex // one flow at a time, so that a code is that of the flow
}

// ServeHTTP implements http.Handler.
func (d *devHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !fromHere(r) {
		problem(w, http.StatusForbidden, "development_mode",
			"This server is in development mode and answers only to this machine, by a name of the loopback.")
		return
	}
	resend := strings.HasPrefix(r.URL.Path, prefix+"/email-codes/")
	if r.Method != http.MethodPost || r.URL.Path != prefix+"/email-codes" && !resend {
		d.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxStart)) // before the lock: a client may take its time
	if err != nil {
		return // a client that is gone
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer := d.start(r, resend, !resend && isSignIn(body))
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // a client that is gone
}

// start answers one request by which a mail goes out, and waits for that mail, so that the next
// one that waits gets its own.
func (d *devHandler) start(r *http.Request, resend, signIn bool) *httptest.ResponseRecorder {
	d.mu.Lock()
	defer d.mu.Unlock()
	r = r.WithContext(context.WithoutCancel(r.Context())) // the mail of a client that is gone is waited for as well
	d.mail.drain()
	answer := httptest.NewRecorder()
	d.next.ServeHTTP(answer, r)
	var members map[string]any
	if answer.Code != http.StatusAccepted || json.Unmarshal(answer.Body.Bytes(), &members) != nil {
		return answer
	}
	again := resend && members["resend_after"] == auth.ResendAfter.Seconds() // else it was too soon for another mail
	if !signIn && !again {
		return answer
	}
	if _, err := d.accounts.DeliverMail(r.Context()); err != nil { // if Run does not do it already
		return answer
	}
	if code := d.mail.next(r.Context()); code != "" && signIn {
		members[devCode] = code
	}
	if doc, err := json.Marshal(members); err == nil {
		answer.Body = bytes.NewBuffer(append(doc, '\n'))
	}
	return answer
}

func isSignIn(body []byte) bool {
	var in struct {
		Purpose auth.Purpose `json:"purpose"`
	}
	return json.Unmarshal(body, &in) == nil && in.Purpose == auth.PurposeSignIn
}

// fromHere tells whether a request began on this machine: its peer and the host that it names
// are the loopback, and no proxy has it from somebody else. A page of another site whose name
// suddenly means 127.0.0.1 (DNS rebinding) names a host of its own.
func fromHere(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() || !isLoopback(hostOnly(r.Host)) {
		return false
	}
	for name := range r.Header {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return false
		}
	}
	return true
}

// hostOnly takes the port off, if there is one.
func hostOnly(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

// isLoopback tells whether a host is this machine by its very name: what else resolves to it
// may resolve to something else tomorrow.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}
