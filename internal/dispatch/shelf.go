package dispatch

import (
	"bytes"
	"container/heap"
	"slices"
	"strings"
	"sync"
	"time"

	"dateline/internal/press"
)

// prepared is a claimed delivery with its message, ready to leave.
type prepared struct {
	delivery press.Delivery
	envelope press.Envelope
	message  []byte
	buffers  *sync.Pool // that the message goes back to
	asked    bool       // the ledger was asked to begin it
	again    bool       // and was asked before, with its answer lost
	epoch    int64      // of the daemon's claims, when the ledger was asked
}

// free gives the message's memory back. The message is not to be used again.
func (p *prepared) free() {
	message, buffers := p.message, p.buffers
	p.message, p.buffers = nil, nil
	if buffers != nil && message != nil {
		buffers.Put(&message)
	}
}

// shelf keeps prepared messages until their instant, those that the same relays
// may take together, the earliest first.
type shelf struct {
	lanes  []*lane
	byName map[string]*lane
	names  func(press.Address, press.Country) []string

	mu      sync.Mutex
	routes  map[string]*route
	order   []*route       // so that each gets its turn
	of      map[string]int // by release
	bytes   int64
	n       int
	changed chan struct{} // something was added, or may leave
	room    chan struct{} // something left
}

// route is a set of relays with what waits for them.
type route struct {
	lanes []*lane
	byDue dueHeap
}

func newShelf(lanes []*lane, byName map[string]*lane, names func(press.Address, press.Country) []string) *shelf {
	return &shelf{lanes: lanes, byName: byName, names: names, routes: map[string]*route{}, of: map[string]int{}, changed: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

func (s *shelf) add(ps []*prepared) {
	if len(ps) == 0 {
		return
	}
	s.mu.Lock()
	for _, p := range ps {
		heap.Push(&s.routeOf(p).byDue, p)
		s.bytes += int64(cap(p.message))
		s.n++
		s.of[p.delivery.Release]++
	}
	s.mu.Unlock()
	for _, l := range s.lanes {
		l.warm()
	}
	signal(s.changed)
}

// routeOf finds, or makes, the route of a message.
func (s *shelf) routeOf(p *prepared) *route {
	var names []string
	if s.names != nil {
		names = s.names(p.delivery.Address, p.delivery.Country)
	}
	key := strings.Join(names, " ")
	r, known := s.routes[key]
	if !known {
		r = &route{lanes: s.lanes}
		if names != nil {
			r.lanes = nil
			for _, name := range names {
				r.lanes = append(r.lanes, s.byName[name])
			}
		}
		s.routes[key] = r
		s.order = append(s.order, r)
	}
	return r
}

// held tells how many messages are kept, how many bytes they take, and how many
// of them are due.
func (s *shelf) held(now time.Time) (n, due int, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.order {
		if s.stuck(r) {
			continue // what no relay takes keeps nobody else's from being claimed
		}
		for _, p := range r.byDue {
			if !p.envelope.NotBefore.After(now) {
				due++
			}
		}
	}
	return s.n, due, s.bytes
}

// usable tells whether some relay of the route takes mail, as far as is known.
func (r *route) usable() bool {
	return slices.ContainsFunc(r.lanes, (*lane).usable)
}

// stuck tells whether a route's relays take nothing while some other's do; where
// none does there is nobody to make room for. With the lock.
func (s *shelf) stuck(r *route) bool {
	return !r.usable() && slices.ContainsFunc(s.lanes, (*lane).usable)
}

// wanted tells whether something is due that a relay which may take it has been
// waiting for.
func (s *shelf) wanted(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.order {
		if len(r.byDue) == 0 || r.byDue[0].envelope.NotBefore.After(now) {
			continue
		}
		able := r.able()
		if slices.ContainsFunc(r.lanes, func(l *lane) bool { return (l.relay.Weight > 0 || !able) && l.low() }) {
			return true
		}
	}
	return false
}

// able tells whether a relay of some weight takes mail; those of none then rest.
func (r *route) able() bool {
	return slices.ContainsFunc(r.lanes, func(l *lane) bool { return l.relay.Weight > 0 && l.usable() })
}

// takeLate removes what is past its deadline.
func (s *shelf) takeLate(now time.Time) []*prepared {
	return s.remove(func(p *prepared) bool { return !p.delivery.Deadline.After(now) })
}

// takeStuck removes what is due and no relay takes, beyond so many a route.
func (s *shelf) takeStuck(now time.Time, keep int) []*prepared {
	s.mu.Lock()
	dead := map[*prepared]bool{}
	for _, r := range s.order {
		if len(r.byDue) <= keep || !s.stuck(r) {
			continue
		}
		for _, p := range r.byDue[keep:] { // a heap: the earliest is kept
			dead[p] = !p.envelope.NotBefore.After(now)
		}
	}
	s.mu.Unlock()
	if len(dead) == 0 {
		return nil
	}
	return s.remove(func(p *prepared) bool { return dead[p] })
}

// next is the earliest instant that is waited for.
func (s *shelf) next() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var first time.Time
	for _, r := range s.order {
		if len(r.byDue) > 0 && (first.IsZero() || r.byDue[0].envelope.NotBefore.Before(first)) {
			first = r.byDue[0].envelope.NotBefore
		}
	}
	return first, !first.IsZero()
}

// assigned is a message with the relay that it is to go by.
type assigned struct {
	*prepared
	lane *lane
}

// takeDue takes what is due and what some relay has room for, up to a limit.
func (s *shelf) takeDue(now time.Time, limit int) []assigned {
	s.mu.Lock()
	defer s.mu.Unlock()
	demand := make(map[*lane]int, len(s.lanes))
	for _, l := range s.lanes {
		demand[l] = l.demand()
	}
	var taken []assigned
	for _, r := range s.order {
		for len(taken) < limit && len(r.byDue) > 0 && !r.byDue[0].envelope.NotBefore.After(now) {
			l := r.choose(demand)
			if l == nil {
				break
			}
			demand[l]--
			p := heap.Pop(&r.byDue).(*prepared)
			s.forget(p)
			taken = append(taken, assigned{p, l})
		}
	}
	if len(s.order) > 1 { // another route is first the next time
		s.order = append(s.order[1:], s.order[0])
	}
	if len(taken) > 0 {
		signal(s.room)
	}
	return taken
}

// choose picks the relay that has had the least for its weight. One of no weight
// is taken where no other takes anything.
func (r *route) choose(demand map[*lane]int) *lane {
	var best *lane
	able := r.able()
	for _, l := range r.lanes {
		if demand[l] <= 0 || (l.relay.Weight == 0 && able) {
			continue
		}
		if best == nil || l.given/float64(max(1, l.relay.Weight)) < best.given/float64(max(1, best.relay.Weight)) {
			best = l
		}
	}
	if best != nil {
		best.given++
	}
	return best
}

func (s *shelf) forget(p *prepared) {
	s.n--
	s.bytes -= int64(cap(p.message))
	if s.of[p.delivery.Release]--; s.of[p.delivery.Release] == 0 {
		delete(s.of, p.delivery.Release)
	}
}

// fade makes what relays were given count less, the longer ago it was.
func (s *shelf) fade() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lanes {
		l.given /= 2
	}
}

