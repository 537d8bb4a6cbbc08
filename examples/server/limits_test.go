package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

func TestSec_IO02_ServerLimits(t *testing.T) {
	t.Parallel()
	srv := host.NewServer(http.NotFoundHandler(), newLog("text", io.Discard))
	if srv.ReadHeaderTimeout != 5*time.Second || srv.ReadTimeout == 0 || srv.WriteTimeout == 0 ||
		srv.IdleTimeout == 0 || srv.MaxHeaderBytes != 16<<10 {
		t.Errorf("limits %+v", srv)
	}
	s := newPlace(t).serve()
	defer s.end(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Large", strings.Repeat("x", 40<<10))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("large headers: %d", answer.StatusCode)
	}
}

// Clients that never end their headers are dropped, and keep nobody else waiting.
func TestSec_IO02_HalfOpenConnections(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	defer s.end(t)
	var idle []net.Conn
	for range 300 {
		c := dial(t, s.url)
		if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
			t.Fatal(err)
		}
		idle = append(idle, c)
	}
	// before the first of them is dropped
	client := &http.Client{Timeout: 4 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for range 20 {
		r, err := client.Get(s.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != 200 {
			t.Errorf("status %d", r.StatusCode)
		}
	}
	for _, c := range idle {
		if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(c); err != nil {
			t.Fatalf("a connection without headers stays open: %v", err)
		}
	}
}

func dial(t *testing.T, url string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// process is a server in a process of its own.
type process struct {
	cmd      *exec.Cmd
	url      string
	out, log *syncBuffer
}

func (p place) start(args ...string) *process {
	p.t.Helper()
	s := &process{out: &syncBuffer{}, log: &syncBuffer{}}
	s.cmd = exec.CommandContext(
		p.t.Context(), "server", p.args("serve", append([]string{"--addr", "127.0.0.1:0"}, args...)...)...,
	)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.log
	if err := s.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	s.url = hosttest.Await(p.t, urlLine, s.out, s.log)
	return s
}

// signIn begins a sign-in without sending the body. The server has started to read it, because
// it asks for more.
func (s *process) signIn(t *testing.T, body string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c := dial(t, s.url)
	fmt.Fprintf(c,
		"POST /auth/sessions HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"+
			"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		strings.TrimPrefix(s.url, "http://"), len(body))
	r := bufio.NewReader(c)
	line, err := r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 100") {
		t.Fatalf("%q, %v", line, err)
	}
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return c, r
}

// terminate sends SIGTERM and waits until no new client gets in.
func (s *process) terminate(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			return
		}
		_ = c.Close()
		if time.Now().After(deadline) {
			t.Fatal("the server still takes connections")
		}
	}
}

// After SIGTERM a running request is answered, and then the process ends well.
func TestTerminateAnswersRunningRequests(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.command(pass, "create-admin", "--username", "root", "--password-stdin")
	s, body := p.start(), `{"login":"root","password":"`+pass+`"}`
	c, r := s.signIn(t, body)
	s.terminate(t)
	if _, err := io.WriteString(c, body); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		t.Errorf("status %d", answer.StatusCode)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, s.log)
	}
}

// A request that never ends is cut off after the time to drain, and the process says so in one
// line.
func TestTerminateEndsInTime(t *testing.T) {
	t.Parallel()
	s := newPlace(t).start()
	s.signIn(t, `{"login":"root","password":"`+pass+`"}`)
	s.terminate(t)
	began := time.Now()
	err := s.cmd.Wait()
	if err == nil || !strings.Contains(s.log.String(), "server: some requests were cut off after 10s\n") {
		t.Errorf("%v: %s", err, s.log)
	}
	if took := time.Since(began); took > host.Drain+3*time.Second {
		t.Errorf("took %v", took)
	}
}
