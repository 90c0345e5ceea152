// Package resolvetest is a DNS server with a zone of the test's own. It answers
// over UDP and TCP at a port of 127.0.0.1, from a zone file's text:
//
//	srv := resolvetest.Start(t, `
//	paper.example.  MX 10 mx.paper.example.
//	broken.example. TXT "v=spf1 -all"
//	`)
//	srv.Trouble("broken.example", resolvetest.Fails)
//
// What the zone does not have does not exist. The server stops with the test.
package resolvetest

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// Trouble is what a name brings instead of an answer.
type Trouble string

// The kinds of trouble.
const (
	Fails  Trouble = "fails"  // SERVFAIL
	Silent Trouble = "silent" // no answer at all
	Refers Trouble = "refers" // an answer that is another's to give, without it
	Cut    Trouble = "cut"    // over UDP no more than that there is more
)

// Server is a running DNS server.
type Server struct {
	addr    string
	mu      sync.Mutex
	zone    []dns.RR
	trouble map[string]Trouble
	asked   int
}

// Start serves a zone until the test ends.
func Start(t testing.TB, zone string) *Server {
	t.Helper()
	s := &Server{trouble: map[string]Trouble{}}
	s.Zone(t, zone)
	tcp, udp := listen(t)
	s.addr = tcp.Addr().String()
	for _, server := range []*dns.Server{{Listener: tcp, Handler: s}, {PacketConn: udp, Handler: s}} {
		up, done := make(chan struct{}), make(chan struct{})
		server.NotifyStartedFunc = func() { close(up) }
		go func() {
			defer close(done)
			_ = server.ActivateAndServe() // it ends with the test
		}()
		<-up
		t.Cleanup(func() {
			_ = server.Shutdown()
			<-done
		})
	}
	return s
}

// listen takes a port that is free for both.
func listen(t testing.TB) (net.Listener, net.PacketConn) {
	t.Helper()
	var lc net.ListenConfig
	for range 20 {
		tcp, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		udp, err := lc.ListenPacket(t.Context(), "udp", tcp.Addr().String())
		if err == nil {
			return tcp, udp
		}
		_ = tcp.Close() // another has the port for UDP
	}
	t.Fatal("no port is free for both UDP and TCP")
	return nil, nil
}

// Addr is host:port of the server.
func (s *Server) Addr() string { return s.addr }

// Asked is how many questions came.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Zone puts another zone in the place of the one that is served.
func (s *Server) Zone(t testing.TB, zone string) {
	t.Helper()
	var all []dns.RR
	parser := dns.NewZoneParser(strings.NewReader("$TTL 60\n"+zone), ".", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		all = append(all, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatalf("the test's zone: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zone = all
}

// Trouble makes trouble of every question for a name.
func (s *Server) Trouble(name string, what Trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble[dns.Fqdn(name)] = what
}

// ServeDNS answers one question.
func (s *Server) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	name := strings.ToLower(q.Question[0].Name)
	s.mu.Lock()
	s.asked++
	trouble := s.trouble[name]
	s.fill(m, name, q.Question[0].Qtype)
	s.mu.Unlock()
	_, overUDP := w.RemoteAddr().(*net.UDPAddr)
	switch {
	case trouble == Silent:
		return
	case trouble == Fails:
		m.Rcode, m.Answer = dns.RcodeServerFailure, nil
	case trouble == Refers:
		m.Rcode, m.Answer, m.RecursionAvailable = dns.RcodeSuccess, nil, false
	case trouble == Cut && overUDP:
		m.Answer, m.Truncated = nil, true
	}
	_ = w.WriteMsg(m) // who asked may be gone
}

// fill puts in what the zone has, along its aliases.
func (s *Server) fill(m *dns.Msg, name string, kind uint16) {
	const longest = 8
	for range longest {
		exists, alias := false, ""
		for _, rr := range s.zone {
			if !strings.EqualFold(rr.Header().Name, name) {
				continue
			}
			exists = true
			if c, ok := rr.(*dns.CNAME); ok {
				alias = strings.ToLower(c.Target)
			}
			if rr.Header().Rrtype == kind || alias != "" {
				m.Answer = append(m.Answer, rr)
			}
		}
		if !exists {
			m.Rcode = dns.RcodeNameError
		}
		if alias == "" {
			return
		}
		name = alias
	}
}
