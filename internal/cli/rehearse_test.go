package cli_test

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// trap is a relay that nobody may so much as connect to.
type trap struct {
	listener net.Listener
	touched  atomic.Int64
}

type trapKey struct{}

// trapCommand puts a trap in the place of the config's relays, and asks it.
//
//	trap set        every relay's port in config/dateline.yaml is the trap's
//	trap untouched  nobody has connected to it
//	trap touched    somebody has
func trapCommand(ts *testscript.TestScript, neg bool, args []string) {
	t := ts.Value(trapKey{}).(*trap)
	if neg || len(args) != 1 {
		ts.Fatalf("usage: trap set|untouched|touched")
	}
	switch n := t.touched.Load(); args[0] {
	case "set":
		ts.Check(t.set(ts))
	case "untouched":
		if n > 0 {
			ts.Fatalf("%d connections came to a relay of the config", n)
		}
	case "touched":
		if !wait(func() bool { return t.touched.Load() > 0 }, 20*time.Millisecond) {
			ts.Fatalf("in vain: nobody has connected")
		}
	default:
		ts.Fatalf("usage: trap set|untouched|touched")
	}
}

func (t *trap) set(ts *testscript.TestScript) error {
	var err error
	if t.listener, err = new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	ts.Defer(func() { _ = t.listener.Close() }) // it ends the loop
	go func() {
		for {
			c, err := t.listener.Accept()
			if err != nil {
				return
			}
			t.touched.Add(1)
			_ = c.Close() // whoever came has come
		}
	}()
	_, port, err := net.SplitHostPort(t.listener.Addr().String())
	if err != nil {
		return err
	}
	return change(ts.MkAbs("config/dateline.yaml"), `port: \d+`, "port: "+port)
}
