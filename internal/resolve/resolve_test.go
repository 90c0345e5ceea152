package resolve_test

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"dateline/internal/press"
	"dateline/internal/resolve"
)

// zone answers for some domains over UDP; what it does not know does not exist,
// and `silent.` gets no answer that counts.
type zone struct {
	conn  net.PacketConn
	asked atomic.Int64
}

func serve(t *testing.T) *zone {
	t.Helper()
	var lc net.ListenConfig
	conn, err := lc.ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	z := &zone{conn: conn}
	done := make(chan struct{})
	go func() {
		defer close(done)
		z.answer()
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return z
}

func (z *zone) answer() {
	buf := make([]byte, 1500)
	for {
		n, from, err := z.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		z.asked.Add(1)
		var m dnsmessage.Message
		if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		z.fill(&m)
		if b, err := m.Pack(); err == nil {
			_, _ = z.conn.WriteTo(b, from) // who asked may be gone
		}
	}
}

func (z *zone) fill(m *dnsmessage.Message) {
	q := m.Questions[0]
	head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: dnsmessage.ClassINET, TTL: 60}
	mx := func(host string) {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.MXResource{Pref: 10, MX: dnsmessage.MustNewName(host)}})
	}
	switch name := q.Name.String(); {
	case name == "paper.example." && q.Type == dnsmessage.TypeMX:
		mx("mx.paper.example.")
	case name == "null.example." && q.Type == dnsmessage.TypeMX:
		mx(".")
	case name == "plain.example." && q.Type == dnsmessage.TypeA:
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}})
	case name == "plain.example.", name == "empty.example.":
	case name == "refused.example.":
		m.RCode = dnsmessage.RCodeServerFailure
	default:
		m.RCode = dnsmessage.RCodeNameError
	}
}

func TestMail(t *testing.T) {
	z := serve(t)
	r := resolve.New(z.conn.LocalAddr().String())
	for domain, want := range map[string]press.DomainFound{
		"paper.example": press.MailMX, "plain.example": press.MailAddress, "null.example": press.MailNull, "empty.example": press.MailNone, "nowhere.example": press.MailNone,
	} {
		if got, err := r.Mail(t.Context(), domain); err != nil || got.Found != want || got.Domain != domain || got.Detail == "" {
			t.Errorf("%s: %+v, %v; want %s", domain, got, err, want)
		}
	}
	// A server that fails says nothing of the domain.
	if got, err := r.Mail(t.Context(), "refused.example"); err == nil || !strings.Contains(err.Error(), "refused.example") {
		t.Errorf("a failing server is taken for %+v", got)
	}
}
