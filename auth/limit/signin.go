package limit

import (
	"context"
	"fmt"
)

// Tries are the tries that one sign-in takes, and what a success does to them.
type Tries struct {
	All  []Take   // to take before anything is verified
	full []string // filled by a success
	back []Take   // given back by a success
}

// SignIn returns the tries of a sign-in from an unknown device. account is a user id, or what
// was typed if there is no such user.
func (l *Limiter) SignIn(account string, n Network) Tries {
	short, long := l.account(account), l.accountLong(account)
	pair, network := l.pair(account, n), l.network(n)
	return Tries{
		All:  []Take{short, long, pair, network},
		full: []string{short.Key, long.Key, pair.Key}, back: []Take{network},
	}
}

// SignInFromDevice returns the tries of a sign-in from a device that signed in to the account
// before. It has buckets of its own, so that strangers can't lock the owner out. Somebody who
// once had the password may hold many marks, so all devices of an account also share a budget.
func (l *Limiter) SignInFromDevice(account, mark string) Tries {
	device, devices := l.device(account, mark), l.devices(account)
	return Tries{
		All:  []Take{device, devices},
		full: []string{device.Key, devices.Key, l.account(account).Key, l.accountLong(account).Key},
	}
}

// Succeed forgets earlier failures. It fills the buckets of the account and gives its network
// the try back.
func (l *Limiter) Succeed(ctx context.Context, t Tries) error {
	if err := l.st.GiveBack(ctx, t.full, t.back); err != nil {
		return fmt.Errorf("reset tries: %w", err)
	}
	return nil
}
