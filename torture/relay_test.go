package torture

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/sink"
)

// post is what a relay got, by its own account. It outlives the relay.
type post struct {
	pace time.Duration // so long each message waits for its answer

	mu     sync.Mutex
	all    []received
	waiter []chan struct{} // told of the next message
}

// note writes a message down and lets its sender wait, so that a release lasts.
func (p *post) note(r sink.Receipt) {
	p.mu.Lock()
	for _, to := range r.To {
		p.all = append(p.all, received{To: to, Began: r.Began, MessageID: r.MessageID})
	}
	for _, w := range p.waiter {
		close(w)
	}
	p.waiter = nil
	p.mu.Unlock()
	<-time.After(p.pace)
}

func (p *post) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.all)
}

// addresses counts those that have a copy.
func (p *post) addresses() int {
	seen := map[string]bool{}
	for _, r := range p.received() {
		seen[r.To] = true
	}
	return len(seen)
}

func (p *post) received() []received {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]received(nil), p.all...)
}

// beyond is closed when there are more than n messages, or soon after the next
// one: who waits looks again.
func (p *post) beyond(n int) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := make(chan struct{})
	if len(p.all) > n {
		close(w)
	} else {
		p.waiter = append(p.waiter, w)
	}
	return w
}

// within counts the messages that began in a span.
func (p *post) within(from, to time.Time) int {
	n := 0
	for _, r := range p.received() {
		if !r.Began.Before(from) && r.Began.Before(to) {
			n++
		}
	}
	return n
}

// relay is an SMTP server in this process, which can be gone and come back on
// its port.
type relay struct {
	post
	t    *testing.T
	sink *sink.Sink
	port int
}

func newRelay(t *testing.T, pace time.Duration) *relay {
	r := &relay{post: post{pace: pace}, t: t}
	r.open()
	t.Cleanup(r.close)
	return r
}

func (r *relay) open() {
	r.t.Helper()
	s, err := sink.Start(sink.Options{Port: r.port, OnReceipt: r.note})
	if err != nil {
		r.t.Fatal(err)
	}
	r.sink, r.port = s, portOf(r.t, s.Addr())
}

// close breaks every connection: what was noted and not answered is nobody's.
func (r *relay) close() {
	if err := r.sink.Close(); err != nil {
		r.t.Error(err)
	}
}

func portOf(t *testing.T, addr string) int {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// relayVariable makes this test binary a relay: PORT FILE.
const relayVariable = "DATELINE_TORTURE_RELAY"

// relayPace is what a relay of its own process lets its senders wait.
const relayPace = 5 * time.Millisecond

// relayMain is a relay in a process of its own, which can be killed. It writes
// each message down before it answers, tells its port, and ends with its
// standard input.
func relayMain(arguments string) int {
	port, path, _ := strings.Cut(arguments, " ")
	number, err := strconv.Atoi(port)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer file.Close()
	s, err := sink.Start(sink.Options{Port: number, OnReceipt: func(r sink.Receipt) {
		for _, to := range r.To {
			text, err := json.Marshal(received{To: to, Began: r.Began, MessageID: r.MessageID})
			if err == nil {
				_, err = file.Write(append(text, '\n')) // one write, so that a kill leaves it whole
			}
			if err != nil {
				panic(err)
			}
		}
		<-time.After(relayPace)
	}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(os.Stdout, s.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin) // whatever ends it
	_ = s.Close()                        // the process ends
	return 0
}

// relayProcess is a relay that can be killed.
type relayProcess struct {
	t    *testing.T
	file string
	port int
	cmd  *exec.Cmd
	life io.Closer
}

func newRelayProcess(t *testing.T, dir string) *relayProcess {
	r := &relayProcess{t: t, file: filepath.Join(dir, "received.jsonl")}
	r.start()
	t.Cleanup(func() { r.kill() })
	return r
}

func (r *relayProcess) start() {
	r.t.Helper()
	r.cmd = exec.Command(os.Args[0])
	r.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s", relayVariable, r.port, r.file))
	r.cmd.Stderr = os.Stderr
	told, err := r.cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if r.life, err = r.cmd.StdinPipe(); err != nil {
		r.t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	addr, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		r.t.Fatalf("the relay's process did not start: %v", err)
	}
	r.port = portOf(r.t, strings.TrimSpace(addr))
}

func (r *relayProcess) kill() {
	_ = r.cmd.Process.Kill() // the second time it is gone already
	_ = r.life.Close()       // likewise
	_ = r.cmd.Wait()         // it was killed
}

func (r *relayProcess) received() []received {
	r.t.Helper()
	text, err := os.ReadFile(r.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.t.Fatal(err)
	}
	var all []received
	for line := range bytes.Lines(text) {
		var got received
		if err := json.Unmarshal(line, &got); err != nil {
			r.t.Fatalf("the relay wrote %q: %v", line, err)
		}
		all = append(all, got)
	}
	return all
}

// count is how many messages it wrote down.
func (r *relayProcess) count() int {
	r.t.Helper()
	text, err := os.ReadFile(r.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.t.Fatal(err)
	}
	return bytes.Count(text, []byte("\n"))
}
