package token

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// MaxTTL is the longest life of an access token. A Keeper drops a key no earlier than that
// after another has replaced it.
const MaxTTL = 24 * time.Hour

const (
	keyLife    = 90 * 24 * time.Hour // after which the next key is made
	ringMaxAge = 5 * time.Minute     // before signing; below the time that a new key waits to sign
	ringReload = 10 * time.Second    // at most one reload in this time for unknown keys
)

// KeyStore keeps signing keys. Its methods are safe for concurrent use.
type KeyStore interface {
	// Keys lists all by CreatedAt, then id.
	Keys(ctx context.Context) ([]StoredKey, error)
	// AddKey adds one.
	AddKey(ctx context.Context, k StoredKey) error
	// DeleteKey removes one; no error if it is gone.
	DeleteKey(ctx context.Context, id string) error
	// Lock makes transactions that lock the same name run one after the other, until each
	// ends. Only inside a transaction. What the transaction reads afterwards includes what the
	// earlier ones committed.
	Lock(ctx context.Context, name string) error
}

// KeySource is where a Keeper finds its keys.
type KeySource struct {
	Store KeyStore
	// Tx runs fn in a transaction with a store bound to it: commit on nil, roll back on error.
	Tx func(ctx context.Context, fn func(KeyStore) error) error
	// Check runs each time before keys are read. If it returns an error, none are. nil means no
	// check.
	Check func(ctx context.Context) error
}

// Keeper reads the signing keys of a store and keeps them for a few minutes. It makes the next
// key when it is time, and drops keys that verify nothing any more. It is safe for concurrent
// use; any number of replicas may share a store.
type Keeper struct {
	src   KeySource
	kek   []byte
	now   func() time.Time
	cfg   Config
	cache *ringCache
	bound bool // src belongs to a transaction of the caller
}

// ringCache holds the keys that were read last.
type ringCache struct {
	turn chan struct{} // holds one while somebody reads from the store
	last atomic.Pointer[loadedRing]
}

type loadedRing struct {
	ring *Ring
	at   time.Time
}

// NewKeeper makes a Keeper. kek seals the private keys and must have 32 bytes, the same on
// every replica.
func NewKeeper(src KeySource, kek []byte, now func() time.Time, cfg Config) *Keeper {
	return &Keeper{src: src, kek: kek, now: now, cfg: cfg, cache: &ringCache{turn: make(chan struct{}, 1)}}
}

// Within returns a Keeper for a transaction of the caller, from which src reads. It keeps
// nothing of what it reads, since the transaction may roll back. It does not wait for other
// readers, since they may wait for the connection that the transaction has.
func (k *Keeper) Within(src KeySource) *Keeper {
	c := *k
	c.src, c.bound = src, true
	return &c
}

// Ring returns keys to sign with, read at most five minutes ago. It makes the first key and the
// next ones.
func (k *Keeper) Ring(ctx context.Context) (*Ring, error) { return k.load(ctx, ringMaxAge) }

// Verify is Ring.Verify with the keys of the store. A key that is not known may be new: then
// the keys are read again, at most once in ten seconds. Errors that match neither ErrInvalid
// nor ErrExpired come from reading the keys.
func (k *Keeper) Verify(ctx context.Context, text string) (Claims, error) {
	ring, err := k.load(ctx, keyLife)
	if err != nil {
		return Claims{}, err
	}
	c, err := ring.Verify(text, k.now())
	if errors.Is(err, ErrUnknownKey) {
		if ring, err = k.load(ctx, ringReload); err != nil {
			return Claims{}, err
		}
		c, err = ring.Verify(text, k.now())
	}
	return c, err
}

// get returns the keys if they were read less than maxAge ago, else nil.
func (c *ringCache) get(now time.Time, maxAge time.Duration) *Ring {
	l := c.last.Load()
	if l == nil || now.Sub(l.at) < 0 || now.Sub(l.at) >= maxAge {
		return nil
	}
	return l.ring
}

// load returns keys that were read less than maxAge ago.
func (k *Keeper) load(ctx context.Context, maxAge time.Duration) (*Ring, error) {
	now := k.now()
	if ring := k.cache.get(now, maxAge); ring != nil {
		return ring, nil
	}
	if !k.bound {
		select {
		case k.cache.turn <- struct{}{}:
			defer func() { <-k.cache.turn }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if ring := k.cache.get(now, maxAge); ring != nil {
			return ring, nil
		}
	}
	ring, err := k.read(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("load signing keys: %w", err)
	}
	if !k.bound {
		k.cache.last.Store(&loadedRing{ring, now})
	}
	return ring, nil
}

// read reads the keys and turns them over if it is time.
func (k *Keeper) read(ctx context.Context, now time.Time) (*Ring, error) {
	if k.src.Check != nil {
		if err := k.src.Check(ctx); err != nil {
			return nil, err
		}
	}
	ring, err := k.ringOf(ctx, k.src.Store)
	if err != nil {
		return nil, err
	}
	if more, drop := ring.Rotation(now, keyLife, MaxTTL); !more && len(drop) == 0 {
		return ring, nil
	}
	err = k.src.Tx(ctx, func(st KeyStore) error {
		ring, err = k.rotate(ctx, st, now)
		return err
	})
	return ring, err
}

// rotate turns the keys over, in a transaction. Of several replicas one makes the key, and the
// others find it.
func (k *Keeper) rotate(ctx context.Context, st KeyStore, now time.Time) (*Ring, error) {
	if err := st.Lock(ctx, "keys"); err != nil {
		return nil, err
	}
	ring, err := k.ringOf(ctx, st)
	if err != nil {
		return nil, err
	}
	more, drop := ring.Rotation(now, keyLife, MaxTTL)
	for _, id := range drop {
		if err := st.DeleteKey(ctx, id); err != nil {
			return nil, err
		}
	}
	if more {
		next, err := NewKey(k.kek, now)
		if err != nil {
			return nil, err
		}
		if err := st.AddKey(ctx, next); err != nil {
			return nil, err
		}
	}
	return k.ringOf(ctx, st)
}

func (k *Keeper) ringOf(ctx context.Context, st KeyStore) (*Ring, error) {
	stored, err := st.Keys(ctx)
	if err != nil {
		return nil, err
	}
	return NewRing(k.kek, stored, k.cfg)
}
