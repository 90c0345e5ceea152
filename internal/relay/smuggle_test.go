package relay_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"dateline/internal/press"
	"dateline/internal/relay"
	"dateline/internal/relay/relaytest"
)

// No message has another one within it: not for a relay that sees the end of the
// data as RFC 5321 has it, and not for one that takes any CR or LF for a line's
// end, for there is none on the wire that is not one.
func TestNoMessageSmugglesAnotherOneOut(t *testing.T) {
	const evil = "MAIL FROM:<evil@press.example>\r\nRCPT TO:<ada@example.org>\r\nDATA\r\nSubject: evil\r\n\r\nb"
	for name, extensions := range map[string][]string{"pipelined": {"PIPELINING"}, "plain": {"8BITMIME"}} {
		for _, end := range []string{"\r\n.\r\n", "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\r\n.\r\r\n", "\n\r.\n\r", "\r\n..\r\n"} {
			s := relaytest.Start(t, relaytest.Script{Extensions: extensions})
			heard, address := overhear(t, s.Addr())
			o := options(s)
			o.Port = address.Port
			session, err := relay.Dial(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			to := []press.Envelope{envelope("ben@example.org"), envelope("cleo@example.org")}
			for i, e := range to {
				var ahead *press.Envelope
				if i == 0 {
					ahead = &to[1]
				}
				if got := session.Send(e, []byte("Subject: x\r\n\r\na"+end+evil+end), ahead); got.State != press.Accepted {
					t.Fatalf("%s, %q: %+v", name, end, got)
				}
			}
			if err := session.Close(); err != nil {
				t.Error(err)
			}
			s.Close()
			if got := s.Messages(); len(got) != 2 || got[0].From+got[1].From != "bounces@conference.example"+"bounces@conference.example" {
				t.Errorf("%s, %q: the relay has %+v", name, end, got)
			}
			wire := heard()
			if strings.ContainsAny(strings.ReplaceAll(wire, "\r\n", ""), "\r\n") {
				t.Errorf("%s, %q: a lone CR or LF on the wire: %q", name, end, wire)
			}
			if got := strings.Count(wire, "\r\n.\r\n"); got != 2 {
				t.Errorf("%s, %q: %d ends of data on the wire: %q", name, end, got, wire)
			}
		}
	}
}

// overhear stands between a session and its relay, and gives every byte that the
// session said, once the relay is closed.
func overhear(t *testing.T, relayAt string) (heard func() string, at *net.TCPAddr) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	var running sync.WaitGroup
	running.Go(func() {
		defer l.Close()
		in, err := l.Accept()
		if err != nil {
			return // the test is over
		}
		out, err := new(net.Dialer).DialContext(t.Context(), "tcp", relayAt)
		if err != nil {
			t.Error(err)
			return
		}
		running.Go(func() { _, _ = io.Copy(in, out); in.Close() }) // until one of them hangs up
		_, _ = io.Copy(io.MultiWriter(out, &said), in)
		out.Close()
	})
	t.Cleanup(func() { l.Close(); running.Wait() })
	return func() string { running.Wait(); return said.String() }, l.Addr().(*net.TCPAddr)
}
