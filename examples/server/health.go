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

// Run asks the server whether it is ready, for container platforms: an image without a shell
// has nothing else to ask with.
func (c *healthCmd) Run(e *env) error {
	url, err := c.url()
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(e.ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{}} // which knows no proxy
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

// url is the probe's. A server that listens everywhere is asked on the loopback.
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
