package relay

import (
	"net"
	"syscall"
)

// quickConn acknowledges at once what it has read. Under TLS a server's answers
// leave in several small pieces; with Nagle's algorithm there and delayed
// acknowledgement here each message would cost 40 ms. Linux forgets the setting
// whenever it likes, so it is renewed after each read.
type quickConn struct {
	net.Conn
	raw syscall.RawConn
	set func(fd uintptr)
}

// quick wraps a TCP connection; any other is given back as it is.
func quick(conn net.Conn) net.Conn {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return conn // slower, no more
	}
	return &quickConn{Conn: conn, raw: raw, set: func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) // slower without, no more
	}}
}

// Read reads, and asks for what comes next to be acknowledged at once.
func (c *quickConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	_ = c.raw.Control(c.set) // it fails only on a closed connection
	return n, err
}
