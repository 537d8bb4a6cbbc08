package buntest

import (
	"bytes"
	"context"
	"encoding/hex"

	"regexp"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/store"
)

// Secrets makes a service on an empty store hand out secrets and returns all of them, including
// the password and the service's own secret.
func Secrets(t *testing.T, st store.Store) map[string]string {
	ctx, typed, own := t.Context(), "tiny horse 42 staple", "a secret for tests only, 32 bytes"
	var mails trap
	s, err := auth.New(st.Auth(), auth.Config{
		Secret: []byte(own), BaseURL: "https://app.example",
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
		Mailer: &mails,
	})
	must(t, err)
	must(t, s.Ready(ctx))
	setup, err := s.SetUp.NewToken(ctx)
	must(t, err)
	_, err = s.CreateUser(ctx, s.Operator("test"), auth.UserInput{
		Username: "ada", Email: "ada@example.org", Password: typed,
	}, auth.Client{})
	must(t, err)
	in := auth.SignInRequest{Login: "ada", Password: typed}
	cookie, err := s.SignIn(ctx, in)
	must(t, err)
	tokens, err := s.PasswordGrant(ctx, in)
	must(t, err)
	next, err := s.Refresh(ctx, auth.RefreshRequest{Token: tokens.Refresh.Reveal()})
	must(t, err)
	op := s.Operator("test")
	flow, err := s.BeginEmailCode(ctx, "ada@example.org", emailcode.SignIn, auth.Client{})
	must(t, err)
	_, err = s.Invitations.Create(ctx, op, auth.InvitationInput{Email: "new@example.org"}, auth.Client{})
	must(t, err)
	devices, err := device.New(s, st.Devices())
	must(t, err)
	shown, err := devices.Begin(ctx, device.Request{ClientName: "cli"})
	must(t, err)
	_, err = s.Outbox.Deliver(ctx) // it was in the outbox until now
	must(t, err)
	waiting, err := s.BeginEmailCode(
		ctx, "ada@example.org", emailcode.ResetPassword, auth.Client{},
	)
	must(t, err)
	sent := strings.Join(mails, "\n")
	return map[string]string{
		"code": mailedCode.FindString(sent), "bare code": strings.ReplaceAll(mailedCode.FindString(sent), "-", ""),
		"link": mailedToken.FindString(sent), "invitation": mailedInvitation.FindString(sent),
		"flow secret":                 flow.Secret.Reveal(),
		"secret of a flow that waits": waiting.Secret.Reveal(), "device code": shown.DeviceCode.Reveal(),
		"user code":      shown.UserCode,
		"bare user code": strings.ReplaceAll(shown.UserCode, "-", ""),
		"secret":         own, "password": typed, "set-up token": setup.Reveal(), "cookie": cookie.Secret.Reveal(),
		"access token":  tokens.Access,
		"refresh token": tokens.Refresh.Reveal(), "next refresh token": next.Refresh.Reveal(),
		"next access token": next.Access,
	}
}

// trap keeps the texts of mails.
type trap []string

// Send keeps the text of a mail.
func (m *trap) Send(_ context.Context, in mail.Message) error {
	*m = append(*m, in.Text)
	return nil
}

var (
	mailedCode       = regexp.MustCompile(`\b[` + emailcode.Alphabet + `]{4}-[` + emailcode.Alphabet + `]{4}\b`)
	mailedToken      = regexp.MustCompile(`hp_flo_[0-9A-Za-z]{49}`)
	mailedInvitation = regexp.MustCompile(`hp_inv_[0-9A-Za-z]{49}`)
)

// NoSecretIn checks that a dump of a database contains none of the secrets: as they are, in
// hexadecimal, or without the prefix of their class.
func NoSecretIn(t *testing.T, dump []byte, secrets map[string]string) {
	t.Helper()
	if !bytes.Contains(dump, []byte("ada")) {
		t.Fatal("the dump lacks the account, so it is not a dump")
	}
	for name, secret := range secrets {
		if secret == "" {
			t.Errorf("there is no %s", name)
			continue
		}
		body := secret
		if len(secret) > 30 && secret[:3] == "hp_" {
			body = secret[7 : 7+30] // random part, without class and checksum
		}
		for _, text := range []string{body, hex.EncodeToString([]byte(body))} {
			if bytes.Contains(dump, []byte(text)) {
				t.Errorf("the %s is in the database", name)
			}
		}
	}
}
