package token_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

var config = token.Config{Issuer: issuer, Audience: audience}

func TestSec_JW08_ShortSecretsRefused(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 16, 31} {
		if err := token.CheckSecret(make([]byte, n)); !errors.Is(err, token.ErrWeakSecret) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	for _, n := range []int{32, 33, 64, 4096} {
		if err := token.CheckSecret(make([]byte, n)); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	good := newKey(t, start)
	for _, n := range []int{0, 16, 24, 31, 33, 64} {
		if _, err := token.NewKey(make([]byte, n), start); !errors.Is(err, token.ErrWeakSecret) {
			t.Errorf("new key, %d bytes: %v", n, err)
		}
		if _, err := token.NewRing(
			make([]byte, n), []token.StoredKey{good}, config,
		); !errors.Is(err, token.ErrWeakSecret) {
			t.Errorf("ring, %d bytes: %v", n, err)
		}
	}
}

func TestSec_JW11_PublicMembersOnly(t *testing.T) {
	t.Parallel()
	a, b := newKey(t, start), newKey(t, start.Add(time.Hour))
	r := newRing(t, b, a)
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(r.JWKS(), &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 2 {
		t.Fatalf("%d keys", len(set.Keys))
	}
	for i, k := range []token.StoredKey{a, b} {
		want := fmt.Sprint(map[string]string{
			"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": k.ID, "x": b64(string(k.Public)),
		})
		if got := fmt.Sprint(set.Keys[i]); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		seed := token.Unseal(t, kek(1), k).Seed()
		for _, enc := range []*base64.Encoding{base64.RawURLEncoding, base64.RawStdEncoding} {
			if strings.Contains(string(r.JWKS()), enc.EncodeToString(seed)[:40]) {
				t.Error("a private key is published")
			}
		}
	}
	clear(r.JWKS()) // the caller has a copy
	if !json.Valid(r.JWKS()) {
		t.Error("callers share the text")
	}
	if got := string(newRing(t).JWKS()); got != `{"keys":[]}` {
		t.Errorf("no keys: %s", got)
	}
}

func TestSec_JW11_PrivateKeysSealed(t *testing.T) {
	t.Parallel()
	k := newKey(t, start)
	seed := token.Unseal(t, kek(1), k).Seed()
	for _, part := range [][]byte{seed, seed[:8], k.Public} {
		if bytes.Contains(k.Sealed, part) {
			t.Error("the sealed key holds a part of the key in the clear")
		}
	}
	if bytes.Contains(k.Public, seed[:8]) || len(k.Public) != 32 || len(k.ID) != 16 || k.Algorithm != "EdDSA" {
		t.Errorf("%+v", k)
	}
	flip := func(b []byte, i int) []byte { b = slices.Clone(b); b[i] ^= 1; return b }
	spoil := map[string]func(*token.StoredKey){
		"another id":     func(k *token.StoredKey) { k.ID = "other" },
		"no id":          func(k *token.StoredKey) { k.ID = "" },
		"another public": func(k *token.StoredKey) { k.Public = newKey(t, start).Public },
		"no public":      func(k *token.StoredKey) { k.Public = nil },
		"not sealed":     func(k *token.StoredKey) { k.Sealed = seed },
		"nothing sealed": func(k *token.StoredKey) { k.Sealed = nil },
		"another sealed": func(k *token.StoredKey) { k.Sealed = newKey(t, start).Sealed },
	}
	for i := range k.Sealed {
		spoil[fmt.Sprintf("bit of byte %d", i)] = func(k *token.StoredKey) { k.Sealed = flip(k.Sealed, i) }
		spoil[fmt.Sprintf("cut at %d", i)] = func(k *token.StoredKey) { k.Sealed = k.Sealed[:i] }
	}
	for name, change := range spoil {
		bad := k
		change(&bad)
		if _, err := token.NewRing(kek(1), []token.StoredKey{k, bad}, config); !errors.Is(err, token.ErrUnseal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := token.NewRing(kek(2), []token.StoredKey{k}, config); !errors.Is(err, token.ErrUnseal) {
		t.Errorf("another secret: %v", err)
	}
}

func TestNewRingChecksItsConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]token.Config{
		"no issuer": {Audience: audience}, "no audience": {Issuer: issuer}, "nothing": {},
		"negative size": {
			Issuer: issuer, Audience: audience, MaxBytes: -1,
		}, "negative wait": {Issuer: issuer, Audience: audience, PublishWait: -1},
	} {
		if _, err := token.NewRing(kek(1), nil, c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestKeysOfOtherAlgorithmsAreLeftOut(t *testing.T) {
	t.Parallel()
	later := newKey(t, start.Add(time.Hour))
	later.Algorithm = "ML-DSA-65"
	r := newRing(t, later)
	if _, err := r.Sign(claims(), start); !errors.Is(err, token.ErrNoKey) {
		t.Errorf("signed without a key: %v", err)
	}
	if need, drop := r.Rotation(start, time.Hour, time.Hour); !need || drop != nil {
		t.Errorf("rotation: %v, %v", need, drop)
	}
	r = newRing(t, later, newKey(t, start))
	if _, err := r.Verify(sign(t, r, claims(), start.Add(2*time.Hour)), start); err != nil {
		t.Error(err)
	}
}

func TestSec_JW10_NewKeyWaitsBeforeItSigns(t *testing.T) {
	t.Parallel()
	const wait = 10 * time.Minute
	born := start.Add(30 * 24 * time.Hour)
	old, fresh := newKey(t, start), newKey(t, born)
	r := newRing(t, fresh, old)
	for _, c := range []struct {
		now  time.Time
		want string
	}{
		{start.Add(-time.Hour), old.ID}, {start, old.ID}, {born, old.ID}, {born.Add(wait - 1), old.ID},
		{born.Add(wait), fresh.ID}, {born.Add(wait + 1), fresh.ID}, {born.Add(1000 * time.Hour), fresh.ID},
	} {
		if got := signedBy(t, r, c.now); got != c.want {
			t.Errorf("at %v signed by %q, want %q", c.now, got, c.want)
		}
	}
	if got := signedBy(t, newRing(t, fresh), born); got != fresh.ID {
		t.Error("the only key has to wait")
	}
	// Both are published and verify all the time, whichever signs.
	for _, now := range []time.Time{start, born, born.Add(wait)} {
		c := claims()
		c.IssuedAt, c.ExpiresAt = now, now.Add(time.Minute)
		if _, err := r.Verify(sign(t, r, c, now), now); err != nil {
			t.Error(err)
		}
	}
	if !bytes.Contains(r.JWKS(), []byte(fresh.ID)) || !bytes.Contains(r.JWKS(), []byte(old.ID)) {
		t.Error("a key is not published")
	}
}

// signedBy returns the kid that Sign writes.
func signedBy(t *testing.T, r *token.Ring, now time.Time) string {
	t.Helper()
	head, _, _ := strings.Cut(sign(t, r, claims(), now), ".")
	doc, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		t.Fatal(err)
	}
	var h struct{ Kid string }
	if err := json.Unmarshal(doc, &h); err != nil {
		t.Fatal(err)
	}
	return h.Kid
}

func TestSec_JW10_OldKeyVerifiesUntilItsTokensEnd(t *testing.T) {
	t.Parallel()
	const every, ttl = 30 * 24 * time.Hour, 15 * time.Minute
	old := newKey(t, start)
	alone := newRing(t, old)
	for _, c := range []struct {
		after time.Duration
		need  bool
	}{{-time.Hour, false}, {0, false}, {every - 1, false}, {every, true}, {every + 1, true}} {
		if need, drop := alone.Rotation(start.Add(c.after), every, ttl); need != c.need || drop != nil {
			t.Errorf("alone, after %v: %v, %v", c.after, need, drop)
		}
	}
	born := start.Add(every)
	fresh := newKey(t, born)
	r := newRing(t, old, fresh)
	// Replicas that read the new key late sign with the old one for up to two waits.
	last := born.Add(10*time.Minute + 10*time.Minute + ttl + 30*time.Second)
	for _, c := range []struct {
		now  time.Time
		drop []string
	}{{born, nil}, {born.Add(10 * time.Minute), nil}, {last, nil}, {last.Add(1), []string{old.ID}}} {
		if need, drop := r.Rotation(c.now, every, ttl); need || !slices.Equal(drop, c.drop) {
			t.Errorf("at %v: %v, %v", c.now, need, drop)
		}
	}
	if _, drop := r.Rotation(last.Add(1), every, 24*time.Hour); drop != nil {
		t.Error("dropped while longer tokens live")
	}
	c := claims()
	c.IssuedAt, c.ExpiresAt = born, born.Add(ttl)
	text := sign(t, alone, c, born)
	if _, err := r.Verify(text, born.Add(ttl)); err != nil {
		t.Error("signed with the old key:", err)
	}
	if _, err := newRing(t, fresh).Verify(text, born); !errors.Is(err, token.ErrUnknownKey) {
		t.Error("after the old key is dropped:", err)
	}
}

// TestSec_JW10_ReplicasAgree runs three replicas that read the keys as late as allowed, over
// many rotations. Every replica accepts each token of the others until it expires.
func TestSec_JW10_ReplicasAgree(t *testing.T) {
	t.Parallel()
	const every, ttl, step = time.Hour, 15 * time.Minute, 3 * time.Minute
	type issued struct {
		text string
		end  time.Time
	}
	keys := []token.StoredKey{newKey(t, start)}
	rings := []*token.Ring{newRing(t, keys...), newRing(t, keys...), newRing(t, keys...)}
	var live []issued
	signers := map[string]bool{}
	for i := range 6 * 20 {
		now := start.Add(time.Duration(i) * step)
		if need, drop := newRing(t, keys...).Rotation(now, every, ttl); need || drop != nil {
			keys = slices.DeleteFunc(keys, func(k token.StoredKey) bool { return slices.Contains(drop, k.ID) })
			if need {
				keys = append(keys, newKey(t, now))
			}
		}
		for j := range rings {
			if i%3 == j { // every nine minutes, each at a different time
				rings[j] = newRing(t, keys...)
			}
			c := claims()
			c.IssuedAt, c.ExpiresAt = now, now.Add(ttl)
			live = append(live, issued{sign(t, rings[j], c, now), c.ExpiresAt})
			signers[signedBy(t, rings[j], now)] = true
		}
		live = slices.DeleteFunc(live, func(x issued) bool { return x.end.Before(now) })
		for _, x := range live {
			for j, r := range rings {
				if _, err := r.Verify(x.text, now); err != nil {
					t.Fatalf("%v, replica %d: %v", now, j, err)
				}
			}
		}
		if len(keys) > 3 {
			t.Fatalf("%v: %d keys", now, len(keys))
		}
	}
	if len(signers) < 5 {
		t.Errorf("only %d keys have signed", len(signers))
	}
}
