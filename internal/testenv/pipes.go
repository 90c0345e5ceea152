package testenv

import "net"

// Pipes is a listener whose connections have no kernel in them, so that their
// times are those of a synctest bubble. Make it within the bubble.
type Pipes struct {
	knocks chan net.Conn
	closed chan struct{}
}

// NewPipes makes one at which so many may knock before somebody accepts.
func NewPipes(waiting int) *Pipes {
	return &Pipes{make(chan net.Conn, waiting), make(chan struct{})}
}

// Accept gives the next who knocks, and net.ErrClosed after Close.
func (p *Pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.knocks:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept. It never fails, and may be called again, by one at a time.
func (p *Pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

// Addr is that of a pipe.
func (p *Pipes) Addr() net.Addr { return &net.UnixAddr{Net: "pipe"} }

// Dial knocks, and gives the client's end.
func (p *Pipes) Dial() net.Conn {
	ours, theirs := net.Pipe()
	p.knocks <- theirs
	return ours
}

// Waiting is how many have knocked and wait.
func (p *Pipes) Waiting() int { return len(p.knocks) }
