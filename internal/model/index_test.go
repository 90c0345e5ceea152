package model

import "hash/maphash"

// index finds a state's number by its hash. It is a map whose keys stand in the
// list of states alone, which halves the memory of millions.
type index struct {
	seed  maphash.Seed
	slots []uint32 // a number and one; 0 is free
	used  int
}

// newIndex has room for so many states, a power of two.
func newIndex(slots int) index {
	return index{maphash.MakeSeed(), make([]uint32, slots), 0}
}

// number gives a state's number in the list, or notes that it is the next one.
func (x *index) number(list []state, s state) (n uint32, known bool) {
	if 2*x.used >= len(x.slots) {
		x.grow(list)
	}
	slot := x.slot(list, s)
	if x.slots[slot] > 0 {
		return x.slots[slot] - 1, true
	}
	x.used++
	x.slots[slot] = uint32(len(list) + 1)
	return uint32(len(list)), false
}

// slot is where a state stands, or may stand.
func (x *index) slot(list []state, s state) uint64 {
	mask := uint64(len(x.slots) - 1)
	at := maphash.Comparable(x.seed, s) & mask
	for x.slots[at] > 0 && list[x.slots[at]-1] != s {
		at = (at + 1) & mask
	}
	return at
}

func (x *index) grow(list []state) {
	x.slots = make([]uint32, 2*len(x.slots))
	for n := range list {
		x.slots[x.slot(list, list[n])] = uint32(n + 1)
	}
}
