package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// slowRelay is an SMTP server whose answers arrive late, as over a network: what
// is said to it at once is answered at once, so much later. It takes every
// message and counts the copies of each recipient.
type slowRelay struct {
	late     time.Duration
	listener net.Listener
	serving  sync.WaitGroup

	mu   sync.Mutex
	open map[net.Conn]bool
	got  map[string]int
	all  int
}

func startSlowRelay(ctx context.Context, late time.Duration) (*slowRelay, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the slow relay: %w", err)
	}
	r := &slowRelay{late: late, listener: l, open: map[net.Conn]bool{}, got: map[string]int{}}
	r.serving.Go(r.accept)
	return r, nil
}

func (r *slowRelay) address() string { return r.listener.Addr().String() }

func (r *slowRelay) accept() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return // it was closed
		}
		r.mu.Lock()
		r.open[conn] = true
		r.mu.Unlock()
		r.serving.Go(func() { r.serve(conn) })
	}
}

// finish ends the relay, and gives how many messages it took and how many of
// them were a second copy for their recipient.
func (r *slowRelay) finish() (taken, twice int) {
	_ = r.listener.Close() // the second time it is closed already
	r.mu.Lock()
	for conn := range r.open {
		_ = conn.Close()
	}
	r.mu.Unlock()
	r.serving.Wait()
	return r.all, r.all - len(r.got)
}

// serve talks with one client.
func (r *slowRelay) serve(conn net.Conn) {
	d := dialogue{relay: r, conn: conn, answers: make(chan lateAnswer, 1024), say: []byte("220 slow.dateline.example ESMTP\r\n")}
	d.in = bufio.NewReaderSize(&d, 64<<10)
	var answering sync.WaitGroup
	answering.Go(d.writeLate)
	for over := false; !over; {
		line, err := d.in.ReadString('\n')
		over = err != nil || d.answer(strings.TrimSpace(line))
	}
	d.flush()
	close(d.answers)
	answering.Wait()
	r.mu.Lock()
	delete(r.open, conn)
	r.mu.Unlock()
	_ = conn.Close() // finish may have closed it
}

type lateAnswer struct {
	due  time.Time
	text []byte
}

// dialogue is one connection.
type dialogue struct {
	relay   *slowRelay
	conn    net.Conn
	in      *bufio.Reader
	say     []byte // answers that have not left
	answers chan lateAnswer
	to      string // the recipient
}

// Read reads on once everything that came in was answered: the answers to one
// group leave together.
func (d *dialogue) Read(b []byte) (int, error) {
	d.flush()
	return d.conn.Read(b)
}

func (d *dialogue) flush() {
	if len(d.say) > 0 {
		d.answers <- lateAnswer{time.Now().Add(d.relay.late), d.say}
		d.say = nil
	}
}

func (d *dialogue) writeLate() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for a := range d.answers {
		timer.Reset(time.Until(a.due))
		<-timer.C
		_, _ = d.conn.Write(a.text) // a client that is gone shows when it is read from
	}
}

// answer takes one command; true where it was the last one.
func (d *dialogue) answer(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		d.say = append(d.say, "250-slow.dateline.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"...)
	case "RCPT":
		_, rest, _ = strings.Cut(rest, "<")
		d.to, _, _ = strings.Cut(rest, ">")
		d.say = append(d.say, "250 2.1.5 Ok\r\n"...)
	case "DATA":
		return d.data()
	case "QUIT":
		d.say = append(d.say, "221 2.0.0 Bye\r\n"...)
		return true
	case "HELO", "MAIL", "RSET", "NOOP":
		d.say = append(d.say, "250 2.0.0 Ok\r\n"...)
	default:
		d.say = append(d.say, "502 5.5.2 Unknown\r\n"...)
	}
	return false
}

// data reads a message and counts it; true where the connection broke in it.
func (d *dialogue) data() bool {
	d.say = append(d.say, "354 Go on\r\n"...)
	for {
		line, err := d.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return true
		}
		if bytes.Equal(line, []byte(".\r\n")) {
			break
		}
	}
	d.relay.mu.Lock()
	d.relay.got[d.to]++
	d.relay.all++
	d.relay.mu.Unlock()
	d.say = append(d.say, "250 2.0.0 Taken\r\n"...)
	return false
}
