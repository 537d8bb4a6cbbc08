package token_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// It runs alone, so that nothing else allocates while it counts.
func TestSec_JW05_SizeBeforeDecoding(t *testing.T) {
	b := setup(t)
	dots := strings.Repeat(".", 1<<20)
	for name, text := range map[string]string{
		"dots":        dots,
		"8 KiB":       dots[:8192],
		"one part":    strings.Repeat("A", 1<<20),
		"long header": strings.Repeat("A", 1<<20) + ".AA.AA",
		"long body":   b64(document(t, b.header())) + "." + strings.Repeat("A", 1<<20) + ".AA",
		"nested":      b64(strings.Repeat("[", 1<<19)) + ".AA.AA",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := b.ring.Verify(text, start)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n >= 64<<10 {
			t.Errorf("%s: allocated %d bytes", name, n)
		}
		if !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSec_JW05_LengthLimit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := claims()
	c.ID = strings.Repeat("x", 5000)
	text := sign(t, b.ring, c, start)
	for _, d := range []struct {
		most int
		ok   bool
	}{{len(text) - 1, false}, {len(text), true}, {len(text) + 1, true}, {0, true}} {
		r, err := token.NewRing(
			b.kek, []token.StoredKey{b.stored}, token.Config{Issuer: issuer, Audience: audience, MaxBytes: d.most},
		)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Verify(text, start); (err == nil) != d.ok {
			t.Errorf("%d bytes, limit %d: %v", len(text), d.most, err)
		}
	}
	c.ID = strings.Repeat("x", 7000)
	wantInvalid(t, b.ring, "above 8 KiB", sign(t, b.ring, c, start))
}

func TestSec_JW05_StrictBase64(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := b.forge(t, b.header(), b.body())
	parts := strings.Split(good, ".")
	join := func(p ...string) string { return strings.Join(p, ".") }
	for name, text := range map[string]string{
		"empty": "", "two dots": "..", "two parts": join(parts[:2]...), "four parts": good + ".",
		"five parts": good + "..", "leading dot": "." + good,
		"space before": " " + good, "space after": good + " ", "newline after": good + "\n", "newline inside": join(
			parts[0], parts[1], parts[2][:40]+"\n"+parts[2][40:],
		),
		"return inside": join(
			parts[0], parts[1], parts[2][:40]+"\r"+parts[2][40:],
		), "scheme": "Bearer " + good, "quoted": `"` + good + `"`,
		"padded signature": good + "==", "padded header": join(
			parts[0]+"=", parts[1], parts[2],
		), "NUL": good + "\x00", "not UTF-8": good + "\xff",
		"standard alphabet": join(
			parts[0], parts[1], strings.NewReplacer("-", "+", "_", "/").Replace(parts[2][:60]+"--"+parts[2][62:]),
		),
	} {
		wantInvalid(t, b.ring, name, text)
	}
	// 64 bytes leave four stray bits in the last character, so 15 other texts could encode the
	// same signature.
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(digits, good[len(good)-1])
	for bits := range 16 {
		twin := good[:len(good)-1] + string(digits[last&^15|bits])
		if _, err := b.ring.Verify(twin, start); (err == nil) != (twin == good) {
			t.Errorf("stray bits %04b: %v", bits, err)
		}
	}
}

func TestSec_JW06_StrictJSON(t *testing.T) {
	t.Parallel()
	b := setup(t)
	head, body := document(t, b.header()), document(t, b.body())
	more := func(doc, member string) string { return doc[:len(doc)-1] + "," + member + "}" }
	bodies := map[string]string{
		"empty": "", "null": "null", "array": "[" + body + "]", "text": `"x"`, "empty object": "{}",
		"unclosed": body[:len(body)-1], "comma": body[:len(body)-1] + ",}",
		"leading comma": "{," + body[1:], "trailing data": body + "x", "two objects": body + body,
		"trailing bracket": body + "}", "NUL after": body + "\x00",
		"byte order mark": "\ufeff" + body, "not UTF-8": strings.Replace(body, "jti-1", "jti-\xff", 1),
		"raw newline": strings.Replace(body, "jti-1", "jti\n1", 1),
		"bad escape":  strings.Replace(body, "jti-1", `jti\x`, 1), "comment": body[:len(body)-1] + "/* */}",
		"single quotes": strings.ReplaceAll(body, `"`, "'"),
		"no colon":      `{"iss" "x"}`, "no value": `{"iss":}`, "number as name": `{1:"x"}`, "nine members": more(
			more(body, `"scope":"a"`), `"x":"y"`,
		),
	}
	for _, name := range []string{"iss", "aud", "sub", "sid", "jti"} {
		bodies["twice "+name] = more(body, fmt.Sprintf("%q:%q", name, b.body()[name]))
		bodies["twice, escaped, "+name] = more(body, fmt.Sprintf(`"\u%04x%s":%q`, name[0], name[1:], b.body()[name]))
	}
	for _, name := range []string{"iat", "exp"} {
		bodies["twice "+name] = more(body, fmt.Sprintf("%q:%d", name, b.body()[name]))
		for _, v := range []string{
			"1e308", "1e999", "-1e308", "1.5", "1772366400.0", "1772366400e0", "1E9", "0", "-1", "-0", "01", "+1",
			"0x10", "NaN", "Infinity", `"1772366400"`, "null", "true", "[]", "{}",
			"9223372036854775807", "9223372036854775808", "99999999999999999999999", "-9223372036854775808",
			"253402300800", strings.Repeat("9", 400),
		} {
			bodies[name+" "+v] = document(t, asRaw(b.body(), name, v))
		}
	}
	for _, depth := range []int{1, 16, 17, 1000, 2000} {
		bodies[fmt.Sprintf("arrays, %d deep", depth)] = more(
			body, `"scope":`+strings.Repeat("[", depth)+strings.Repeat("]", depth),
		)
		bodies[fmt.Sprintf("open arrays, %d deep", depth)] = `{"iss":` + strings.Repeat("[", depth)
		bodies[fmt.Sprintf("objects, %d deep", depth)] = more(
			body, `"scope":`+strings.Repeat(`{"a":`, depth/2)+"1"+strings.Repeat("}", depth/2),
		)
	}
	delete(bodies, "objects, 1 deep")
	for name, doc := range bodies {
		wantInvalid(t, b.ring, "body: "+name, b.forge(t, head, doc))
	}
	for name, doc := range map[string]string{
		"twice alg": more(head, `"alg":"none"`), "twice alg, first none": `{"alg":"none",` + head[1:],
		"twice kid": more(head, `"kid":"x"`), "twice typ": more(head, `"typ":"at+jwt"`),
		"trailing data": head + "x", "two objects": head + head, "array": "[" + head + "]", "empty": "", "null": "null",
		"empty object": "{}", "not UTF-8": head[:len(head)-1] + "\xff}",
	} {
		wantInvalid(t, b.ring, "header: "+name, b.forge(t, doc, body))
	}
	// The latest date is valid, and white space is allowed.
	fine := " \t\r\n" + document(t, asRaw(b.body(), "exp", "253402300799")) + "\n"
	if c, err := b.ring.Verify(b.forge(t, head, fine), start); err != nil ||
		c.ExpiresAt != time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) {
		t.Errorf("latest date: %v, %v", c.ExpiresAt, err)
	}
}

