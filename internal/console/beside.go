package console

import (
	"context"
	"sync"
	"time"
)

// beside has things counted beside the pages that show them: what takes longer
// than a moment is shown on the next look, and meanwhile what was counted before.
type beside[Key comparable, T any] struct {
	mu   sync.Mutex
	have map[Key]*counted[T]
}

// counted is something that is being counted, or was.
type counted[T any] struct {
	At    time.Time
	Value T
	err   error
	done  chan struct{}
}

const (
	countFresh   = 30 * time.Second
	countPatient = 400 * time.Millisecond
	countLimit   = 5 * time.Minute
	countsKept   = 64
)

// at is what was counted for a key, nil while nothing was.
func (b *beside[Key, T]) at(key Key, now time.Time, count func(context.Context) (T, error)) (*counted[T], error) {
	b.mu.Lock()
	if b.have == nil {
		b.have = map[Key]*counted[T]{}
	}
	before := b.have[key]
	current := before
	if before == nil || before.finished() && (before.err != nil || now.Sub(before.At) > countFresh) {
		b.tidy(now)
		current = &counted[T]{At: now, done: make(chan struct{})}
		b.have[key] = current
		go current.work(count)
	}
	b.mu.Unlock()
	patience := time.NewTimer(countPatient)
	defer patience.Stop()
	select {
	case <-current.done:
		return current, current.err
	case <-patience.C:
	}
	if before != nil && before.finished() && before.err == nil {
		return before, nil
	}
	return nil, nil
}

// tidy lets go of what nobody has asked for again.
func (b *beside[Key, T]) tidy(now time.Time) {
	if len(b.have) < countsKept {
		return
	}
	for key, c := range b.have {
		if c.finished() && now.Sub(c.At) > countFresh {
			delete(b.have, key)
		}
	}
}

// forget has everything counted anew.
func (b *beside[Key, T]) forget() {
	b.mu.Lock()
	clear(b.have)
	b.mu.Unlock()
}

func (c *counted[T]) finished() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

func (c *counted[T]) work(count func(context.Context) (T, error)) {
	defer close(c.done)
	ctx, cancel := context.WithTimeout(context.Background(), countLimit)
	defer cancel()
	c.Value, c.err = count(ctx)
}
