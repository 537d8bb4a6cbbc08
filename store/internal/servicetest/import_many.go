package servicetest

import (
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
)

// badEvery is how often a row is bad.
const badEvery = manyUsers / 10

// ImportMany: a hundred thousand users of another system come in with flat memory and a report
// on each row, and a second run changes nothing. It is no part of Run, since it takes a while,
// and measures the heap, so nothing else may run meanwhile.
func ImportMany(t *testing.T, open Open) {
	w := setup(t, open)
	want := auth.ImportSummary{Created: manyUsers - manyUsers/badEvery, Failed: manyUsers / badEvery}
	if got := w.importMany(auth.ImportCreated); got != want {
		t.Fatalf("first run: %+v, want %+v", got, want)
	}
	before := w.importedState()
	want = auth.ImportSummary{Exists: want.Created, Failed: want.Failed}
	if got := w.importMany(auth.ImportExists); got != want {
		t.Fatalf("second run: %+v, want %+v", got, want)
	}
	if after := w.importedState(); after != before {
		t.Errorf("the second run changed %s to %s", before, after)
	}
}

// manyRows makes the rows one by one, so that whatever stays in memory is the import's.
func manyRows() iter.Seq2[auth.ImportUser, error] {
	return func(yield func(auth.ImportUser, error) bool) {
		for i := 1; i <= manyUsers; i++ {
			u := auth.ImportUser{
				Username: fmt.Sprintf("imported%d", i), Email: fmt.Sprintf("imported%d@example.org", i),
				EmailVerified: true, ExternalID: fmt.Sprint(i),
				PasswordHash: "$2b$12$abcdefghijklmnopqrstuuMcVbQmMk3nGpQx8o2nD9GmNSxqAaaaa",
			}
			if i%badEvery == 0 {
				u.Email = "not an address"
			}
			if !yield(u, nil) {
				return
			}
		}
	}
}

func (w *world) importMany(outcome auth.ImportOutcome) auth.ImportSummary {
	w.t.Helper()
	rows := 0
	var heaps []uint64
	sum, err := w.ImportUsers(w.ctx, w.op, manyRows(), func(r auth.ImportResult) {
		rows++
		good := rows%badEvery != 0
		if r.Row != rows || good && (r.Outcome != outcome || r.Err != nil || r.User == "") ||
			!good && (r.Outcome != auth.ImportFailed || r.Err == nil) {
			w.t.Fatalf("row %d: reported as %+v", rows, r)
		}
		if rows%badEvery == 0 {
			heaps = append(heaps, heapInUse())
		}
	})
	w.must(err)
	if rows != manyUsers {
		w.t.Fatalf("%d rows were reported", rows)
	}
	w.t.Logf("heap at each tenth, in KiB: %v", heaps)
	const slack = 16 << 10 // KiB: less than 170 bytes a row
	if last := heaps[len(heaps)-1]; last > heaps[0]+slack {
		w.t.Errorf("the heap grew from %d to %d KiB", heaps[0], last)
	}
	return sum
}

// heapInUse is what the collector leaves, in KiB.
func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc >> 10
}

// importedState is a digest of all accounts, and of how much was recorded.
func (w *world) importedState() string {
	w.t.Helper()
	var sum uint64
	n := 0
	q := auth.UserFilter{PageQuery: auth.PageQuery{Limit: 200}}
	for {
		page, err := w.Users(w.ctx, w.op, q)
		w.must(err)
		for _, u := range page.Items {
			n++
			for _, c := range fmt.Sprint(
				u.ID, u.Username, u.Email, u.ExternalID, u.UpdatedAt.UnixMicro(), u.Roles, u.Status,
			) {
				sum = sum*31 + uint64(c)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	audits, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{PageQuery: auth.PageQuery{Limit: 1}})
	w.must(err)
	return fmt.Sprintf("%d accounts, digest %x, newest record %s", n, sum, audits.Items[0].ID)
}
