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
	"github.com/hallpass-go/hallpass/auth/mail"
)

// devCode is the member that development mode adds to the answer that begins a flow.
const devCode = "dev_code"

// mailWait is how long an answer waits for its mail. The mail does not leave this process.
const mailWait = 5 * time.Second

// maxStart is more of a body than the library reads.
const maxStart = 128 << 10

var shownCode = regexp.MustCompile(`\b[` + emailcode.Alphabet + `]{4}-[` + emailcode.Alphabet + `]{4}\b`)

// devLimits let developers and tests begin many flows.
func devLimits() limit.Limits {
	often := limit.Limit{Burst: 100_000, Interval: time.Millisecond}
	return limit.Limits{Mail: often, MailLong: often, MailNetwork: often}
}

// devMail sends with another mailer, and keeps the newest sign-in codes for whoever waits.
type devMail struct {
	mail.Mailer
	codes chan string
}

func newDevMail(m mail.Mailer) *devMail { return &devMail{m, make(chan string, 64)} }

// Send implements mail.Mailer.
func (d *devMail) Send(ctx context.Context, m mail.Message) error {
	if err := d.Mailer.Send(ctx, m); err != nil {
		return err
	}
	if m.Subject == "Your code for "+siteName { // no other kind has this subject
		select {
		case d.codes <- shownCode.FindString(m.Text):
		default: // nobody waits
		}
	}
	return nil
}

// drain forgets codes that nobody waits for any more.
func (d *devMail) drain() {
	for {
		select {
		case <-d.codes:
		default:
			return
		}
	}
}

// next returns the next code, or "" if there is none in time.
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

// devHandler adds the mailed code to the answer that begins a flow. The library has no such
// feature: the code is taken from the mail. Requests that do not come from this machine are
// refused.
type devHandler struct {
	next     http.Handler
	accounts *auth.Service
	mail     *devMail
	mu       sync.Mutex // one flow at a time, so that codes are not mixed up
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
	body, err := io.ReadAll(io.LimitReader(r.Body, maxStart)) // before the lock, because a client may be slow
	if err != nil {
		return // the client is gone
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer := d.start(r, resend, !resend && isSignIn(body))
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // the client is gone
}

// start answers a request that sends a mail, and waits for that mail. So the next request that
// waits gets its own.
func (d *devHandler) start(r *http.Request, resend, signIn bool) *httptest.ResponseRecorder {
	d.mu.Lock()
	defer d.mu.Unlock()
	r = r.WithContext(context.WithoutCancel(r.Context())) // wait also if the client is gone
	d.mail.drain()
	answer := httptest.NewRecorder()
	d.next.ServeHTTP(answer, r)
	var members map[string]any
	if answer.Code != http.StatusAccepted || json.Unmarshal(answer.Body.Bytes(), &members) != nil {
		return answer
	}
	again := resend && members["resend_after"] == emailcode.ResendAfter.Seconds() // otherwise it was too soon
	if !signIn && !again {
		return answer
	}
	if _, err := d.accounts.Outbox.Deliver(r.Context()); err != nil { // unless Run was faster
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
		Purpose emailcode.Purpose `json:"purpose"`
	}
	return json.Unmarshal(body, &in) == nil && in.Purpose == emailcode.SignIn
}

// fromHere reports whether a request comes from this machine: its peer and its host are the
// loopback, and no proxy passed it on. The check of the host stops DNS rebinding, where the
// name of another site suddenly means 127.0.0.1.
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

// hostOnly removes the port, if there is one.
func hostOnly(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

// isLoopback reports whether the name of a host says that it is this machine. Other names may
// resolve to something else tomorrow.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}
