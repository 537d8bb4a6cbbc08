package token

import "errors"

// ErrSealed: what should be opened was sealed with another key or for another label, or was
// changed.
var ErrSealed = errors.New("sealed text can't be opened")

// Seal encrypts a text that is stored for a while, with AES-256-GCM under a key of DeriveKey.
// The label says what it is, such as the id of its record: it opens only under the same one.
func Seal(key, plain []byte, label string) ([]byte, error) {
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain, []byte(label)), nil
}

// Open decrypts what Seal made, or returns ErrSealed.
func Open(key, sealed []byte, label string) ([]byte, error) {
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, sealed, []byte(label))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
