package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// secret is a string that only the file may contain. When it is printed or logged, it shows
// only that it is there.
type secret string

// Format implements fmt.Formatter.
func (s secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.shown())) }

// LogValue implements slog.LogValuer.
func (s secret) LogValue() slog.Value { return slog.StringValue(s.shown()) }

func (s secret) shown() string {
	if s == "" {
		return "none"
	}
	return "[secret]"
}

// account is the content of the file: an address, a server, and the tokens for that address on
// that server. Members of other programs stay as they are.
type account struct {
	Server  string // server_url
	Email   string // email, as canonical writes it
	Access  secret // access_token; lives for minutes
	Refresh secret // refresh_token; can be used once

	others map[string]json.RawMessage
}

// String contains no token.
func (a account) String() string { return fmt.Sprintf("%s at %s", a.Email, a.Server) }

// LogValue implements slog.LogValuer.
func (a account) LogValue() slog.Value { return slog.StringValue(a.String()) }

// members are the members of the file that belong to this program.
func (a *account) members() map[string]any {
	return map[string]any{
		"server_url": &a.Server, "email": &a.Email, "access_token": &a.Access, "refresh_token": &a.Refresh,
	}
}

// UnmarshalJSON reads the file.
func (a *account) UnmarshalJSON(doc []byte) error {
	*a = account{}
	if err := json.Unmarshal(doc, &a.others); err != nil {
		return err
	}
	if a.others == nil {
		return errors.New("no object")
	}
	for name, to := range a.members() {
		if value, ok := a.others[name]; ok {
			if err := json.Unmarshal(value, to); err != nil {
				return fmt.Errorf("member %s: not text", name)
			}
			delete(a.others, name)
		}
	}
	a.Email = canonical(a.Email)
	return nil
}

// MarshalJSON writes the file, without members for missing tokens.
func (a account) MarshalJSON() ([]byte, error) {
	out := map[string]any{"server_url": a.Server, "email": a.Email}
	for name, value := range a.others {
		out[name] = value
	}
	if a.Access != "" {
		out["access_token"] = string(a.Access)
	}
	if a.Refresh != "" {
		out["refresh_token"] = string(a.Refresh)
	}
	return json.Marshal(out)
}

// canonical writes an address as the server compares it, without spaces around it.
func canonical(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// legacyName is the earlier name of the file, in the same folder.
const legacyName = "client_config.json"

// store is the file.
type store struct {
	path string
	say  func(format string, args ...any)
}

// load reads the file. A missing file is an empty account, or has the address and the server of
// the older file. A damaged file is moved aside, and the user signs in as after losing it.
func (s store) load() (account, error) {
	if err := s.check(); err != nil {
		return account{}, err
	}
	text, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s.legacy(), nil
	}
	if err == nil {
		err = s.keepPrivate()
	}
	if err != nil {
		return account{}, err
	}
	var a account
	if err := json.Unmarshal(text, &a); err != nil {
		aside := s.path + ".damaged"
		if err := os.Rename(s.path, aside); err != nil {
			return account{}, err
		}
		s.say("%s is damaged; what it held is in %s now.", s.path, aside)
		return account{}, nil
	}
	return a, nil
}

// check refuses paths that are not a regular file. A client that runs as root could otherwise
// move a device aside.
func (s store) check() error {
	info, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("--config: %s is no file", s.path)
	}
	return nil
}

// keepPrivate removes the rights that others have on the file.
func (s store) keepPrivate() error {
	info, err := os.Stat(s.path)
	if err != nil || info.Mode().Perm()&0o077 == 0 || runtime.GOOS == "windows" { // Windows has no such modes
		return err
	}
	if err := os.Chmod(s.path, 0o600); err != nil {
		return err
	}
	s.say(
		"%s could be read by others on this machine. That has ended; if somebody did, end your sessions: syftbox "+
			"logout --all.", s.path,
	)
	return nil
}

// legacy reads address and server from the older file. Its token is of no use here.
func (s store) legacy() account {
	text, err := os.ReadFile(filepath.Join(filepath.Dir(s.path), legacyName))
	var a account
	if err != nil || json.Unmarshal(text, &a) != nil {
		return account{}
	}
	return account{Server: a.Server, Email: a.Email}
}

// save writes the whole file or nothing, readable by its owner only. If the path is a link, it
// replaces the file behind the link.
func (s store) save(a account) error {
	doc, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	path := s.path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	s.sweep(path)
	if err := host.WritePrivate(path, append(bytes.TrimSpace(doc), '\n')); err != nil {
		return fmt.Errorf("save tokens: %w", err)
	}
	return nil
}

// sweep removes unfinished files of a client that was killed, because they contain tokens. The
// lock is held, so nobody writes them now.
func (s store) sweep(path string) {
	left, err := filepath.Glob(filepath.Join(escapeGlob(filepath.Dir(path)), escapeGlob(host.PrivatePrefix(path))+"*"))
	if err != nil {
		return
	}
	for _, name := range left {
		_ = os.Remove(name) // a file that stays is as private as the real one
	}
}

var globEscaper = strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`, `\`, `\\`)

func escapeGlob(path string) string { return globEscaper.Replace(path) }
