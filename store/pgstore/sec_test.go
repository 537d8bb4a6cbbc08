package pgstore

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/store/bunstore/buntest"
	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

func TestSec_IO04_HostileStringsRoundTrip(t *testing.T) {
	t.Parallel()
	buntest.HostileStrings(t, openEmpty(t, Config{}), 10_000)
}

func TestSec_ID05_NULIsRefused(t *testing.T) {
	t.Parallel()
	buntest.BadText(t, openEmpty(t, Config{}))
	buntest.BadText(t, openEmpty(t, Config{Prepare: true}))
}

// TestSec_IO04_BackslashMustBeItself: if a backslash escapes a quote, doubling quotes is not
// safe.
func TestSec_IO04_BackslashMustBeItself(t *testing.T) {
	t.Parallel()
	url := pgtest.Param(pgtest.DSN(t), "standard_conforming_strings", "off")
	st, err := Open(t.Context(), url)
	if err == nil {
		st.Close()
		t.Fatal("opened a database that takes backslashes for escapes")
	}
	if !strings.Contains(err.Error(), "standard_conforming_strings") {
		t.Errorf("%v does not say why", err)
	}
}

// TestSec_TK03_NoSecretInTheTables looks in the text of every row for all secrets that were
// handed out.
func TestSec_TK03_NoSecretInTheTables(t *testing.T) {
	t.Parallel()
	st := openEmpty(t, Config{})
	secrets := buntest.Secrets(t, st)
	rows, err := st.DB().Query("SELECT query_to_xml('SELECT * FROM ' || quote_ident(table_name)," +
		" true, false, '')::text FROM information_schema.tables WHERE table_schema = current_schema()")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []byte
	for rows.Next() {
		var table []byte
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		all = append(all, table...)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	buntest.NoSecretIn(t, all, secrets)
}

// TestSec_IO05_SelfSignedServerIsRefused checks that under sslmode=verify-full a server without
// the right certificate never gets as far as the password. sslmode=require accepts the same
// server, which shows that it would have got there.
func TestSec_IO05_SelfSignedServerIsRefused(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]bool{"verify-full": false, "verify-ca": false, "require": true} {
		addr, shaken := impostor(t)
		url := "postgres://user:secret@" + addr + "/db?connect_timeout=10&sslmode=" + mode + "&sslrootcert=system"
		if mode != "verify-full" { // "system" does not allow a weaker mode
			url = strings.Replace(url, "&sslrootcert=system", "", 1)
		}
		if st, err := Open(t.Context(), url); err == nil {
			st.Close()
			t.Errorf("%s: opened", mode)
		}
		if got := <-shaken; got != want {
			t.Errorf("%s: the handshake was completed: %v, want %v", mode, got, want)
		}
	}
}

// impostor is a PostgreSQL server with a self-signed certificate. For each connection it
// reports whether the client completed the handshake, and then hangs up.
func impostor(t *testing.T) (addr string, shaken <-chan bool) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	cfg := &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}}
	results := make(chan bool, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			results <- shake(c, cfg)
		}
	}()
	return l.Addr().String(), results
}

// shake answers an SSLRequest (8 bytes) with S and waits for what the client sends encrypted.
func shake(c net.Conn, cfg *tls.Config) bool {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	request := make([]byte, 8)
	if _, err := c.Read(request); err != nil {
		return false
	}
	if _, err := c.Write([]byte("S")); err != nil {
		return false
	}
	s := tls.Server(c, cfg)
	n, err := s.Read(make([]byte, 1))
	return err == nil && n == 1
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestSec_ID06_BytesDecide(t *testing.T) {
	t.Parallel()
	buntest.Order(t, openEmpty(t, Config{}))
}
