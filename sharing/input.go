package sharing

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/auth"
)

const maxNext = 1024 // bytes

// validID reports whether the filter of a scope may name the id.
func validID(id string) bool {
	if id == "" || len(id) > 255 {
		return false
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '!' {
			return false
		}
	}
	return true
}

// plainText reports valid UTF-8 without control characters.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// expiry returns when a share ends that lasts for life, or as long as the kind says if life is
// 0.
func (k kind) expiry(f *auth.FieldsError, now time.Time, life time.Duration) time.Time {
	if life == 0 {
		life = k.Expiry
	}
	most := k.MaxExpiry
	if most == 0 {
		most = 3650 * day
	}
	switch {
	case life == 0:
		return time.Time{}
	case life < time.Second || life > most || life%time.Second != 0:
		f.Add("expires_in", auth.CodeInvalid, "Use whole seconds, at most "+most.String()+".")
	}
	return now.Add(life)
}

// OwnPath reports whether next is a path of the host that a browser can be sent to. It begins
// with exactly one slash, and no browser can read it as the address of another site (WHATWG URL
// Standard, section 4.4: backslashes count as slashes, tabs and line breaks are dropped).
func OwnPath(next string) bool {
	if len(next) > maxNext || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\ ") || !plainText(next) {
		return false
	}
	for _, c := range next {
		if c >= 0x7f {
			return false
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" {
		return false
	}
	// It must not lead elsewhere when somebody on the way decodes it again or removes its dots.
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return !strings.HasPrefix(u.Path, "//") && !strings.ContainsAny(u.Path, "\\\r\n\t\x00")
}

// sorted returns a sorted copy without duplicates. It is never nil.
func sorted(list []string) []string {
	out := append([]string{}, list...)
	slices.Sort(out)
	return slices.Compact(out)
}

// textsOf converts ids to the strings that package scopes takes.
func textsOf[ID ~string](list []ID) []string {
	out := make([]string, len(list))
	for i, id := range list {
		out[i] = string(id)
	}
	return out
}

// groupIDs converts the values of a filter by group to ids.
func groupIDs(list []string) []auth.GroupID {
	out := make([]auth.GroupID, len(list))
	for i, id := range list {
		out[i] = auth.GroupID(id)
	}
	return out
}
