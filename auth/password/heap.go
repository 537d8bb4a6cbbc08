package password

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"
)

const (
	garbageKiB   = 16 << 10 // finished hashes may leave this much garbage before a collection
	garbageRatio = 8        // and this many times what a collection has to scan
)

// heap limits the memory that finished hashes still occupy. At its own pace the garbage
// collector lets the heap double. Most of the heap is hash memory, so a flood of sign-ins would
// need twice what the slots hold. Hash memory has no pointers, so collecting it early is cheap.
// A program with much else to scan is the exception; there the second limit keeps the cost of
// collecting below about 10 % of the cost of hashing.
type heap struct {
	garbage atomic.Int64  // KiB freed since the collection with number cycle
	cycle   atomic.Uint64 // collections completed when garbage was last reset
}

// freed records that a hash has released memory. It runs a collection once there is enough. The
// counters are estimates: losing an update to a concurrent call does no harm.
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
