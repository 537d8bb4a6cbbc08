package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
)

var outboxScenarios = []scenario{
	{"MailIsClaimedWhenDue", mailIsClaimed},
	{"MailDueFirstIsClaimedFirst", mailInOrder},
	{"MailIsPutOffAndDeleted", mailPutOff},
}

// newMail returns a mail that is due at start.
func (w *world) newMail() mail.Envelope {
	return mail.Envelope{
		ID: mail.ID(w.id()), Sealed: []byte("sealed \x00\xff'"), Attempts: 1, DueAt: start,
		ExpiresAt: start.Add(time.Hour), CreatedAt: start.Add(-time.Second),
	}
}

func (w *world) addMail() mail.Envelope {
	w.t.Helper()
	m := w.newMail()
	w.must(w.st.Outbox().AddMail(w.ctx, m))
	return m
}

// claimed claims mails at a time and compares them. They are due again a minute later.
func (w *world) claimed(at time.Time, limit int, want ...mail.Envelope) {
	w.t.Helper()
	got, err := w.st.Outbox().ClaimMail(w.ctx, at, at.Add(time.Minute), limit)
	w.must(err)
	for i := range want {
		want[i].Attempts, want[i].DueAt = want[i].Attempts+1, at.Add(time.Minute)
	}
	w.same("claimed", got, want)
}

// outbox returns all waiting mails without changing them.
func (w *world) outbox() (list []mail.Envelope) {
	w.t.Helper()
	w.want(w.tx(func(in *world) (err error) {
		if list, err = in.st.Outbox().ClaimMail(
			in.ctx, start.AddDate(10, 0, 0), start.AddDate(10, 0, 0), 1000,
		); err != nil {
			return err
		}
		return errRefused
	}), errRefused)
	return list
}

func mailIsClaimed(w *world) {
	w.claimed(start, 9)
	m := w.addMail()
	if w.st.Outbox().AddMail(w.ctx, m) == nil {
		w.t.Error("two mails have one id")
	}
	w.claimed(start.Add(-time.Microsecond), 9)
	w.claimed(start, 0)
	w.claimed(start, 9, m)
	w.claimed(start.Add(time.Minute-time.Microsecond), 9)
	m.Attempts, m.DueAt = 2, start.Add(time.Minute)
	w.same("waiting", len(w.outbox()), 1)
	w.claimed(start.Add(time.Minute), 9, m)
}

func mailInOrder(w *world) {
	a, b, c := w.newMail(), w.newMail(), w.newMail()
	a.DueAt, b.DueAt, c.DueAt = start.Add(2*time.Second), start.Add(time.Second), start
	for _, m := range []mail.Envelope{a, b, c} {
		w.must(w.st.Outbox().AddMail(w.ctx, m))
	}
	w.claimed(start.Add(2*time.Second), 2, b, c)
	w.claimed(start.Add(2*time.Second), 2, a)
	w.claimed(start.Add(2*time.Second), 2)
}

func mailPutOff(w *world) {
	m, other := w.addMail(), w.addMail()
	w.must(w.st.Outbox().PutOffMail(w.ctx, m.ID, start.Add(time.Second)))
	w.claimed(start, 9, other)
	w.must(w.st.Outbox().DeleteMail(w.ctx, other.ID))
	w.must(w.st.Outbox().DeleteMail(w.ctx, other.ID))
	w.must(w.st.Outbox().PutOffMail(w.ctx, other.ID, start))
	w.must(w.st.Outbox().PutOffMail(w.ctx, "x", start))
	w.must(w.st.Outbox().DeleteMail(w.ctx, "x"))
	m.DueAt = start.Add(time.Second)
	w.claimed(start.Add(time.Hour), 9, m)
}
