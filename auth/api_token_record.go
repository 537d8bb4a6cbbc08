package auth

import (
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// APIToken is a long-lived secret for programs. What it may do is what its owner may do at the
// moment of use, under its scopes.
type APIToken struct {
	ID         APITokenID
	Owner      Holder
	Name       string     // free text of whoever made it
	Prefix     string     // the beginning of the secret, to tell tokens apart
	Hash       token.Hash // of the secret; unique
	Scopes     []string   // the ceiling, sorted; never nil, and an empty one allows nothing
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero for never
	LastUsedAt time.Time // written at most once a minute; zero before the first use
}

// APITokenUse is a token together with its owner, of which one is set: all that a request needs
// to know about who it acts as.
type APITokenUse struct {
	Token   APIToken
	User    User
	Service ServiceAccount
}

// APITokenQuery selects an owner's tokens, newest first.
type APITokenQuery struct {
	Owner  Holder
	Before APITokenID // ids smaller than this; empty for the first page
	Limit  int
}
