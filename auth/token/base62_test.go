package token

import (
	"bytes"
	"crypto/rand"
	"errors"
	"math/big"
	"strings"
	"testing"
)

// swapCase turns the digits of package big, which has lower-case letters first, into ours.
func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}

func TestBase62AgreesWithBig(t *testing.T) {
	t.Parallel()
	random := [32]byte{}
	rand.Read(random[:])
	for _, b := range [][32]byte{{}, {31: 1}, {0: 0x80}, random, [32]byte(bytes.Repeat([]byte{0xff}, 32))} {
		want := swapCase(new(big.Int).SetBytes(b[:]).Text(62))
		if got := base62(b); len(got) != bodyLen || strings.TrimLeft(got, "0") != strings.TrimLeft(want, "0") {
			t.Errorf("%x: %s, want %s", b, got, want)
		}
	}
}

// A body above 2^256 - 1 would be a second text for a value, which New never makes.
func TestSec_TK02_BodyHoldsAtMost256Bits(t *testing.T) {
	t.Parallel()
	most := fromBytes(API, [32]byte(bytes.Repeat([]byte{0xff}, 32))).Reveal()
	if _, err := Parse(API, most); err != nil || most[7:50] != greatest {
		t.Errorf("the greatest value: %v", err)
	}
	over := new(big.Int).Lsh(big.NewInt(1), 256)
	for _, body := range []string{swapCase(over.Text(62)), strings.Repeat("z", bodyLen)} {
		text := prefix(API) + body
		if _, err := Parse(API, text+checksum(text)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestZeroSecretEqualsNone(t *testing.T) {
	t.Parallel()
	s := New(Device)
	if (Secret{}).Equal(Secret{}) || s.Equal(Secret{}) || (Secret{}).Equal(s) || !s.Equal(s) || s.Equal(New(Device)) {
		t.Error("equality is not that of secrets")
	}
}
