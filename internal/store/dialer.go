package store

import (
	"context"
	"net"
	"syscall"
	"time"
)

// dialer opens PostgreSQL connections that notice a server which is gone
// without a word (a failover, a firewall): the driver reads without a deadline,
// and the system would wait for a quarter of an hour.
type dialer struct{}

// A connection that gets no sign of the server for so long is broken.
const (
	serverSilence  = 10 * time.Second
	dialTimeout    = 10 * time.Second
	tcpUserTimeout = 18 // TCP_USER_TIMEOUT of Linux; elsewhere only keep-alive helps
)

// Dial connects, for the driver.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialTimeout(network, address, dialTimeout)
}

// DialTimeout connects within a time, for the driver.
func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext connects, for the driver.
func (dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	n := net.Dialer{
		Timeout:         dialTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: serverSilence / 2, Interval: time.Second, Count: 5},
		Control: func(_, _ string, c syscall.RawConn) error {
			return c.Control(func(fd uintptr) {
				// Where it is not known the connection still works.
				_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(serverSilence/time.Millisecond))
			})
		},
	}
	return n.DialContext(ctx, network, address)
}
