package device

import "errors"

// The answers to a poll that gets no tokens (RFC 8628 section 3.5), matched with errors.Is.
var (
	// ErrAuthorizationPending: nobody has decided about the device yet.
	ErrAuthorizationPending = errors.New("authorization is pending")
	// ErrSlowDown: the device asks too often. Each poll that comes too soon adds five seconds
	// to its interval.
	ErrSlowDown = errors.New("polling too often")
	// ErrAccessDenied: the person has denied the device.
	ErrAccessDenied = errors.New("access was denied")
	// ErrExpired: nobody has decided about the device in time.
	ErrExpired = errors.New("device code has expired")
)
