package relay_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/relay"
)

// sink is the least that a session can talk to: it answers well and keeps
// nothing, so that what is measured is the session.
func sink(b *testing.B) int {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer c.Close()
				swallow(c)
			})
		}
	})
	b.Cleanup(func() {
		_ = l.Close()
		running.Wait()
	})
	return l.Addr().(*net.TCPAddr).Port
}

func swallow(c net.Conn) {
	in, out := bufio.NewReaderSize(c, 64<<10), bufio.NewWriter(c)
	data := false
	_, _ = io.WriteString(out, "220 sink\r\n")
	for {
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
		line, err := in.ReadSlice('\n')
		if err != nil {
			return
		}
		switch {
		case data && !bytes.Equal(line, []byte(".\r\n")):
			continue
		case data:
			data = false
			_, _ = io.WriteString(out, "250 2.0.0 Ok: queued as 4XyZ\r\n")
		case bytes.HasPrefix(line, []byte("DATA")):
			data = true
			_, _ = io.WriteString(out, "354 go on\r\n")
		case bytes.HasPrefix(line, []byte("EHLO")):
			_, _ = io.WriteString(out, "250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
		default:
			_, _ = io.WriteString(out, "250 2.1.0 Ok\r\n")
		}
	}
}

// usual is a message of 7.5 KB.
func usual() []byte {
	return []byte("Subject: Tashkent\r\n\r\n" + strings.Repeat(strings.Repeat("x", 73)+"\r\n", 100))
}

// post sends n messages over so many connections.
func post(b *testing.B, port, connections, n int, ahead bool) {
	var running sync.WaitGroup
	for c := range connections {
		running.Go(func() {
			s, err := relay.Dial(b.Context(), relay.Options{Name: "sink", Host: "127.0.0.1", Port: port, TLS: "none", Timeout: 30 * time.Second, Now: time.Now})
			if err != nil {
				b.Error(err)
				return
			}
			defer s.Close()
			message := usual()
			of := func(i int) press.Envelope {
				return press.Envelope{From: "bounces@conference.example", To: press.Address(fmt.Sprintf("reader%d-%d@newsroom.example", c, i))}
			}
			share := (n + connections - 1 - c) / connections
			for i := range share {
				var next *press.Envelope
				if e := of(i + 1); ahead && i+1 < share {
					next = &e
				}
				if o := s.Send(of(i), message, next); o.State != press.Accepted {
					b.Errorf("%+v", o)
					return
				}
			}
		})
	}
	running.Wait()
}

// With and without the next transaction in the same write; and to Postfix's
// smtp-sink, where it is installed.
func BenchmarkSend(b *testing.B) {
	bench := func(port int, ahead bool) func(b *testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			post(b, port, 10, b.N, ahead)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		}
	}
	port := sink(b)
	b.Run("sink/ahead", bench(port, true))
	b.Run("sink/alone", bench(port, false))
	postfix, err := smtpSink(b)
	if err != nil {
		b.Skip(err)
	}
	b.Run("smtp-sink/ahead", bench(postfix, true))
	b.Run("smtp-sink/alone", bench(postfix, false))
}

// smtpSink starts Postfix's sink on a free port.
func smtpSink(b *testing.B) (port int, err error) {
	path, err := exec.LookPath("smtp-sink")
	if err != nil {
		return 0, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return 0, err
	}
	command := exec.CommandContext(b.Context(), path, "-u", "nobody", fmt.Sprintf("127.0.0.1:%d", port), "1000")
	if err := command.Start(); err != nil {
		return 0, err
	}
	b.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	for range 100 {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, c.Close()
		}
		<-time.NewTimer(20 * time.Millisecond).C
	}
	return 0, fmt.Errorf("smtp-sink does not listen on port %d", port)
}
