package password

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"
)

const (
	garbageKiB   = 16 << 10 // finished hashes may hold this much before a collection
	garbageRatio = 8        // and this many times what a collection has to scan
)

// heap bounds the memory that finished hashes still occupy. Left to its own pace the
// collector lets the heap double, and hash memory is most of it, so a flood of
// sign-ins would need twice what the slots hold. Hash memory holds no pointers, so
// collecting early is cheap, except in a program with much else to scan: there the
// second condition leaves it to the usual pace and keeps the cost below some 10 % of
// the hashing.
type heap struct {
	garbage atomic.Int64  // KiB freed since the collection numbered cycle
	cycle   atomic.Uint64 // collections completed when garbage was last reset
}

// freed notes that a hash has let go of memory, and collects it once there is enough.
// The counters are estimates: losing an update to a concurrent call does no harm.
func (h *heap) freed(kib uint32) {
	now := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/scan/total:bytes"}}
	metrics.Read(now)
	if c := now[0].Value.Uint64(); h.cycle.Swap(c) != c {
		h.garbage.Store(0)
	}
	sum := h.garbage.Add(int64(kib))
	least := max(garbageKiB, garbageRatio*int64(now[1].Value.Uint64()>>10))
	if sum >= least && h.garbage.CompareAndSwap(sum, 0) {
		runtime.GC()
	}
}
