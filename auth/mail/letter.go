package mail

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// noticeLife is how long a letter without a code or a link is worth sending.
const noticeLife = 3 * day

// Letter is what somebody is to be told: the kind, the address and what the template needs. It
// becomes a Message when it is sent. It may hold a code or a link, so printing or logging a
// Letter shows only its kind.
type Letter struct {
	Kind    Kind          `json:"kind"`
	To      string        `json:"to"`      // one bare address; a letter without one is not posted
	Site    string        `json:"site"`    // Data.Site
	Code    string        `json:"code"`    // Data.Code
	Link    string        `json:"link"`    // Data.Link
	IP      string        `json:"ip"`      // Data.IP
	Inviter string        `json:"inviter"` // Data.Inviter
	Life    time.Duration `json:"life"`    // how long code and link count; then it is not worth sending. 0 means 3 days

	// Decoy means that the letter is never sent. It is posted because leaving it out would take
	// less time, and tell whether an address has an account.
	Decoy bool `json:"decoy"`
}

// Format writes the kind, whatever the verb.
func (l Letter) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("letter " + l.Kind)) }

// LogValue returns the kind.
func (l Letter) LogValue() slog.Value { return slog.StringValue("letter " + string(l.Kind)) }

// data is what the template of the letter is given.
func (l Letter) data(url string) Data {
	d := Data{Site: l.Site, URL: url, To: l.To, Code: l.Code, Link: l.Link, IP: l.IP, Inviter: l.Inviter}
	if l.Life > 0 {
		d.Expires = span(l.Life)
	}
	return d
}

// ID identifies an envelope: a UUIDv7 in canonical form.
type ID string

// Envelope is a letter as it waits in the outbox. The letter is sealed, since codes and links
// are secrets.
type Envelope struct {
	ID        ID
	Sealed    []byte
	Attempts  int       // that began so far
	DueAt     time.Time // of the next attempt
	ExpiresAt time.Time // when it is not worth sending any more
	CreatedAt time.Time
}

// seal puts a letter into an envelope that is due at once.
func seal(key []byte, l Letter, now time.Time) (Envelope, error) {
	life := l.Life
	if life <= 0 {
		life = noticeLife
	}
	e := Envelope{ID: ID(token.NewID(now)), DueAt: now, ExpiresAt: now.Add(life), CreatedAt: now}
	plain, err := json.Marshal(l)
	if err != nil {
		return e, err
	}
	e.Sealed, err = token.Seal(key, plain, string(e.ID))
	return e, err
}

// open takes the letter out.
func (e Envelope) open(key []byte) (l Letter, err error) {
	plain, err := token.Open(key, e.Sealed, string(e.ID))
	if err != nil {
		return l, err
	}
	return l, json.Unmarshal(plain, &l)
}