// asRaw writes the members of m as JSON, one of them with a text that need not be JSON.
func asRaw(m map[string]any, name, raw string) string {
	out := "{"
	for k, v := range m {
		doc, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		if k == name {
			doc = []byte(raw)
		}
		out += fmt.Sprintf("%q:%s,", k, doc)
	}
	return strings.TrimSuffix(out, ",") + "}"
}

func TestSec_JW12_SizeBudget(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := claims()
	c.ID, c.HasScopes = session, true
	for i := range 10 {
		c.Scopes = append(c.Scopes, fmt.Sprintf("read:users:shares!user=0197a000-0000-7000-8000-%012d", i))
	}
	text := sign(t, b.ring, c, start)
	if len(text) > 1536 {
		t.Errorf("10 scopes make %d bytes", len(text))
	}
	if got, err := b.ring.Verify(text, start); err != nil || len(got.Scopes) != 10 || !got.HasScopes {
		t.Errorf("%+v, %v", got, err)
	}
	for name, list := range map[string][]string{
		"11 scopes": append(c.Scopes, "one:more"),
		"long scopes": {
			"a!b=" + strings.Repeat("x", 255), "a!c=" + strings.Repeat("x", 255), "a!d=" + strings.Repeat("x", 255),
		},
	} {
		c.Scopes = list
		text := sign(t, b.ring, c, start)
		if got, err := b.ring.Verify(text, start); err != nil || got.HasScopes || got.Scopes != nil ||
			len(text) > 1536 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// FuzzVerify replaces a piece of a good token by another text. Nobody without the key can make
// another token that passes. Seeds hold no token, since each fuzzing process has its own key.
func FuzzVerify(f *testing.F) {
	b := setup(f)
	good := sign(f, b.ring, claims(), start)
	none := b64(`{"alg":"none","typ":"at+jwt"}`) + "." + b64("{}") + "."
	for _, text := range []string{"", "=", ".", "..", "a.b.c", "\n", strings.Repeat(".", 9000), none} {
		f.Add(uint16(0), uint16(len(good)), text)
		f.Add(uint16(len(good)), uint16(0), text)
		f.Add(uint16(40), uint16(1), text)
	}
	f.Fuzz(func(t *testing.T, at, cut uint16, text string) {
		from := min(int(at), len(good))
		text = good[:from] + text + good[min(from+int(cut), len(good)):]
		c, err := b.ring.Verify(text, start)
		if (err == nil) != (text == good) {
			t.Fatalf("%q: %+v, %v", text, c, err)
		}
		if err != nil && !errors.Is(err, token.ErrInvalid) {
			t.Fatalf("%v is not an error of Verify", err)
		}
	})
}

// FuzzVerifySigned checks that nothing passes which package json reads differently, even if it
// was signed. KID stands for the id of the key.
func FuzzVerifySigned(f *testing.F) {
	b := setup(f)
	head, body := document(f, with(b.header(), "kid", "KID")), document(f, b.body())
	f.Add(head, body)
	f.Add(head, strings.Replace(body, `"sub"`, `"s\u0075b"`, 1))
	f.Add(head, strings.Replace(body, "jti-1", `\ud83d\ude00 \ud83d \"\\\/`, 1))
	f.Add(head, `{"iss":1e308}`)
	f.Add(head, body[:len(body)-1]+`,"scope":"a b"}`)
	f.Add(`{"alg":"EdDSA","alg":"none"}`, body)
	f.Fuzz(func(t *testing.T, head, body string) {
		head = strings.ReplaceAll(head, "KID", b.stored.ID)
		c, err := b.ring.Verify(b.forge(t, head, body), start)
		if err != nil {
			if !errors.Is(err, token.ErrInvalid) && !errors.Is(err, token.ErrExpired) {
				t.Fatalf("%v is not an error of Verify", err)
			}
			return
		}
		var h map[string]string
		if err := json.Unmarshal([]byte(head), &h); err != nil ||
			!maps.Equal(h, map[string]string{"alg": "EdDSA", "typ": "at+jwt", "kid": b.stored.ID}) {
			t.Fatalf("header %q passes: %v", head, err)
		}
		var w struct {
			Iss, Aud, Sub, Sid, Jti string
			Iat, Exp                int64
		}
		if err := json.Unmarshal([]byte(body), &w); err != nil || w.Iss != issuer || w.Aud != audience ||
			w.Sub != c.Subject ||
			w.Sid != c.Session || w.Jti != c.ID || w.Iat != c.IssuedAt.Unix() || w.Exp != c.ExpiresAt.Unix() {
			t.Fatalf("body %q read as %+v (%v)", body, c, err)
		}
	})
}
