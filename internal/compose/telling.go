package compose

import (
	"html"
	"maps"
	"sync"
	"sync/atomic"
)

// told is the lift as told in a contact's zone, ready for the slots. It is one
// line, as all phrases are.
type told struct{ plain, escaped values }

func newTold(t Telling) *told {
	var n told
	n.plain[slotWhen], n.plain[slotDate], n.plain[slotTime] = t.When, t.Date, t.Time
	n.plain[slotCity], n.plain[slotOffset] = t.City, t.Offset
	for i, s := range n.plain {
		n.escaped[i] = html.EscapeString(s)
	}
	return &n
}

// tellings keeps what was told, by zone; only zones that exist get in, and nil
// stands for one that needs no telling of its own. Reading takes no lock.
type tellings struct {
	known   atomic.Pointer[map[string]*told]
	writing sync.Mutex
}

func (t *tellings) get(zone string) (*told, bool) {
	known := t.known.Load()
	if known == nil {
		return nil, false
	}
	n, ok := (*known)[zone]
	return n, ok
}

func (t *tellings) put(zone string, n *told) {
	t.writing.Lock()
	defer t.writing.Unlock()
	next := map[string]*told{}
	if known := t.known.Load(); known != nil {
		next = maps.Clone(*known)
	}
	next[zone] = n
	t.known.Store(&next)
}
