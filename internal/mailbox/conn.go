package mailbox

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

var errTooMuch = errors.New("the server says more than it may: the connection was closed")

// boundedConn reads no more than its allowance, which each command renews: what
// a client library keeps of a server's answer is bounded by it.
type boundedConn struct {
	net.Conn
	left atomic.Int64
}

func (c *boundedConn) allow(n int64) { c.left.Store(n) }

// Read reads while the allowance lasts.
func (c *boundedConn) Read(b []byte) (int, error) {
	if c.left.Load() <= 0 {
		return 0, errTooMuch
	}
	n, err := c.Conn.Read(b)
	c.left.Add(-int64(n))
	return n, err
}

// dialer makes a connection; tests have their own.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// dial connects, with an allowance for the greeting.
func dial(ctx context.Context, d dialer, address string, timeout time.Duration) (*boundedConn, error) {
	if d == nil {
		d = (&net.Dialer{}).DialContext
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	raw, err := d(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := &boundedConn{Conn: raw}
	c.allow(1 << 20)
	return c, nil
}

// hangs is a server that gives no answer; it is a timeout as net.Error has them.
type hangs struct{}

func (hangs) Error() string { return "the server does not answer: the connection was closed" }

// Timeout tells that nothing was refused.
func (hangs) Timeout() bool { return true }

var errHangs = hangs{}

// endWait is how long a server may take for what ends a session well, once all is
// over.
const endWait = 2 * time.Second

// lingering is a context that ends a while after another: what it is for may be
// finished, and a server that hangs then keeps nobody.
func lingering(ctx context.Context) (context.Context, context.CancelFunc) {
	last, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unwatched := context.AfterFunc(ctx, func() { time.AfterFunc(endWait, cancel) })
	return last, func() { unwatched(); cancel() }
}

// within runs a command, and closes the connection under it when the time or
// the context is over, which ends every read and write.
func within(ctx context.Context, timeout time.Duration, c net.Conn, command func() error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	err := command()
	if !stop() && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errHangs
	}
	return err
}
