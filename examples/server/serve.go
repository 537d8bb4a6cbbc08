package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass"
	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/httpadapter"
)

const prefix = "/auth"

type serveCmd struct {
	storeFlags
	mailFlag
	Addr           string         `env:"HALLPASS_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen."`
	BaseURL        string         `name:"base-url" env:"HALLPASS_BASE_URL" placeholder:"URL" help:"URL of the server for its users; made from the address by default."`
	Signup         signup         `env:"HALLPASS_SIGNUP" placeholder:"MODE" help:"Who may sign up, until the setting is changed: closed (default), invite, domains, approval or open."`
	PasswordMin    int            `name:"password-min" env:"HALLPASS_PASSWORD_MIN" placeholder:"N" help:"Minimum length of passwords, until the setting is changed; 8 by default."`
	Model          string         `env:"HALLPASS_MODEL" placeholder:"FILE" help:"JSON file with kinds and scopes of your own."`
	TrustedProxies []netip.Prefix `name:"trusted-proxies" env:"HALLPASS_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Networks of proxies whose X-Forwarded-For counts."`
	TrustedOrigins []string       `name:"trusted-origins" env:"HALLPASS_TRUSTED_ORIGINS" placeholder:"URL,…" help:"Other origins whose pages may call the API."`
	Log            string         `env:"HALLPASS_LOG" default:"text" enum:"json,text" help:"Format of the log: ${enum}."`
}

// signup is a mode from a flag, or empty without one.
type signup policy.SignUpMode

// UnmarshalText reads a mode.
func (s *signup) UnmarshalText(text []byte) error {
	modes := []policy.SignUpMode{
		policy.SignUpClosed, policy.SignUpInvite, policy.SignUpDomains, policy.SignUpApproval, policy.SignUpOpen,
	}
	if !slices.Contains(modes, policy.SignUpMode(text)) {
		return fmt.Errorf("%q must be one of %v", text, modes)
	}
	*s = signup(text)
	return nil
}

// Run serves until a signal comes.
func (c *serveCmd) Run(e *env) error {
	log := newLog(c.Log, e.errOut)
	model, err := readModel(c.Model)
	if err != nil {
		return err
	}
	ln, err := host.Listen(c.Addr, c.BaseURL)
	if err != nil {
		return err
	}
	defer ln.Close() // harmless after Serve, which closes it too
	if err := ln.NeedBaseURL("https://auth.example.org"); err != nil {
		return err
	}
	mailer, from, err := c.mailer(e.out)
	if err != nil {
		return err
	}
	s, err := c.site(e.ctx, func(cfg *hallpass.Config) {
		cfg.BaseURL = ln.BaseURL
		cfg.Accounts = auth.Config{
			Mailer: mailer, MailFrom: from, Scopes: model.scopes,
			Settings: policy.Settings{SignUp: policy.SignUpMode(c.Signup), PasswordMin: c.PasswordMin},
		}
		cfg.Sharing.Kinds = model.kinds
		cfg.HTTP = httpadapter.Config{
			Prefix: prefix, TrustedProxies: c.TrustedProxies, TrustedOrigins: c.TrustedOrigins, Logger: log,
		}
	})
	if err != nil {
		return err
	}
	defer s.db.Close()
	s.warnOfLostScopes(e.ctx, log)
	handler, err := handler(s, log)
	if err != nil {
		return err
	}
	if err := c.greet(e, s, log, strings.TrimRight(ln.BaseURL, "/")+prefix); err != nil {
		return err
	}
	return host.Serve(e.ctx, ln, handler, s.hp.Run, log)
}

// warnOfLostScopes logs the scopes of roles that the model no longer has. They give nothing.
func (s *site) warnOfLostScopes(ctx context.Context, log *slog.Logger) {
	lost, err := s.accounts.Roles.LostScopes(ctx)
	if err != nil {
		log.Error("looking for scopes that the model has lost", "error", err)
	}
	for role, list := range lost {
		log.Warn("the model does not know scopes of a role: they give nothing", "role", role, "scopes", list)
	}
}

func newLog(form string, w io.Writer) *slog.Logger {
	if form == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// greet prints where the server is and how to become the first admin. It logs which stored
// settings differ from the flags.
func (c *serveCmd) greet(e *env, s *site, log *slog.Logger, base string) error {
	settings, err := s.accounts.Settings(e.ctx, s.operator)
	if err != nil {
		return err
	}
	const differs = "the stored setting differs from the flag and wins"
	if c.Signup != "" && c.Signup != signup(settings.SignUp) {
		log.Warn(differs, "setting", "signup", "stored", settings.SignUp, "flag", c.Signup)
	}
	if c.PasswordMin != 0 && c.PasswordMin != settings.PasswordMin {
		log.Warn(differs, "setting", "password.min", "stored", settings.PasswordMin, "flag", c.PasswordMin)
	}
	if !s.accounts.HasMailer() && (settings.EmailProof == policy.EmailProofRequired ||
		settings.SignUp == policy.SignUpDomains ||
		slices.Contains(settings.SignInMethods, auth.MethodEmailCode)) {
		log.Warn("the settings take mail and none can be sent: see --mail")
	}
	secret, err := s.accounts.SetUp.NewToken(e.ctx)
	if errors.Is(err, auth.ErrSetUpDone) {
		fmt.Fprintf(e.out, "hallpass serves %s\n", base)
		return nil
	}
	if err != nil {
		return err
	}
	// The password is too short on purpose: pasting the command unchanged makes nobody admin.
	fmt.Fprintf(e.out,

		"hallpass serves %[2]s\nThere is no admin yet. Set-up token: %[1]s\nBecome the first admin, with a "+
			"password of your own:\n"+
			"  curl -X POST %[2]s/setup -H 'Content-Type: application/json' -d "+
			"'{\"token\":\"%[1]s\",\"username\":\"root\",\"password\":\"…\"}'\n",
		secret.Reveal(), base)
	return nil
}
