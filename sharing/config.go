package sharing

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

const day = 24 * time.Hour

// Config configures a Service. New copies it.
type Config struct {
	// Kinds are the kinds of resources that can be shared, by their name in the model of
	// scopes.
	Kinds map[string]Kind
	// AcceptURL is a page of the host where people accept a code, such as
	// "https://app.example/share". Links to it carry the code in their fragment, which browsers
	// send to nobody. Empty means that codes have no links.
	AcceptURL string
	// Now is the clock. nil means time.Now.
	Now func() time.Time
}

// Kind says how the resources of one kind are shared.
type Kind struct {
	// Shareable are the names of the scopes that may be shared. nil means every scope of the
	// host that takes a filter of the kind. The base scope shares may be listed too; whoever
	// receives it may share as the owner does.
	Shareable []string
	// Default are the scopes of a share that names none. nil means all of Shareable except
	// shares.
	Default []string
	// Reshare lets receivers pass on what they received, for as long as they hold it.
	Reshare bool
	// Expiry is how long a share lasts if its giver does not say. 0 means MaxExpiry.
	Expiry time.Duration
	// MaxExpiry is the longest that a share may last. 0 means for ever.
	MaxExpiry time.Duration
	// Owners returns the owners of resources, by id of resource, and leaves out resources that
	// do not exist. It is called for decisions, with up to 1,000 ids at once, so it must be
	// fast, and safe for concurrent use. nil means that the built-in registry keeps the owners.
	Owners func(ctx context.Context, ids []string) (map[string]auth.UserID, error)
}

// base are the scopes that this library declares for every kind. Owners hold them by role, not
// because they own something.
var base = []string{"resources", "shares", "read:shares"}

// kind is a Kind with its defaults, compiled.
type kind struct {
	Kind
	name  string
	owned []scopes.Scope // what the owner of a resource holds on it; each filter still lacks its id
	owner *scopes.Set    // the same with everything that it implies, on some resource
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (c Config) compile(schema *scopes.Schema) (map[string]kind, error) {
	out := map[string]kind{}
	var errs []error
	for name, k := range c.Kinds {
		compiled, err := k.compile(schema, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("kind %q: %w", name, err))
		}
		out[name] = compiled
	}
	if c.AcceptURL != "" {
		u, err := url.Parse(c.AcceptURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
			u.Fragment != "" {
			errs = append(errs, errors.New("accept URL: use an http or https URL without user and fragment"))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("configure sharing: %w", err)
	}
	return out, nil
}

// Validate returns an error that joins every problem in c. New does the same.
func (c Config) Validate(schema *scopes.Schema) error {
	_, err := c.compile(schema)
	return err
}

func (k Kind) compile(schema *scopes.Schema, name string) (kind, error) {
	out := kind{Kind: k, name: name}
	if !slices.Contains(schema.Kinds(), scopes.Kind{Name: name}) || name == scopes.KindUser ||
		name == scopes.KindGroup {
		return out, errors.New("the host declares no such kind in its model of scopes")
	}
	accepting := schema.OfKind(name)
	var own []string
	for _, s := range accepting {
		if !slices.Contains(base, s) {
			own = append(own, s)
			out.owned = append(out.owned, scopes.Scope{Name: s, Kind: name})
		}
	}
	out.owner = schema.Set(out.owned, scopes.Self{Kind: name, ID: "any"})
	if k.Shareable == nil {
		out.Shareable = own
	}
	if k.Default == nil {
		out.Default = slices.DeleteFunc(slices.Clone(out.Shareable), func(s string) bool { return s == "shares" })
	}
	out.Shareable, out.Default = sorted(out.Shareable), sorted(out.Default)
	for _, s := range out.Shareable {
		if !slices.Contains(accepting, s) || s == "resources" {
			return out, fmt.Errorf(
				"scope %q can't be shared: it takes no filter of this kind, or only owners may hold it", s,
			)
		}
	}
	for _, s := range out.Default {
		if !slices.Contains(out.Shareable, s) {
			return out, fmt.Errorf("default scope %q is not among the shareable ones", s)
		}
	}
	if k.Expiry < 0 || k.MaxExpiry < 0 || k.MaxExpiry > 0 && k.Expiry > k.MaxExpiry {
		return out, errors.New("expiry and longest expiry: neither is negative, and expiry is not the longer one")
	}
	if out.MaxExpiry > 0 && out.Expiry == 0 {
		out.Expiry = out.MaxExpiry
	}
	return out, nil
}
