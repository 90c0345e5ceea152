package mailbox

import (
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// door is a listener that lets only so many in at once, of each network and
// altogether, for only so long, and can send those home that do nothing.
type door struct {
	net.Listener
	most         int
	mostNet      int
	longest      time.Duration
	mu           sync.Mutex
	open         map[*visitor]bool
	perNet       map[netip.Prefix]int
	closing, end bool
}

func newDoor(ln net.Listener, most, mostNet int, longest time.Duration) *door {
	return &door{Listener: ln, most: most, mostNet: mostNet, longest: longest, open: map[*visitor]bool{}, perNet: map[netip.Prefix]int{}}
}

// Accept waits for the next connection that may come in.
func (d *door) Accept() (net.Conn, error) {
	for {
		raw, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if v := d.letIn(raw); v != nil {
			return v, nil
		}
		// The answer fits into the socket's buffer: it holds nobody up.
		_ = raw.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = raw.Write([]byte("421 4.3.2 Too many connections: try again later\r\n"))
		raw.Close()
	}
}

func (d *door) letIn(raw net.Conn) *visitor {
	v := &visitor{Conn: raw, door: d, network: networkOf(raw.RemoteAddr()), until: time.Now().Add(d.longest)}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.end || len(d.open) >= d.most || d.perNet[v.network] >= d.mostNet {
		return nil
	}
	d.open[v] = true
	d.perNet[v.network]++
	return v
}

func (d *door) letOut(v *visitor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.open[v] {
		return
	}
	delete(d.open, v)
	if d.perNet[v.network]--; d.perNet[v.network] == 0 {
		delete(d.perNet, v.network)
	}
}

// dismiss ends the connections that are not within a message, now and when
// their message is done.
func (d *door) dismiss() {
	d.mu.Lock()
	d.closing = true
	var idle []*visitor
	for v := range d.open {
		if !v.busy {
			idle = append(idle, v)
		}
	}
	d.mu.Unlock()
	for _, v := range idle {
		_ = v.Conn.SetReadDeadline(time.Unix(1, 0)) // go-smtp says 421 then
	}
}

// closeAll breaks off every connection.
func (d *door) closeAll() {
	d.mu.Lock()
	d.end = true
	var all []*visitor
	for v := range d.open {
		all = append(all, v)
	}
	d.mu.Unlock()
	for _, v := range all {
		v.Conn.Close()
	}
}

// visitor is one connection.
type visitor struct {
	net.Conn
	door    *door
	network netip.Prefix
	until   time.Time // when it has to go, unless within a message
	late    time.Time // when it has to go though within one
	spent   bool      // a read has timed out, or enough was refused; only who reads knows it
	refused int       // recipients, over all its envelopes
	busy    bool      // within a message; the door's lock is over it
}

func (v *visitor) setBusy(busy bool) {
	v.door.mu.Lock()
	defer v.door.mu.Unlock()
	v.busy, v.late = busy, time.Now().Add(v.door.longest)
}

// SetReadDeadline lets nobody wait for the next command once the door closes, or
// beyond the visitor's own end: who says NOOP for ever keeps no place.
func (v *visitor) SetReadDeadline(t time.Time) error {
	v.door.mu.Lock()
	switch {
	case v.busy:
		if t.IsZero() || t.After(v.late) { // there are recipients without end, too
			t = v.late
		}
	case v.door.closing:
		t = time.Unix(1, 0)
	case t.IsZero() || t.After(v.until):
		t = v.until
	}
	v.door.mu.Unlock()
	return v.Conn.SetReadDeadline(t)
}

// Read reads until a read has timed out, and never again: go-smtp would go on and
// take for commands what comes later of the message, or of the line, that it
// gave up.
func (v *visitor) Read(b []byte) (int, error) {
	if v.spent {
		return 0, os.ErrDeadlineExceeded
	}
	n, err := v.Conn.Read(b)
	v.spent = v.spent || errors.Is(err, os.ErrDeadlineExceeded)
	return n, err
}

// refuse counts a recipient that was refused; after too many nothing more is
// read. The session that reads calls it.
func (v *visitor) refuse() {
	if v.refused++; v.refused >= mostRefused {
		v.spent = true
	}
}

// Close closes the connection and makes room for the next.
func (v *visitor) Close() error {
	v.door.letOut(v)
	return v.Conn.Close()
}

// visitorOf finds the visitor under TLS.
func visitorOf(c net.Conn) *visitor {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	v, _ := c.(*visitor) // the door gives no others
	return v
}

// networkOf is the /24 or /64 of an address; all others (a socket of this
// machine) are one network.
func networkOf(a net.Addr) netip.Prefix {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	bits := 64
	if ip.Is4() {
		bits = 24
	}
	p, _ := ip.Prefix(bits) // an address that is none gives none
	return p
}
