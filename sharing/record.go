package sharing

import (
	"encoding/json"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Ref names a resource: a thing of the host that can be shared.
type Ref struct {
	Kind string // as declared in Config.Kinds
	ID   string // 1 to 255 characters of those that the filter of a scope may have
}

// Holder is a user or a service, by id. The zero Holder is nobody.
type Holder struct {
	User    string
	Service string
}

// ID is the id of whichever it is.
func (h Holder) ID() string { return h.User + h.Service }

// Resource is an entry of the built-in registry.
type Resource struct {
	Ref
	Owner     string // id of a user
	CreatedAt time.Time
}

// ResourceQuery selects resources of one kind, by id ascending.
type ResourceQuery struct {
	Kind   string
	All    bool     // whatever owner and id
	Owners []string // those of these owners,
	IDs    []string // and those with these ids
	After  string   // ids greater than this, by bytes
	Limit  int
}

// Share is a grant of scopes on one resource from a giver to a user or a group. It counts only
// while its giver could give it now.
type Share struct {
	ID        string // UUIDv7
	Resource  Ref
	Giver     Holder
	User      string   // id of the receiver; empty for a group
	Group     string   // id of the receiver; empty for a user
	Scopes    []string // names, sorted; the filter is the resource
	Code      string   // id of the share code that it came from; empty for one that was given directly
	CreatedAt time.Time
	ExpiresAt time.Time // zero for never
}

// ShareQuery selects shares that have not expired, by id ascending. Zero fields do not filter;
// a list that is empty and not nil finds nothing.
type ShareQuery struct {
	Kind      string
	Resources []Ref
	User      string   // received by this user,
	Groups    []string // or by one of these groups
	Giver     Holder
	Code      string
	Now       time.Time // those whose ExpiresAt is after this, or zero
	After     string    // ids greater than this
	Limit     int       // 0 for all
}

// ShareSelection names shares to delete. Resource is required, and of the other fields those
// that are not empty.
type ShareSelection struct {
	Resource Ref
	ID       string
	User     string // the receiver
	Group    string // the receiver
	Code     string
}

// Audience says who may accept a code.
type Audience struct {
	Type  AudienceType
	Value string // id of a user or a group, a canonical address, or a domain; empty for SignedIn
}

// AudienceType is a kind of audience.
type AudienceType string

// The kinds of audiences. Addresses count only where they are proven.
const (
	SignedIn  AudienceType = "signed_in"
	ForUser   AudienceType = "user"
	ForGroup  AudienceType = "group"
	ForEmail  AudienceType = "email"
	ForDomain AudienceType = "domain"
)

// Code is a share code: whoever presents its secret, and is in its audience, receives a share.
type Code struct {
	ID              string     // UUIDv7; no secret
	Hash            token.Hash // of the secret; unique
	Resource        Ref
	Giver           Holder
	Scopes          []string // names, sorted
	Label           string
	Audience        Audience
	Next            string // own path of the host to go to afterwards; empty for none
	MaxUses         int    // 0 for any number
	Exchanges       int
	LastExchangedAt time.Time // zero before the first
	CreatedAt       time.Time
	ExpiresAt       time.Time
}

// CodeQuery selects codes that have not expired, by id ascending. Zero fields do not filter.
type CodeQuery struct {
	Resource Ref
	Giver    Holder
	Now      time.Time // those whose ExpiresAt is after this
	After    string    // ids greater than this
	Limit    int
}

// Exchange says that a user accepted a code.
type Exchange struct {
	ID    string // UUIDv7
	Code  string
	User  string
	Share string // the share that it gave, which may be gone
	At    time.Time
}

// AuditRecord says who changed which share or code. It is kept beside those of accounts.
type AuditRecord struct {
	ID     string // UUIDv7
	At     time.Time
	Actor  string
	Action string // such as "share.create"
	Target string // kind and id of the resource, as "note=7"
	Detail json.RawMessage
}
