package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

type healthCmd struct {
	storeFlags
	Addr string `env:"HALLPASS_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the server listens."`
}

// Run asks the server whether it is ready. Container platforms use it, because the image has no
// other program to ask with.
func (c *healthCmd) Run(e *env) error {
	url, err := c.url()
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(e.ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{}} // without a proxy
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, answer.Status)
	}
	fmt.Fprintln(e.out, "ready")
	return nil
}

// url is the URL to ask. A server that listens on all addresses is asked on the loopback.
func (c *healthCmd) url() (string, error) {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return "", err
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/readyz", nil
}
