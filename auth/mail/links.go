package mail

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// Links are the pages that mailed links open: URLs, or paths below the URL of the site. A page
// finds the one-time token in the fragment, as in "#token=hp_flo_…&for=reset_password", which
// browsers send to no server. It must do nothing before the person has clicked. Empty means
// "/auth/link", the page that httpadapter serves under its usual prefix.
type Links struct {
	SignIn      string
	Verify      string
	Reset       string
	Invite      string
	AcceptShare string
	Device      string // gets "#user_code=XXXX-XXXX"
}

// DefaultLink is the path, below the URL of the site, that links lead to if the host has no
// page for them.
const DefaultLink = "/auth/link"

// all returns the links by name, so that they can be changed in place.
func (l *Links) all() map[string]*string {
	return map[string]*string{
		"sign in": &l.SignIn, "verify": &l.Verify, "reset": &l.Reset, "invite": &l.Invite,
		"accept share": &l.AcceptShare, "device": &l.Device,
	}
}

// Or returns a copy of l in which page replaces every empty link.
func (l Links) Or(page string) Links {
	for _, link := range l.all() {
		if *link == "" {
			*link = page
		}
	}
	return l
}

// WithBase fills in DefaultLink and makes every link a URL below base. It returns an error
// about each link that can't be one.
func (l Links) WithBase(base string) (Links, error) {
	var errs []error
	l = l.Or(DefaultLink)
	all := l.all()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		link := all[name]
		if strings.HasPrefix(*link, "/") {
			*link = base + *link
		}
		u, err := url.Parse(*link)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil ||
			u.Fragment != "" || strings.ContainsFunc(*link, unprintable) {
			errs = append(errs, fmt.Errorf(
				"link %s: %q is neither a path nor an http or https URL without user and fragment", name, *link,
			))
		}
	}
	return l, errors.Join(errs...)
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }
