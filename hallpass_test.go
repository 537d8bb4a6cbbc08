package hallpass_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hallpass-go/hallpass"
	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/memstore"
)

var secret = []byte("a secret for tests only, 32 bytes")

// get asks a handler for a path, as nobody.
func get(h http.Handler, path string) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code
}

func TestNewReportsEveryProblem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*hallpass.Config)
		want []string
	}{
		"accounts, sharing and adapter": {
			func(c *hallpass.Config) { c.Secret, c.BaseURL = nil, "ftp://app.example" },
			[]string{"secret", "base URL", `kind "note"`, "trusted proxies"},
		},
		"sharing and adapter": {
			func(c *hallpass.Config) { c.BaseURL = "http://app.example" },
			[]string{`kind "note"`, "cookies need https", "trusted proxies"},
		},
		"a secret at the wrong place": {
			func(c *hallpass.Config) { c.Accounts.Secret = secret }, []string{"Config.Accounts", "trusted proxies"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := hallpass.Config{Secret: secret, BaseURL: "https://app.example"}
			cfg.Sharing.Kinds = map[string]sharing.Kind{"note": {}} // which no model has
			cfg.HTTP.TrustedProxies = []netip.Prefix{{}}
			c.edit(&cfg)
			_, err := hallpass.New(memstore.New(), cfg)
			for _, part := range c.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not told: %v", part, err)
				}
			}
		})
	}
	if _, err := hallpass.New(nil, hallpass.Config{}); err == nil {
		t.Error("no store is no error")
	}
}

func TestNewRefusesTheSecretOfAnotherStore(t *testing.T) {
	t.Parallel()
	st := memstore.New()
	cfg := hallpass.Config{Secret: secret, BaseURL: "https://app.example"}
	for range 2 {
		if _, err := hallpass.New(st, cfg); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Secret = []byte("another secret for tests, 32 bytes")
	if _, err := hallpass.New(st, cfg); !errors.Is(err, auth.ErrWrongSecret) {
		t.Error(err)
	}
}

// Routes, and the links in mails, follow the prefix.
func TestPrefix(t *testing.T) {
	t.Parallel()
	for prefix, base := range map[string]string{"": "/auth", "/": "", "/accounts": "/accounts"} {
		cfg := hallpass.Config{Secret: secret, BaseURL: "https://app.example"}
		cfg.HTTP.Prefix, cfg.Accounts.Mailer = prefix, mail.NewMemory()
		cfg.Accounts.Links.Device = "/device"
		hp, err := hallpass.New(memstore.New(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := get(hp, base+"/policy"); got != http.StatusOK {
			t.Errorf("%q: %d", prefix, got)
		}
		links := hp.Accounts.Links()
		page := strings.TrimPrefix(links.Reset, "https://app.example")
		if page != base+"/link" || get(hp, page) != http.StatusOK || links.Device != "https://app.example/device" {
			t.Errorf("%q: %+v", prefix, links)
		}
		if !hp.Sharing.HasAcceptURL() {
			t.Errorf("%q: share codes have no link", prefix)
		}
	}
}

func TestRunKeepsEveryRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st, hp := notebook()
		ctx, stop := context.WithCancel(t.Context())
		ada, note := person(hp, "ada"), auth.ResourceRef{Kind: "note", ID: "7"}
		if _, _, err := hp.Sharing.Put(ctx, ada, note); err != nil {
			t.Fatal(err)
		}
		code, _, err := hp.Sharing.CreateShareCode(ctx, ada, note, sharing.ShareCodeInput{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := hp.Devices.Begin(ctx, device.Request{}); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() { ended <- hp.Run(ctx) }()
		time.Sleep(91 * 24 * time.Hour) // past the life of the code and of the session
		synctest.Wait()
		if _, err := st.Sharing().ShareCode(ctx, note, code.ID); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("the code that expired: %v", err)
		}
		if _, err := st.Auth().ActorBySession(ctx, ada.Session.ID); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("the session that expired: %v", err)
		}
		if left, err := st.Devices().DeleteExpiredGrants(ctx, time.Now(), 9); err != nil || left != 0 {
			t.Errorf("%d device grants that expired: %v", left, err)
		}
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// What the rooms do on the store of a transaction goes with it, and what hooks leave for after
// the commit waits for Committed.
func TestRoomsInATransactionOfTheHost(t *testing.T) {
	t.Parallel()
	var told []string
	cfg := hallpass.Config{Secret: secret, BaseURL: "https://app.example"}
	cfg.Accounts.Hooks.UserCreated = func(_ context.Context, tx auth.Tx, u auth.User) error {
		tx.AfterCommit(func(context.Context) { told = append(told, u.Username) })
		return nil
	}
	st, ctx := memstore.New(), t.Context()
	hp, err := hallpass.New(st, cfg)
	if err != nil {
		t.Fatal(err)
	}
	bound, outer := reflect.ValueOf(hp.WithStore(st)), reflect.ValueOf(hp.Rooms)
	for i := range outer.NumField() {
		if name := outer.Type().Field(i).Name; bound.Field(i).IsNil() || bound.Field(i).Equal(outer.Field(i)) {
			t.Errorf("WithStore does not bind %s", name)
		}
	}
	lost := errors.New("the host gives up")
	for _, end := range []error{lost, nil} {
		var rooms hallpass.Rooms
		err := st.Tx(ctx, func(tx store.Store) error {
			rooms = hp.WithStore(tx)
			in := auth.UserInput{Username: "ada"}
			if _, err := rooms.Accounts.CreateUser(
				ctx, rooms.Accounts.Operator("test"), in, auth.Client{},
			); err != nil {
				return err
			}
			return end
		})
		_, found := hp.Accounts.UserByLogin(ctx, hp.Accounts.Operator("test"), "ada")
		if !errors.Is(err, end) || errors.Is(found, auth.ErrNotFound) != (end != nil) || len(told) != 0 {
			t.Errorf("ended with %v: %v, %v, told %v", end, err, found, told)
		}
		if end == nil {
			rooms.Committed(ctx)
		}
	}
	if len(told) != 1 {
		t.Errorf("told after the commit: %v", told)
	}
}
