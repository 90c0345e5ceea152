package console

import (
	"context"
	"sync"
	"time"
)

// aside keeps what takes its time to work out, and is worked out beside the
// pages: whoever looks waits a moment for it, and is shown then what is at hand.
type aside[T any] struct {
	mu    sync.Mutex
	byKey map[string]*work[T]
}

// work is something that is being worked out, or was.
type work[T any] struct {
	At    time.Time // of when it is
	Value *T        // nil while it is worked out, and where it cannot be
	Err   error
	of    any // what it was made of: with another it is worked out anew
	done  chan struct{}
}

const (
	fresh   = 10 * time.Second // what is older is worked out anew, once somebody looks
	patient = 400 * time.Millisecond
	longest = 5 * time.Minute
	keptAt  = 200 // how many are kept
)

// at is what a key stands for, made of something.
func (a *aside[T]) at(key string, of any, now time.Time, make func(ctx context.Context) (T, error)) *work[T] {
	before, current := a.begin(key, of, now, make)
	patience := time.NewTimer(patient)
	defer patience.Stop()
	select {
	case <-current.done:
		return current
	case <-patience.C:
	}
	if before != nil && before.finished() && before.of == of {
		return before
	}
	return &work[T]{At: current.At}
}

func (a *aside[T]) begin(key string, of any, now time.Time, make func(ctx context.Context) (T, error)) (before, current *work[T]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before = a.byKey[key]
	if before != nil && before.of == of && (!before.finished() || now.Sub(before.At) <= fresh) {
		return before, before
	}
	if a.byKey == nil || len(a.byKey) >= keptAt {
		a.byKey = map[string]*work[T]{}
	}
	current = &work[T]{At: now, of: of, done: newDone()}
	a.byKey[key] = current
	go current.run(make)
	return before, current
}

func newDone() chan struct{} { return make(chan struct{}) }

// forget has the next look work it out anew.
func (a *aside[T]) forget(key string) {
	a.mu.Lock()
	delete(a.byKey, key)
	a.mu.Unlock()
}

func (w *work[T]) finished() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

func (w *work[T]) run(make func(ctx context.Context) (T, error)) {
	defer close(w.done)
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	v, err := make(ctx)
	if err != nil {
		w.Err = err
		return
	}
	w.Value = &v
}
