package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dateline/internal/compose/composetest"
	"dateline/internal/sink"
)

// catcher is a script's mail sink, within the test's process: it sees what
// arrives, whatever the daemon believes.
type catcher struct {
	port  int
	saved string // the folder of the messages
	mu    sync.Mutex
	sink  *sink.Sink
	past  []sink.Receipt // of sinks that were stopped
	open  chan struct{}  // closed: every message is answered
}

type catcherKey struct{}

// newCatcher gives a script a port of its own, in $SINK_PORT.
func newCatcher(e *testscript.Env) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	testdata, err := filepath.Abs("testdata")
	if err != nil {
		return err
	}
	c := &catcher{port: port, saved: filepath.Join(e.WorkDir, "mails")}
	e.Values[catcherKey{}] = c
	e.Setenv("SINK_PORT", strconv.Itoa(port))
	pages, err := freePort()
	if err != nil {
		return err
	}
	e.Setenv("PAGES_PORT", strconv.Itoa(pages))
	e.Setenv("TESTDATA", testdata)
	e.Defer(func() {
		c.stop()
		c.conform(e.T())
	})
	return nil
}

// conform holds every mail that came to the standards.
func (c *catcher) conform(t testscript.T) {
	mails, err := filepath.Glob(filepath.Join(c.saved, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range mails {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("X-Dateline-Alarm: ")) {
			continue // it is for operators
		}
		if faults := composetest.Faults(raw); len(faults) > 0 {
			t.Fatal(filepath.Base(path) + ":\n" + strings.Join(faults, "\n"))
		}
	}
}

// freePort is a port that nobody has, and that the system gives to nobody who
// asks for just any: those are from 32768 on. A sink may start there later.
func freePort() (int, error) {
	var err error
	for range 100 {
		port := 20000 + rand.IntN(10000) //nolint:gosec // no secret
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("looking for a free port: %w", err)
}

// start listens. From the message held on, none is answered until answer; 0
// holds none.
func (c *catcher) start(held int) error {
	open := make(chan struct{})
	options := sink.Options{Port: c.port, SaveDir: c.saved, SaveMax: 100, OnReceipt: func(r sink.Receipt) {
		if held > 0 && r.Number >= held {
			<-open
		}
	}}
	var s *sink.Sink
	var err error
	wait(func() bool {
		s, err = sink.Start(options)
		// A process that another script is just starting has a copy of a socket
		// that was closed, for the moment until it is the other program.
		return !errors.Is(err, syscall.EADDRINUSE)
	}, 20*time.Millisecond)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sink, c.open = s, open
	return err
}

func (c *catcher) answer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open != nil {
		close(c.open)
		c.open = nil
	}
}

func (c *catcher) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sink != nil {
		c.sink.Break()
		if c.open != nil {
			close(c.open) // what is held has lost its connection
			c.open = nil
		}
		_ = c.sink.Close() // what it could not save, the script will miss
		c.past = append(c.past, c.sink.Received()...)
		c.sink = nil
	}
}

// received are the receipts of a release, or all where none is named.
func (c *catcher) received(release string) []sink.Receipt {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := slices.Clone(c.past)
	if c.sink != nil {
		all = append(all, c.sink.Received()...)
	}
	return slices.DeleteFunc(all, func(r sink.Receipt) bool { return release != "" && r.Dateline["X-Dateline-Release"] != release })
}

// sinkCommand steers the script's sink and asks it what came.
//
//	sink start [N]            listen; the Nth message and those after it get no answer
//	sink answer               until now
//	sink stop                 break all connections, and listen no more
//	sink waitfor N [RELEASE]  wait until so many came
//	sink has N [RELEASE]      so many came by now, no address twice, and none of them before $LIFT
//	sink list [RELEASE]       print address and language, sorted
func sinkCommand(ts *testscript.TestScript, neg bool, args []string) {
	c := ts.Value(catcherKey{}).(*catcher)
	args = append(args, "", "", "")
	n, err := strconv.Atoi(args[1])
	if err != nil {
		n = -1
	}
	switch {
	case neg:
		ts.Fatalf("usage: sink start|answer|stop|waitfor|has|list")
	case args[0] == "start":
		ts.Check(c.start(max(n, 0)))
	case args[0] == "answer":
		c.answer()
	case args[0] == "stop":
		c.stop()
	case args[0] == "waitfor" && n >= 0:
		if !wait(func() bool { return len(c.received(args[2])) >= n }, 20*time.Millisecond) {
			ts.Fatalf("in vain; %d came", len(c.received(args[2])))
		}
	case args[0] == "has" && n >= 0:
		has(ts, c.received(args[2]), n)
	case args[0] == "list":
		fmt.Fprint(ts.Stdout(), list(c.received(args[1])))
	default:
		ts.Fatalf("usage: sink start|answer|stop|waitfor|has|list")
	}
}

func has(ts *testscript.TestScript, receipts []sink.Receipt, want int) {
	if len(receipts) != want {
		ts.Fatalf("%d came; want %d:\n%s", len(receipts), want, list(receipts))
	}
	notBefore, err := time.Parse(time.RFC3339, ts.Getenv("LIFT"))
	if ts.Getenv("LIFT") != "" {
		ts.Check(err)
	}
	seen := map[string]bool{}
	for _, r := range receipts {
		key := r.Dateline["X-Dateline-Release"] + " " + strings.Join(r.To, " ")
		if seen[key] {
			ts.Fatalf("%s came twice", key)
		}
		seen[key] = true
		if r.Began.Before(notBefore) {
			ts.Fatalf("%s came at %s, before %s", key, r.Began, notBefore)
		}
	}
}

func list(receipts []sink.Receipt) string {
	lines := make([]string, len(receipts))
	for i, r := range receipts {
		lines[i] = strings.Join(r.To, " ") + " " + r.Language + "\n"
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
