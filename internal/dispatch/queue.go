package dispatch

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"dateline/internal/press"
)

// prepared is a claimed delivery with its message, ready to leave.
type prepared struct {
	delivery press.Delivery
	envelope press.Envelope
	message  []byte
}

// queue holds prepared messages and hands each out at its instant, and not
// before, the earliest first.
type queue struct {
	mu      sync.Mutex
	byDue   dueHeap
	changed chan struct{} // something was added
	room    chan struct{} // something was handed out
	out     chan prepared
	warm    sync.Cond // there is something to connect for
}

func newQueue() *queue {
	q := &queue{changed: make(chan struct{}, 1), room: make(chan struct{}, 1), out: make(chan prepared)}
	q.warm.L = &q.mu
	return q
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.byDue)
}

func (q *queue) add(ps []prepared) {
	if len(ps) == 0 {
		return
	}
	q.mu.Lock()
	for _, p := range ps {
		heap.Push(&q.byDue, p)
	}
	q.warm.Broadcast()
	q.mu.Unlock()
	signal(q.changed)
}

// awaitWork returns once there is a message to come, or the context is over.
func (q *queue) awaitWork(ctx context.Context) bool {
	stop := context.AfterFunc(ctx, func() { // with the lock, or the wake-up may come just before the wait
		q.mu.Lock()
		defer q.mu.Unlock()
		q.warm.Broadcast()
	})
	defer stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.byDue) == 0 && ctx.Err() == nil {
		q.warm.Wait()
	}
	return ctx.Err() == nil
}

// run hands messages out until the context ends.
func (q *queue) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		next, wait, ok := q.peek(time.Now())
		switch {
		case !ok:
			wait = time.Hour
			fallthrough
		case wait > 0:
			// No longer than a second: the clock may be set, or the machine sleep.
			timer.Reset(min(wait, time.Second))
			select {
			case <-ctx.Done():
			case <-q.changed:
			case <-timer.C:
			}
		default:
			select {
			case <-ctx.Done():
			case q.out <- next:
				q.remove(next.delivery.ID)
			case <-q.changed: // perhaps something earlier
			}
		}
	}
}

// peek gives the earliest message and how long it has to wait yet.
func (q *queue) peek(now time.Time) (prepared, time.Duration, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.byDue) == 0 {
		return prepared{}, 0, false
	}
	return q.byDue[0], q.byDue[0].envelope.NotBefore.Sub(now), true
}

func (q *queue) remove(id press.ID) {
	q.mu.Lock()
	for i, p := range q.byDue {
		if p.delivery.ID == id {
			heap.Remove(&q.byDue, i)
			break
		}
	}
	half := len(q.byDue) < readyLimit/2
	q.mu.Unlock()
	if half {
		signal(q.room)
	}
}

// ids names what is waiting.
func (q *queue) ids() []press.ID {
	q.mu.Lock()
	defer q.mu.Unlock()
	ids := make([]press.ID, len(q.byDue))
	for i, p := range q.byDue {
		ids[i] = p.delivery.ID
	}
	return ids
}

// take removes every message of a release.
func (q *queue) take(release string) []prepared {
	q.mu.Lock()
	defer q.mu.Unlock()
	var taken, kept dueHeap
	for _, p := range q.byDue {
		if p.delivery.Release == release {
			taken = append(taken, p)
		} else {
			kept = append(kept, p)
		}
	}
	heap.Init(&kept)
	q.byDue = kept
	return taken
}

// drain empties the queue, once run has ended.
func (q *queue) drain() []prepared {
	q.mu.Lock()
	defer q.mu.Unlock()
	left := q.byDue
	q.byDue = nil
	return left
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// dueHeap orders by instant, then by id, which ascends in the order that the
// approval laid down.
type dueHeap []prepared

func (h dueHeap) Len() int { return len(h) }

func (h dueHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	if !a.envelope.NotBefore.Equal(b.envelope.NotBefore) {
		return a.envelope.NotBefore.Before(b.envelope.NotBefore)
	}
	return string(a.delivery.ID[:]) < string(b.delivery.ID[:])
}

func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push adds a message, for container/heap.
func (h *dueHeap) Push(x any) { *h = append(*h, x.(prepared)) }

// Pop takes the last message, for container/heap.
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = prepared{}
	*h = old[:len(old)-1]
	return last
}
