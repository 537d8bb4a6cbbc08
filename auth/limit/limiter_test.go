package limit_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// bench is a Limiter on an empty store, with a clock that stands still.
type bench struct {
	*limit.Limiter
	t   *testing.T
	now time.Time
}

func setup(t *testing.T, limits limit.Limits) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	var err error
	b.Limiter, err = limit.New(memstore.New().Auth().Limits(), []byte("key"), func() time.Time { return b.now }, limits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// took stops unless the takes wait as long as is said; zero is not at all.
func (b *bench) took(wait time.Duration, takes ...limit.Take) {
	b.t.Helper()
	err := b.Take(b.t.Context(), takes...)
	var refused *limit.Error
	switch {
	case wait == 0 && err == nil:
	case errors.As(err, &refused) && refused.RetryAfter == wait && errors.Is(err, limit.ErrTooMany):
	default:
		b.t.Fatalf("got %v, want to wait %v", err, wait)
	}
}

func TestTakeTellsHowLongToWait(t *testing.T) {
	t.Parallel()
	b := setup(t, limit.Limits{Rename: limit.Limit{Burst: 2, Interval: time.Minute}})
	b.took(0, b.Rename("u1"))
	b.took(0, b.Rename("u1"))
	b.took(time.Minute, b.Rename("u1"))
	b.took(0, b.Rename("u2"))
	b.now = b.now.Add(20 * time.Second)
	b.took(40*time.Second, b.Rename("u1"))
	b.now = b.now.Add(40 * time.Second)
	b.took(0, b.Rename("u1"))
}

func TestSeveralBucketsGiveAllOrNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, limit.Limits{
		Mail: limit.Limit{Burst: 1, Interval: time.Hour}, MailNetwork: limit.Limit{Burst: 2, Interval: time.Minute},
	})
	b.took(0, b.MailNetwork("n"), b.MailByManager("u1"))
	b.took(time.Hour, b.MailNetwork("n"), b.MailByManager("u1"))
	b.took(0, b.MailNetwork("n"))
	b.took(time.Minute, b.MailNetwork("n"))
}

func TestGiveBackReturnsWhatWasTaken(t *testing.T) {
	t.Parallel()
	b := setup(t, limit.Limits{UserCodes: limit.Limit{Burst: 1, Interval: time.Hour}})
	for range 3 {
		b.took(0, b.UserCodes("u1"))
		b.GiveBack(t.Context(), b.UserCodes("u1"))
	}
	b.took(0, b.UserCodes("u1"))
	b.took(time.Hour, b.UserCodes("u1"))
}

func TestOnCountsElsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t, limit.Limits{Rename: limit.Limit{Burst: 1, Interval: time.Hour}})
	other := &bench{t: t, now: b.now, Limiter: b.On(memstore.New().Auth().Limits())}
	b.took(0, b.Rename("u1"))
	other.took(0, other.Rename("u1"))
	b.took(time.Hour, b.Rename("u1"))
}

// Buckets outlive a release: their names must not change.
func TestNamesOfBucketsStay(t *testing.T) {
	t.Parallel()
	b := setup(t, limit.Limits{})
	for _, c := range []struct {
		got  limit.Take
		want string
	}{
		{b.MailNetwork("192.0.2.1"), "mailnetwork:AH4IFSVuvZThm9zJr9BLmg"},
		{b.SignIn("u1", "2001:db8::/64").All[2], "pair:zt_9l5_CtgMSolBnS0yTTw"},
		{b.NoteClaim("u1", "throttled"), "claim noted:afy-0kKBb83Qy_qHvUGQCw"},
		{b.Codes("ada@example.org"), "codes:-2h1I1NMyw4vsHpUkTOV-w"},
	} {
		if c.got.Key != c.want {
			t.Errorf("got %s, want %s", c.got.Key, c.want)
		}
	}
}

func TestNoTwoBudgetsShareABucket(t *testing.T) {
	t.Parallel()
	b := setup(t, limit.Limits{})
	const who = "somebody"
	all := append(b.SignIn(who, who).All, b.SignInFromDevice(who, who).All...)
	all = append(
		all, b.NoteThrottled(who), b.Codes(who), b.CodesOfDevices(who), b.CodesOfSessions(who), b.UserCodes(who),
		b.ShareCode(who), b.ShareCodeNetwork(who), b.Mail(who), b.MailLong(who), b.MailOfDevices(who),
		b.MailOfDevicesLong(who), b.MailNetwork(who), b.MailByManager(who), b.SignUp(who), b.DeviceNetwork(who),
		b.Rename(who), b.Claim(limit.Limit{Burst: 1, Interval: time.Hour}, who, who), b.NoteClaim(who, who),
	)
	seen := map[string]bool{}
	for _, take := range all {
		budget, _, _ := strings.Cut(take.Key, ":")
		if seen[budget] || len(take.Key) > 100 || strings.Contains(take.Key, who) || take.Burst < 1 ||
			take.Interval == 0 {
			t.Errorf("bucket %+v", take)
		}
		seen[budget] = true
	}
	if b.Claim(limit.Limit{}, "a", "bc").Key == b.Claim(limit.Limit{}, "ab", "c").Key {
		t.Error("two owners have one bucket")
	}
}

func TestNetworkIsWhatOnePartyControls(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]limit.Network{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8::1": "2001:db8::/64",
		"2001:db8::ffff:1": "2001:db8::/64", "2001:db8:0:1::1": "2001:db8:0:1::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := limit.NetworkOf(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is in %q, want %q", addr, got, want)
		}
	}
	if got := limit.NetworkOf(netip.Addr{}); got != "invalid IP" {
		t.Errorf("no address is in %q", got)
	}
}
