package token

import "errors"

// ErrSealed means that a sealed text can't be opened: it has another key or label, or was
// changed.
var ErrSealed = errors.New("sealed text can't be opened")

// Seal encrypts a text for storage, with AES-256-GCM and a key of DeriveKey. The label says
// what the text is, such as the id of its record; Open needs the same one.
func Seal(key, plain []byte, label string) ([]byte, error) {
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain, []byte(label)), nil
}

// Open decrypts what Seal made. It returns ErrSealed if it can't.
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
