package servicetest

import (
	"errors"
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/hallpass-go/hallpass/auth"
)

var errLine = errors.New("line can't be read")

// rows yields the users, with an error in place of the one at index bad.
func rows(users []auth.ImportUser, bad int) iter.Seq2[auth.ImportUser, error] {
	return func(yield func(auth.ImportUser, error) bool) {
		for i, u := range users {
			var err error
			if i == bad {
				u, err = auth.ImportUser{}, errLine
			}
			if !yield(u, err) {
				return
			}
		}
	}
}

// importIsSafeToRepeat checks that good rows become accounts that keep their old passwords,
// that bad rows are reported and leave nothing behind, and that a second run changes nothing.
func importIsSafeToRepeat(t *testing.T, open Open) {
	w := setup(t, open)
	hash, err := bcrypt.GenerateFromPassword([]byte(pass), bcrypt.MinCost)
	w.must(err)
	w.signUp("taken")
	var users []auth.ImportUser
	for i := range 250 {
		users = append(users, auth.ImportUser{
			Username: fmt.Sprintf("user%d", i), Email: fmt.Sprintf("user%d@example.org", i), EmailVerified: true,
			ExternalID:   fmt.Sprintf("old-%d", i),
			PasswordHash: string(hash),
		})
	}
	bad := map[int]error{ // by row
		11:  errLine,
		21:  auth.ErrInvalidInput,
		31:  auth.ErrUsernameTaken,
		41:  auth.ErrEmailTaken,
		51:  auth.ErrInvalidInput,
		61:  auth.ErrInvalidInput,
		71:  auth.ErrInvalidInput,
		241: auth.ErrUsernameTaken,
	}
	users[20].Username = "no spaces"
	users[30].Username = "Taken"
	users[40].Email = "USER1@example.org"
	users[50].PasswordHash = "$unknown$hash"
	users[60].Roles = []string{"no-such-role"}
	users[70].Status = "gone"
	users[240].Username = "user100"
	for run := range 2 {
		var got []auth.ImportResult
		sum, err := w.ImportUsers(w.ctx, w.op, rows(users, 10), func(r auth.ImportResult) { got = append(got, r) })
		w.must(err)
		want := auth.ImportSummary{Created: 242, Failed: 8}
		if run == 1 {
			want = auth.ImportSummary{Exists: 242, Failed: 8}
		}
		if sum != want || len(got) != 250 {
			t.Fatalf("run %d: the summary is %+v, and %d rows were reported", run, sum, len(got))
		}
		for i, r := range got {
			if r.Row != i+1 || !errors.Is(r.Err, bad[r.Row]) || (r.Err == nil) != (bad[r.Row] == nil) {
				t.Errorf("run %d, row %d: reported %+v, want error %v", run, i+1, r, bad[i+1])
			}
		}
	}
	p := w.principal("user5@example.org")
	if !p.User.EmailVerified || p.User.ExternalID != "old-5" || !slices.Equal(p.User.Roles, []auth.RoleID{"user"}) {
		t.Errorf("imported %+v", p.User)
	}
	_, err = w.ImportUsers(w.ctx, p, rows(users, -1), nil)
	w.want(err, auth.ErrInsufficientScope)
	w.signUp("helen", "helper")
	var result auth.ImportResult
	above := []auth.ImportUser{{Username: "eve", Roles: []string{"admin"}}}
	_, err = w.ImportUsers(
		w.ctx, w.principal("helen"), rows(above, -1), func(r auth.ImportResult) { result = r },
	)
	w.must(err)
	w.want(result.Err, auth.ErrAboveCeiling)
}

// ImportMany imports manyUsers rows. Every badEvery-th is bad.
var (
	manyUsers = importSize()
	badEvery  = manyUsers / 10
)

// importSize returns 100,000, or less under the race detector, which makes SQLite ten times
// slower.
func importSize() int {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-race" && s.Value == "true" {
				return 10_000
			}
		}
	}
	return 100_000
}

// ImportMany checks that an import of 100,000 users reports on each row and does not need more
// memory for more rows, and that a second run changes nothing. It measures the heap, so nothing
// else may run at the same time. For that reason it is not part of Run.
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

// manyRows makes the rows one by one, so that only the import can keep them in memory.
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
	const slack = 16 << 10 // KiB, less than 170 bytes a row
	if last := heaps[len(heaps)-1]; last > heaps[0]+slack {
		w.t.Errorf("the heap grew from %d to %d KiB", heaps[0], last)
	}
	return sum
}

// heapInUse returns the size of the heap after a garbage collection, in KiB.
func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc >> 10
}

// importedState returns a digest of all accounts, and the newest audit record.
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
