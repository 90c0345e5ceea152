package relaytest

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Message is one message that came in whole.
type Message struct {
	Conn, Number int // the connection, and the MAIL command on it
	From         string
	To           []string // those that got a 2xx
	Commands     []string // the MAIL and RCPT lines as they came, refused ones too
	Body         []byte   // dots unstuffed
	At           time.Time
	Said         string // what was said to its end: written, whether or not it arrived
	Accepted     bool   // a whole reply 250 to its end was said
}

// Server is a running fake relay.
type Server struct {
	script   Script
	listener net.Listener
	done     chan struct{}
	running  sync.WaitGroup

	mu       sync.Mutex
	open     map[net.Conn]bool
	conns    int
	total    int
	messages []*Message
	partial  [][]byte
	lines    [][]string // what came, by connection
}

// Start listens on a free port of 127.0.0.1 until the test ends.
func Start(t testing.TB, script Script) *Server {
	t.Helper()
	return StartAt(t, 0, script)
}

// StartAt is Start at a port of its own: one relay after another is one that
// was gone and has come back. Port 0 is any that is free.
func StartAt(t testing.TB, port int, script Script) *Server {
	t.Helper()
	return listen(t, "tcp", fmt.Sprintf("127.0.0.1:%d", port), script)
}

// StartUnix listens on a Unix socket at this path until the test ends.
func StartUnix(t testing.TB, path string, script Script) *Server {
	t.Helper()
	return listen(t, "unix", path, script)
}

func listen(t testing.TB, network, address string, script Script) *Server {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), network, address)
	if err != nil {
		t.Fatalf("the fake relay cannot listen: %v", err)
	}
	if script.Extensions == nil {
		script.Extensions = []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"}
	}
	s := &Server{script: script, listener: listener, done: make(chan struct{}), open: map[net.Conn]bool{}}
	s.running.Go(s.accept)
	t.Cleanup(s.Close)
	return s
}

// Addr is host:port of the server, or the path of its socket.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Port is its port; only Start's server has one.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Close closes every connection and returns once nothing runs. The test's end
// does it; a test calls it to take the relay away.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.done:
	default:
		close(s.done)
		_ = s.listener.Close() // nothing is left to lose
		for c := range s.open {
			_ = c.Close() // likewise
		}
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Messages gives a copy of what came in whole, in that order.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Message, len(s.messages))
	for i, m := range s.messages {
		all[i] = *m
	}
	return all
}

// Unfinished gives what came of each message that broke off after 354.
func (s *Server) Unfinished() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.partial)
}

// Conns is how many connections were made.
func (s *Server) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

// Lines gives the commands that came over a connection, counted from 1.
func (s *Server) Lines(conn int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if conn < 1 || conn > len(s.lines) {
		return nil
	}
	return slices.Clone(s.lines[conn-1])
}

func (s *Server) accept() {
	for {
		raw, err := s.listener.Accept()
		if err != nil {
			return // Close has closed it
		}
		s.mu.Lock()
		select {
		case <-s.done:
			_ = raw.Close() // nobody will talk to it
			s.mu.Unlock()
			return
		default:
		}
		s.open[raw] = true
		s.conns++
		s.lines = append(s.lines, nil)
		number := s.conns
		s.mu.Unlock()
		s.running.Go(func() {
			newConn(s, raw, number).serve()
			_ = raw.Close() // broken or not, it is over
			s.mu.Lock()
			delete(s.open, raw)
			s.mu.Unlock()
		})
	}
}

func (s *Server) nextTotal() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total++
	return s.total
}

func (s *Server) noteLine(conn int, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines[conn-1] = append(s.lines[conn-1], line)
}

func (s *Server) noteMessage(m *Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
}

func (s *Server) noteUnfinished(body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.partial = append(s.partial, body)
}

func (s *Server) noteReply(m *Message, said string) {
	if m == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Said, m.Accepted = said, strings.HasPrefix(said, "250") && strings.HasSuffix(said, "\n")
}
