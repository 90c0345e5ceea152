package cli

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// doors are the addresses that a daemon listens at. They stay open while its
// config changes: who knocks in between waits a moment for the one who answers
// next, and is not turned away.
type doors struct {
	mu   sync.Mutex
	open map[string]deadlineListener // by network and address
}

// deadlineListener is what a listener of TCP or of a socket can.
type deadlineListener interface {
	net.Listener
	SetDeadline(t time.Time) error
}

// listen gives a listener whose Close leaves the door open.
func (d *doors) listen(ctx context.Context, network, address string) (net.Listener, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := network + " " + address
	l, ok := d.open[name]
	if !ok {
		made, err := listenAt(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if l, ok = made.(deadlineListener); !ok {
			return made, nil
		}
		if d.open == nil {
			d.open = map[string]deadlineListener{}
		}
		d.open[name] = l
	}
	if err := l.SetDeadline(time.Time{}); err != nil { // it was closed under us
		delete(d.open, name)
		return nil, err
	}
	return &lent{deadlineListener: l}, nil
}

// keep closes all doors but those that are named, by network and address.
func (d *doors) keep(names map[string]bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for name, l := range d.open {
		if !names[name] {
			errs = append(errs, l.Close())
			delete(d.open, name)
		}
	}
	return errors.Join(errs...)
}

// lent is a listener for as long as somebody answers at it.
type lent struct {
	deadlineListener
	closed atomic.Bool
}

// Accept waits for the next who knocks, until Close.
func (l *lent) Accept() (net.Conn, error) {
	c, err := l.deadlineListener.Accept()
	if err != nil && l.closed.Load() {
		return nil, net.ErrClosed
	}
	return c, err
}

// Close ends Accept, and no more.
func (l *lent) Close() error {
	if l.closed.Swap(true) {
		return nil
	}
	return l.SetDeadline(time.Unix(1, 0))
}
