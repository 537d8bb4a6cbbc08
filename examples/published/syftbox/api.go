package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

const (
	grantCode   = "urn:hallpass:params:oauth:grant-type:email-code"
	clientLabel = "syftbox" // shown in the list of sessions
	maxAnswer   = 1 << 20
)

// server is the server of a client.
type server struct {
	base string
	http *http.Client
}

// openServer checks an address. Tokens travel over TLS only, or stay on this machine.
func openServer(text string) (*server, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("--server: not a URL of the form https://host:port")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, fmt.Errorf("--server: %s://%s: only https, or http on the loopback: tokens would cross the network in the clear", u.Scheme, u.Host)
	}
	return &server{
		base: u.Scheme + "://" + strings.ToLower(u.Host) + u.EscapedPath(),
		// No redirect is followed, so that tokens go to no other server.
		http: &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
	}, nil
}

// isLocal reports whether the server is on this machine.
func (s *server) isLocal() bool {
	u, err := url.Parse(s.base)
	return err == nil && isLoopback(u.Hostname())
}

// refusal is an answer that is not a success. Its texts come from the server and are safe to
// print on a terminal.
type refusal struct {
	status       int
	code, detail string
	retryAfter   string
}

// Error returns what the server said.
func (r *refusal) Error() string {
	text := fmt.Sprintf("the server answers %d %s", r.status, cmp.Or(r.code, http.StatusText(r.status)))
	if r.detail != "" && r.detail != r.code {
		text += ": " + r.detail
	}
	if r.retryAfter != "" {
		text += "; try again in " + r.retryAfter + " seconds"
	}
	return text
}

// refused reports whether an error is a refusal with one of the codes.
func refused(err error, codes ...string) bool {
	var r *refusal
	if !errors.As(err, &r) {
		return false
	}
	for _, c := range codes {
		if r.code == c || r.detail == c {
			return true
		}
	}
	return false
}

// isUnauthorized reports whether the server refused the token.
func isUnauthorized(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == http.StatusUnauthorized
}

// call sends a request. in and out may be nil.
func (s *server) call(ctx context.Context, method, path string, token secret, in, out any) error {
	var body io.Reader
	if in != nil {
		doc, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(doc)
	}
	r, err := http.NewRequestWithContext(ctx, method, s.base+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+string(token))
	}
	r.Header.Set("User-Agent", clientLabel)
	a, err := s.http.Do(r)
	if err != nil {
		return fmt.Errorf("the server can't be reached, so nothing has changed: %w", err)
	}
	defer a.Body.Close()
	doc, err := io.ReadAll(io.LimitReader(a.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if a.StatusCode < 200 || a.StatusCode > 299 {
		return refusalOf(a, doc)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(doc, out); err != nil {
		return fmt.Errorf("%s answers something else than a syftbox server does", s.base)
	}
	return nil
}

// refusalOf reads both forms of errors of the API.
func refusalOf(a *http.Response, doc []byte) error {
	var e struct {
		Code        string `json:"code"`
		Detail      string `json:"detail"`
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(doc, &e) // without a readable body, the status has to do
	return &refusal{
		status: a.StatusCode, code: printable(cmp.Or(e.Code, e.Error)), detail: printable(
			cmp.Or(e.Detail, e.Description),
		),
		retryAfter: printable(a.Header.Get("Retry-After")),
	}
}

// printable removes what could control a terminal, and shortens the text to a line or two.
func printable(text string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text))
	return string(runes[:min(len(runes), 200)])
}

// flow is the answer to a request for a code.
type flow struct {
	ID     string `json:"flow_id"`
	Secret secret `json:"flow_secret"`
	Code   struct {
		Length   int    `json:"length"`
		Alphabet string `json:"alphabet"`
	} `json:"code"`
	ExpiresIn   int64  `json:"expires_in"`
	ResendAfter int64  `json:"resend_after"`
	DevCode     string `json:"dev_code"` // only from a server in development mode
}

func (s *server) begin(ctx context.Context, email string) (f flow, err error) {
	return f, s.call(
		ctx, http.MethodPost, prefix+"/email-codes", "", map[string]string{"email": email, "purpose": "sign_in"}, &f,
	)
}

func (s *server) resend(ctx context.Context, f flow) (next flow, err error) {
	in := map[string]string{"flow_secret": string(f.Secret)}
	return next, s.call(ctx, http.MethodPost, prefix+"/email-codes/"+url.PathEscape(f.ID)+"/resend", "", in, &next)
}

// tokens is the answer to a grant.
type tokens struct {
	Access  secret `json:"access_token"`
	Refresh secret `json:"refresh_token"`
}

func (s *server) grant(ctx context.Context, in map[string]string) (t tokens, err error) {
	err = s.call(ctx, http.MethodPost, prefix+"/token", "", in, &t)
	if err == nil && (t.Access == "" || t.Refresh == "") {
		err = errors.New("the server gives no tokens")
	}
	return t, err
}

// byCode uses a typed code, byLink the token of a mailed link.
func (s *server) byCode(ctx context.Context, f flow, code string) (tokens, error) {
	return s.grant(ctx, map[string]string{"grant_type": grantCode, "flow_id": f.ID, "flow_secret": string(f.Secret),
		"code": code, "client_id": clientLabel})
}

func (s *server) byLink(ctx context.Context, token string) (tokens, error) {
	return s.grant(ctx, map[string]string{"grant_type": grantCode, "token": token, "client_id": clientLabel})
}

func (s *server) refresh(ctx context.Context, token secret) (tokens, error) {
	return s.grant(ctx, map[string]string{"grant_type": "refresh_token", "refresh_token": string(token)})
}

// whoami returns the address of the holder of a token.
func (s *server) whoami(ctx context.Context, token secret) (string, error) {
	var who identityJSON
	if err := s.call(ctx, http.MethodGet, "/identity", token, nil, &who); err != nil {
		return "", err
	}
	if who.Email == "" {
		return "", fmt.Errorf("%s does not say who that is", s.base)
	}
	return canonical(who.Email), nil
}