// ids names what is kept.
func (s *shelf) ids() []press.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]press.ID, 0, s.n)
	for _, r := range s.order {
		for _, p := range r.byDue {
			ids = append(ids, p.delivery.ID)
		}
	}
	return ids
}

// releases names the releases of which something is kept.
func (s *shelf) releases(into map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for release := range s.of {
		into[release] = true
	}
}

// take removes every message of a release.
func (s *shelf) take(release string) []*prepared {
	return s.remove(func(p *prepared) bool { return p.delivery.Release == release })
}

// drain removes every message.
func (s *shelf) drain() []*prepared { return s.remove(func(*prepared) bool { return true }) }

func (s *shelf) remove(which func(*prepared) bool) []*prepared {
	s.mu.Lock()
	defer s.mu.Unlock()
	var taken []*prepared
	for _, r := range s.order {
		r.byDue = slices.DeleteFunc(r.byDue, func(p *prepared) bool {
			if which(p) {
				taken = append(taken, p)
				s.forget(p)
				return true
			}
			return false
		})
		heap.Init(&r.byDue)
	}
	if len(taken) > 0 {
		signal(s.room)
	}
	return taken
}

// dueHeap orders by instant, then by id, which ascends in the order that the
// approval laid down.
type dueHeap []*prepared

func (h dueHeap) Len() int { return len(h) }

func (h dueHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	if c := a.envelope.NotBefore.Compare(b.envelope.NotBefore); c != 0 {
		return c < 0
	}
	return bytes.Compare(a.delivery.ID[:], b.delivery.ID[:]) < 0
}

func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push adds a message, for container/heap.
func (h *dueHeap) Push(x any) { *h = append(*h, x.(*prepared)) }

// Pop takes the last message, for container/heap.
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
