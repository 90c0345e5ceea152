package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"dateline/internal/sink"
)

// connections is how many every sender in the table has.
const connections = 10

// postfix are the two programs that Debian's package postfix has for tests.
type postfix struct {
	crew         *crew
	sink, source string // paths
}

func findPostfix(c *crew) (*postfix, error) {
	sinkPath, err := programPath("smtp-sink")
	if err != nil {
		return nil, err
	}
	sourcePath, err := programPath("smtp-source")
	return &postfix{c, sinkPath, sourcePath}, err
}

// smtpSink is a running smtp-sink: it takes everything and counts it.
type smtpSink struct {
	*process
	address string
}

func (p *postfix) startSink(ctx context.Context) (*smtpSink, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	args := []string{"-c"}
	if os.Getuid() == 0 {
		args = append(args, "-u", "nobody")
	}
	running, err := p.crew.start("smtp-sink", p.sink, append(args, address, "1000")...)
	if err != nil {
		return nil, err
	}
	return &smtpSink{running, address}, running.awaitPort(ctx, address)
}

func (s *smtpSink) port() string { return portOf(s.address) }

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address) // one that we listen on
	return port
}

// finish ends the sink and gives the number of messages that it took.
func (s *smtpSink) finish() (int, error) {
	s.stop()
	text, err := os.ReadFile(s.out)
	if err != nil {
		return 0, fmt.Errorf("reading what smtp-sink counted: %w", err)
	}
	return lastCount(text), os.Remove(s.out)
}

// lastCount reads smtp-sink's running counters (sess=1 quit=0 mesg=7), of which
// the last one holds.
func lastCount(text []byte) int {
	at := bytes.LastIndex(text, []byte("mesg="))
	if at < 0 {
		return 0
	}
	digits, _, _ := bytes.Cut(text[at+len("mesg="):], []byte("\r"))
	n, err := strconv.Atoi(string(bytes.TrimSpace(digits)))
	if err != nil {
		return 0
	}
	return n
}

// send runs smtp-source once, for n messages with a payload of so many bytes.
func (p *postfix) send(address string, n, payload int) (time.Duration, error) {
	return p.crew.run("smtp-source", p.source, "-d", "-s", strconv.Itoa(min(n, connections)), "-m", strconv.Itoa(n),
		"-l", strconv.Itoa(payload), "-f", "bench@conference.example", "-t", "reader@newsroom.example", address)
}

// headerBytes is what smtp-source adds to its payload.
func (p *postfix) headerBytes() (int, error) {
	const payload = 1000
	got := make(chan int, 1)
	catcher, err := sink.Start(sink.Options{OnReceipt: func(r sink.Receipt) { got <- r.Size }})
	if err != nil {
		return 0, err
	}
	if _, err := p.send(catcher.Addr(), 1, payload); err != nil {
		return 0, err
	}
	return <-got - payload, catcher.Close()
}
