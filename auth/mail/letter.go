package mail

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// noticeLife is how long it makes sense to send a letter that has no code and no link.
const noticeLife = 3 * day

// Letter is what somebody is told: its kind, the address, and what the template needs. It
// becomes a Message when it is sent. It may hold a code or a link, so printing or logging it
// shows only its kind.
type Letter struct {
	Kind    Kind          `json:"kind"`
	To      string        `json:"to"`      // one bare address; without it, nothing is posted
	Site    string        `json:"site"`    // Data.Site
	Code    string        `json:"code"`    // Data.Code
	Link    string        `json:"link"`    // Data.Link
	IP      string        `json:"ip"`      // Data.IP
	Inviter string        `json:"inviter"` // Data.Inviter
	Life    time.Duration `json:"life"`    // how long code and link are valid, and the letter is worth sending; 0 means 3 days

	// Decoy means that the letter is never sent. It is posted all the same, because leaving it
	// out would take less time, and so show whether an address has an account.
	Decoy bool `json:"decoy"`
}

// Format writes the kind, for every verb.
func (l Letter) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("letter " + l.Kind)) }

// LogValue returns the kind.
func (l Letter) LogValue() slog.Value { return slog.StringValue("letter " + string(l.Kind)) }

// data returns what the template of the letter is given.
func (l Letter) data(url string) Data {
	d := Data{Site: l.Site, URL: url, To: l.To, Code: l.Code, Link: l.Link, IP: l.IP, Inviter: l.Inviter}
	if l.Life > 0 {
		d.Expires = span(l.Life)
	}
	return d
}

// ID identifies an envelope: a UUIDv7 in canonical form.
type ID string

// Envelope is a letter in the outbox. The letter is sealed, because codes and links are
// secrets.
type Envelope struct {
	ID        ID
	Sealed    []byte
	Attempts  int       // how many have begun
	DueAt     time.Time // when the next attempt may begin
	ExpiresAt time.Time // from then on it is not worth sending
	CreatedAt time.Time
}

// seal puts a letter into an envelope that is due now.
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
