package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// crew starts the processes that are measured, or measured against. They end
// with its context, and with bench itself, even where that is killed outright.
type crew struct {
	ctx    context.Context //nolint:containedctx // the life of its processes
	starts chan func()
	dir    string // for what they write
}

// newCrew makes a crew whose processes live no longer than the context.
func newCrew(ctx context.Context, dir string) *crew {
	c := &crew{ctx: ctx, starts: make(chan func()), dir: dir}
	go func() {
		// The system ends a child when the thread ends that started it, so that
		// thread is kept.
		runtime.LockOSThread()
		for {
			select {
			case start := <-c.starts:
				start()
			case <-ctx.Done():
				return
			}
		}
	}()
	return c
}

// process is a running program.
type process struct {
	name  string
	cmd   *exec.Cmd
	out   string // the file that it writes to
	end   context.CancelFunc
	ended chan struct{}
	err   error // how it ended, once it has
}

// start runs a program, with both of its outputs in a file.
func (c *crew) start(name, program string, args ...string) (*process, error) {
	ctx, end := context.WithCancel(c.ctx)
	p := &process{name: name, end: end, ended: make(chan struct{})}
	out, err := os.CreateTemp(c.dir, name+"-*.out")
	if err != nil {
		end()
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	defer func() { _ = out.Close() }() // the process has it, too
	p.out = out.Name()
	p.cmd = exec.CommandContext(ctx, program, args...) //nolint:gosec // bench's own words
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = dieWithUs()
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 20 * time.Second // then it is killed
	started := make(chan error, 1)
	select {
	case c.starts <- func() { started <- p.cmd.Start() }:
		err = <-started
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		end()
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// stop ends the process and waits until it has.
func (p *process) stop() {
	p.end()
	<-p.ended
}

// failed is why a process that should run does not.
func (p *process) failed() error {
	text, err := os.ReadFile(p.out)
	if err != nil {
		return errors.Join(p.err, err)
	}
	const most = 2000
	return fmt.Errorf("%s ended by itself (%w); it said: …%s", p.name, p.err, text[max(0, len(text)-most):])
}

// run runs a program to its end and tells how long that took.
func (c *crew) run(name, program string, args ...string) (time.Duration, error) {
	began := time.Now()
	p, err := c.start(name, program, args...)
	if err != nil {
		return 0, err
	}
	<-p.ended
	took := time.Since(began)
	if p.err != nil {
		return 0, p.failed()
	}
	return took, nil
}

// awaitPort waits until a process takes connections.
func (p *process) awaitPort(ctx context.Context, address string) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.ended:
			return p.failed()
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// freeAddress is one of the loopback interface that nobody listens on just now.
func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// programPath finds a program of Postfix's: where Debian puts it is in the PATH
// of root alone.
func programPath(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	path := "/usr/sbin/" + name
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("there is no %s; `make setup` installs it (Debian: apt-get install postfix)", name)
	}
	return path, nil
}

// peakMiB is the most memory that a running process ever had.
func (p *process) peakMiB() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("reading the memory of %s: %w", p.name, err)
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	var kib float64
	if _, err := fmt.Sscan(after, &kib); err != nil {
		return 0, fmt.Errorf("reading the memory of %s: /proc says no VmHWM: %w", p.name, err)
	}
	return kib / 1024, nil
}
